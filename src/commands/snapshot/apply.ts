// steep snapshot apply

import { resolve } from 'node:path';
import { Flags, type Interfaces } from '@oclif/core';
import { ApplyingCommand } from '../../cli/applying-command.ts';
import { confirmLoss } from '../../cli/approve.ts';
import type { BaseCommand } from '../../cli/base-command.ts';
import { runExitCodes, runFlags } from '../../cli/flags/apply-flags.ts';
import { checkFlag, expectSha256Flag, usage } from '../../cli/flags/flags.ts';
import { allowedTexts, assertQueueable, queueFlag, queueOf } from '../../cli/flags/queue-flags.ts';
import { nodeChoice, nodeChoiceFlags } from '../../cli/flags/schema-flags.ts';
import { catchInterrupts } from '../../cli/interrupts.ts';
import { makeProgressLine } from '../../cli/progress/progress-line.ts';
import { renderQueued } from '../../cli/render/render-operations.ts';
import {
  renderSchemaDangers,
  renderStatements,
} from '../../cli/render/schema/render-definitions.ts';
import {
  renderEmptied,
  renderLoaded,
  verifyingText,
} from '../../cli/render/snapshot/render-snapshot.ts';
import { queueOperation } from '../../workflows/queue/queue-operation.ts';
import { snapshotApply } from '../../workflows/snapshot/snapshot-apply.ts';
import { type LoadSnapshotRequest, loadStored } from '../../workflows/snapshot/snapshot-load.ts';

type ApplyFlags = Interfaces.InferredFlags<
  typeof SnapshotApply.flags & typeof BaseCommand.baseFlags
>;

/** What an operation in the queue has of the flags. */
const carried = ['input', 'create-subscription', 'jobs', 'check', 'allow-hazard'];

/** A bucket, or an absolute path. */
const locationOf = (input: string): string =>
  /^[a-z0-9]+:\/\//.test(input) ? input : resolve(input);

const nameOf = ({ node, as }: ApplyFlags): string => node ?? as;

/** Subscriptions and the queue are those of steep.yaml. @throws SteepError USAGE (exit 64). */
const nodeOfFile = ({ node }: ApplyFlags): string => {
  if (node !== undefined) return node;
  throw usage('This needs steep.yaml.', 'Name the node with --node NAME.');
};

/** Without a plan, dangers are of the whole node. */
const nodeAddress = (flags: ApplyFlags): string => `${nameOf(flags)}/node.${nameOf(flags)}`;

/** Given with --allow-hazard. */
const isListed = (flags: ApplyFlags, code: string, address: string): boolean =>
  (flags['allow-hazard'] ?? []).some(
    (allowed) => allowed.code === code && allowed.address === address,
  );

/** Connections that load at once. */
const usualJobs = 4;

export default class SnapshotApply extends ApplyingCommand {
  static override summary =
    'Fill a node from a snapshot, and optionally create the subscriptions that continue from it.';

  static override description =
    'Every file is verified first. By default, only rows are loaded: run again, it resumes where it was interrupted. With ' +
    '--create-subscription: like apply with subscriptions as targets, and with init: { method: two_phase } instead of ' +
    'their init in steep.yaml: those that read only publications of the snapshot.';

  static override examples = [
    '<%= config.bin %> snapshot apply --node reporting --input /backup/sales',
    '<%= config.bin %> snapshot apply --node reporting --input /backup/sales --create-subscription',
    '<%= config.bin %> snapshot apply --node reporting --input s3://backups/sales --schema-sync auto --jobs 8',
    '<%= config.bin %> snapshot apply -c "$REPORTING_URL" --input /backup/sales',
  ];

  static override exitCodes = runExitCodes;

  static override flags = {
    ...nodeChoiceFlags,
    as: Flags.string({
      summary: 'What to call the node of --connection.',
      helpValue: 'NAME',
      default: 'target',
    }),
    input: Flags.string({
      summary: 'The location of the snapshot: a directory, or s3://BUCKET/PREFIX.',
      helpValue: 'DIR',
      required: true,
    }),
    'create-subscription': Flags.boolean({
      summary: 'Also create the subscriptions of the node that continue from the snapshot.',
    }),
    jobs: Flags.integer({
      summary: 'Connections that load in parallel; overrides steep.yaml.',
      helpValue: 'N',
      min: 1,
      max: 64,
    }),
    force: Flags.boolean({
      summary: 'First empty tables that have other rows; needs consent.',
      default: false,
    }),
    'schema-sync': Flags.option({
      summary: 'What to do with tables that differ; overrides steep.yaml.',
      options: ['strict', 'auto', 'manual'] as const,
    })(),
    check: checkFlag,
    'expect-sha256': expectSha256Flag,
    queue: queueFlag,
    ...runFlags,
  };

  async run(): Promise<object> {
    const { flags, metadata } = await this.parse(SnapshotApply);
    if (flags.queue) {
      assertQueueable(flags, metadata, carried);
      return this.queue(flags);
    }
    return flags['create-subscription'] ? this.subscribe(flags) : this.load(flags);
  }

  private async queue(flags: ApplyFlags): Promise<object> {
    const { config, input, jobs = null, check: verify, 'allow-hazard': allowed } = flags;
    if (!flags['create-subscription']) {
      throw usage(
        'A worker loads a snapshot for the subscriptions that continue from it.',
        'Add --create-subscription, or run the command without --queue.',
      );
    }
    const work = {
      operation: 'apply',
      path: locationOf(input),
      parallel: jobs,
      verify,
      planId: null,
      allowHazards: allowedTexts(allowed),
    } as const;
    const result = await queueOperation(
      queueOf(config, nodeOfFile(flags)),
      work,
      this.runtime(flags),
    );
    return this.printRead(result, flags, renderQueued);
  }

  /** A run of apply. */
  private async subscribe(flags: ApplyFlags): Promise<object> {
    const { input, jobs, force, check, 'schema-sync': schemaSync } = flags;
    const node = nodeOfFile(flags);
    const location = locationOf(input);
    const options = {
      prune: false,
      ...(force && { force: true as const }),
      ...(!check && { unchecked: true as const }),
      ...(jobs === undefined ? {} : { copyWorkers: jobs }),
      ...(schemaSync === undefined ? {} : { schemaSync }),
    };
    return this.onStage(flags, async (stage) => {
      const request = { ...this.runRequest(flags, stage), options };
      const choice = { node, location, expectSha256: flags['expect-sha256'] ?? null };
      return this.finish(await snapshotApply(choice, request, stage.host), stage);
    });
  }

  /** Rows alone. */
  private async load(flags: ApplyFlags): Promise<object> {
    const style = this.style(flags['no-color']);
    const line = makeProgressLine(process.stderr, this.jsonEnabled());
    const interrupts = catchInterrupts(
      () => line.say('Interrupted: loaded rows stay.'),
      () => undefined,
    );
    const request = this.loading(flags, line, interrupts.signal);
    try {
      const result = await loadStored(request, this.runtime(flags, interrupts.signal));
      line.end();
      if (result.outcome !== 'read') return this.notRead(result, style);
      this.log(renderLoaded(result.report));
      return result.report;
    } finally {
      line.end();
      interrupts.restore();
    }
  }

  private loading(
    flags: ApplyFlags,
    line: ReturnType<typeof makeProgressLine>,
    signal: AbortSignal,
  ): LoadSnapshotRequest {
    return {
      file: flags.config,
      node: { ...nodeChoice(flags), as: nameOf(flags) },
      location: flags.input,
      expectSha256: flags['expect-sha256'] ?? null,
      jobs: flags.jobs ?? usualJobs,
      force: flags.force,
      check: flags.check,
      allowsForeignCode: isListed(flags, 'RUNS_FOREIGN_CODE', nodeAddress(flags)),
      schemaSync: flags['schema-sync'] ?? 'strict',
      waitForLockMs: flags['wait-for-lock'],
      signal,
      confirm: (tables) => {
        this.log(renderEmptied(nameOf(flags), tables));
        return this.mayEmpty(flags, signal);
      },
      show: (statements) => this.log(renderStatements(nameOf(flags), statements)),
      agree: (hazards) => this.agree(flags, hazards, signal),
      onVerify: (progress) => line.showText(verifyingText(progress)),
      onProgress: line.show,
      onEvent: (event) => this.logEvent(event),
      say: line.say,
    };
  }

  /** All of them are shown; what was not allowed on the command line is asked for one by one. */
  private async agree(
    flags: ApplyFlags,
    hazards: Parameters<LoadSnapshotRequest['agree']>[0],
    signal: AbortSignal,
  ): Promise<boolean> {
    this.log(renderSchemaDangers(hazards));
    const terminal = { input: process.stdin, output: process.stdout };
    for (const { code, address } of hazards) {
      const isAllowed = isListed(flags, code, address);
      if (!(await confirmLoss(code, address, isAllowed, terminal, signal))) return false;
    }
    return true;
  }

  private mayEmpty(flags: ApplyFlags, signal: AbortSignal): Promise<boolean> {
    const address = nodeAddress(flags);
    const isAllowed = isListed(flags, 'TARGET_TRUNCATE', address);
    const terminal = { input: process.stdin, output: process.stdout };
    return confirmLoss('TARGET_TRUNCATE', address, isAllowed, terminal, signal);
  }
}
