// steep init auto NODE

import { Flags, type Interfaces } from '@oclif/core';
import { ApplyingCommand } from '../../cli/applying-command.ts';
import type { BaseCommand } from '../../cli/base-command.ts';
import { runExitCodes, runFlags } from '../../cli/flags/apply-flags.ts';
import { checkFlag, holdTablesFlag } from '../../cli/flags/flags.ts';
import {
  assertPublications,
  initPlace,
  initPlaceFlags,
  newEdgeFlags,
} from '../../cli/flags/init-place-flags.ts';
import { scopedInitArgs, sourceFlag } from '../../cli/flags/init-scope-flags.ts';
import { copyMethods } from '../../cli/flags/primitive-flags.ts';
import { allowedTexts, assertQueueable, queueFlag, queueOf } from '../../cli/flags/queue-flags.ts';
import { schemaSyncFlag, schemaSyncOf } from '../../cli/flags/schema-sync-flag.ts';
import { renderQueued } from '../../cli/render/render-operations.ts';
import { initAuto } from '../../workflows/init/init.ts';
import { primitives } from '../../workflows/primitives/change-one.ts';
import { queueOperation } from '../../workflows/queue/queue-operation.ts';

type AutoFlags = Interfaces.InferredFlags<typeof InitAuto.flags & typeof BaseCommand.baseFlags>;

export default class InitAuto extends ApplyingCommand {
  static override summary = 'Fill a node: create its subscriptions, and copy their tables.';

  static override description =
    'Like apply with its subscriptions as targets. Ends when the node is synchronized; run again, it resumes where ' +
    'it was interrupted.';

  static override examples = [
    '<%= config.bin %> init auto reporting',
    '<%= config.bin %> init auto reporting --from primary --workers 8',
    '<%= config.bin %> init auto reporting -c "$REPORTING_URL" --peer-connection "$PRIMARY_URL" --subscription sales --publication sales',
  ];

  static override exitCodes = runExitCodes;

  static override args = scopedInitArgs;

  static override flags = {
    ...sourceFlag,
    ...initPlaceFlags,
    ...newEdgeFlags,
    method: Flags.option({
      summary: 'How the rows come: by steep, by PostgreSQL, or not at all; overrides steep.yaml.',
      options: copyMethods,
    })(),
    workers: Flags.integer({
      summary: 'Connections of a copy on each side; overrides steep.yaml.',
      helpValue: 'N',
      min: 1,
    }),
    force: Flags.boolean({
      summary: 'Empty tables that have rows before the copy fills them; needs consent.',
      default: false,
    }),
    check: checkFlag,
    'hold-tables': holdTablesFlag,
    'schema-sync': schemaSyncFlag,
    queue: queueFlag,
    ...runFlags,
  };

  async run(): Promise<object> {
    const { args, flags, metadata } = await this.parse(InitAuto);
    if (flags.queue) {
      assertQueueable(flags, metadata, ['from', 'method', 'workers', 'allow-hazard']);
      return this.queue(args.node, flags);
    }
    const alone = initPlace(args.node, flags);
    if (alone !== null) return this.withoutFile(alone, flags);
    const { method, workers, force, check, from = null, 'hold-tables': holdTables } = flags;
    const options = {
      prune: false,
      ...(force && { force: true as const }),
      ...(!check && { unchecked: true as const }),
      ...(method === undefined ? {} : { copyMethod: method }),
      ...(workers === undefined ? {} : { copyWorkers: workers }),
      ...(holdTables === undefined ? {} : { holdTables }),
      ...schemaSyncOf(flags),
    };
    return this.onStage(flags, async (stage) => {
      const request = { ...this.runRequest(flags, stage), options };
      return this.finish(await initAuto({ node: args.node, from }, request, stage.host), stage);
    });
  }

  /** As steep replication subscription create, which makes the same plan. */
  private withoutFile(
    { place, name, publications, slot }: NonNullable<ReturnType<typeof initPlace>>,
    flags: AutoFlags,
  ): Promise<object> {
    assertPublications(publications);
    const { method = 'parallel', workers = null } = flags;
    const { schemaSync = null } = schemaSyncOf(flags);
    const copy = { method, workers, schemaSync };
    const subscription = { ...copy, name, publications, slot, enabled: true, options: {} };
    return this.onStage(flags, async (stage) => {
      const { file: _file, ...run } = this.runRequest(flags, stage);
      const asked = { do: 'create-subscription', ...subscription } as const;
      return this.finish(await primitives.apply({ ...run, place, asked }, stage.host), stage);
    });
  }

  private async queue(node: string, flags: AutoFlags): Promise<object> {
    const { config, from = null, method = null, workers = null, 'allow-hazard': allowed } = flags;
    const work = {
      operation: 'init',
      source: from,
      method,
      parallel: workers,
      allowHazards: allowedTexts(allowed),
    } as const;
    const result = await queueOperation(queueOf(config, node), work, this.runtime(flags));
    return this.printRead(result, flags, renderQueued);
  }
}
