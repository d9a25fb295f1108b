// steep init reset NODE

import { Flags, type Interfaces } from '@oclif/core';
import { ApplyingCommand } from '../../cli/applying-command.ts';
import type { BaseCommand } from '../../cli/base-command.ts';
import { runExitCodes, runFlags } from '../../cli/flags/apply-flags.ts';
import { initPlace, initPlaceFlags } from '../../cli/flags/init-place-flags.ts';
import {
  initScope,
  scopedInitArgs,
  scopeFlags,
  sourceFlag,
} from '../../cli/flags/init-scope-flags.ts';
import { copyMethods } from '../../cli/flags/primitive-flags.ts';
import { schemaSyncFlag, schemaSyncOf } from '../../cli/flags/schema-sync-flag.ts';
import { initReset } from '../../workflows/init/init.ts';
import { primitives } from '../../workflows/primitives/change-one.ts';

type ResetFlags = Interfaces.InferredFlags<typeof InitReset.flags & typeof BaseCommand.baseFlags>;

/** With steep.yaml, the file says it. */
const resetFlags = {
  method: Flags.option({
    summary: 'Without steep.yaml: how the rows come; default: parallel.',
    options: copyMethods,
    dependsOn: ['peer-connection'],
  })(),
  workers: Flags.integer({
    summary: 'Without steep.yaml: connections of a parallel copy on each side; default: 4.',
    helpValue: 'N',
    min: 1,
    dependsOn: ['peer-connection'],
  }),
};

export default class InitReset extends ApplyingCommand {
  static override summary = 'Empty tables of a node and copy them again.';

  static override description =
    'With --tables or --schema, the other tables continue, and so do other subscribers. With --full, the subscription ' +
    'and its slot are created again. Like plan and apply with --reinit. Safe to run again: it resumes.';

  static override examples = [
    '<%= config.bin %> init reset reporting --tables public.orders,public.refunds',
    '<%= config.bin %> init reset reporting --from primary --schema billing',
    '<%= config.bin %> init reset reporting --full',
  ];

  static override exitCodes = runExitCodes;

  static override args = scopedInitArgs;

  static override flags = {
    ...sourceFlag,
    ...initPlaceFlags,
    ...resetFlags,
    ...scopeFlags,
    'schema-sync': schemaSyncFlag,
    ...runFlags,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(InitReset);
    const choice = { node: args.node, from: flags.from ?? null, wanted: initScope(flags) };
    const alone = initPlace(args.node, flags);
    if (alone !== null) return this.withoutFile(alone, choice.wanted, flags);
    return this.onStage(flags, async (stage) => {
      const request = {
        ...this.runRequest(flags, stage),
        options: { prune: false, ...schemaSyncOf(flags) },
      };
      return this.finish(await initReset(choice, request, stage.host), stage);
    });
  }

  private withoutFile(
    { place, name }: NonNullable<ReturnType<typeof initPlace>>,
    wanted: ReturnType<typeof initScope>,
    flags: ResetFlags,
  ): Promise<object> {
    const { method = 'parallel', workers = null } = flags;
    const { schemaSync = null } = schemaSyncOf(flags);
    return this.onStage(flags, async (stage) => {
      const { file: _file, ...run } = this.runRequest(flags, stage);
      const asked = { do: 'reset', name, wanted, method, workers, schemaSync } as const;
      return this.finish(await primitives.apply({ ...run, place, asked }, stage.host), stage);
    });
  }
}
