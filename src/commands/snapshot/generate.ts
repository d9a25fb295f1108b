// steep snapshot generate

import { resolve } from 'node:path';
import { Flags, type Interfaces } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import {
  limitFlags,
  timeFlag,
  usage,
  usualLimits,
  waitForLockFlag,
} from '../../cli/flags/flags.ts';
import { assertQueueable, queueFlag, queueOf } from '../../cli/flags/queue-flags.ts';
import {
  nodeChoice,
  nodeChoiceFlags,
  tableFlags,
  wantedTables,
} from '../../cli/flags/schema-flags.ts';
import { catchInterrupts } from '../../cli/interrupts.ts';
import { makeProgressLine } from '../../cli/progress/progress-line.ts';
import { renderQueued } from '../../cli/render/render-operations.ts';
import { renderGenerated } from '../../cli/render/snapshot/render-generated.ts';
import { queueOperation } from '../../workflows/queue/queue-operation.ts';
import {
  type GenerateSnapshotRequest,
  generate,
} from '../../workflows/snapshot/snapshot-generate.ts';

type GenerateFlags = Interfaces.InferredFlags<
  typeof SnapshotGenerate.flags & typeof BaseCommand.baseFlags
>;

const minute = 60_000;

export default class SnapshotGenerate extends BaseCommand {
  static override summary =
    'Write the tables of a node, at one point in time, to a directory or a bucket.';

  static override description =
    'Creates a slot, and writes the tables as they were at its position: schema.sql, rows in chunks, sequences.json, and a ' +
    'manifest with hashes. steep snapshot apply fills any number of nodes from it, and the slot keeps the WAL that ' +
    'they need until steep snapshot delete. Safe to run again: it resumes as long as the exported snapshot is kept.';

  static override examples = [
    '<%= config.bin %> snapshot generate --node primary --publication sales --output /backup/sales',
    '<%= config.bin %> snapshot generate --node primary --output s3://backups/app/2026-12 --compression zstd --jobs 8',
    '<%= config.bin %> snapshot generate --node primary --output /backup/app --sign-with backups.pem',
    '<%= config.bin %> snapshot generate -c postgresql://10.0.0.4/app --schema billing --output billing --no-slot',
  ];

  static override exitCodes = ['refused', 'locked', 'incomplete', 'invalidFile'] as const;

  static override flags = {
    ...nodeChoiceFlags,
    ...tableFlags,
    output: Flags.string({
      summary:
        'Where to write: a directory that is empty or does not exist, or s3://BUCKET/PREFIX.',
      helpValue: 'DIR',
      required: true,
    }),
    publication: Flags.string({
      summary: 'Write what this publication sends; repeatable. Default: all tables.',
      helpValue: 'NAME',
      multiple: true,
      exclusive: ['tables', 'schema'],
    }),
    compression: Flags.string({
      summary: 'none, gzip[:1-9], lz4 or zstd[:1-19].',
      helpValue: 'CODEC',
      default: 'zstd',
    }),
    jobs: Flags.integer({
      summary: 'Connections that read in parallel.',
      helpValue: 'N',
      default: 4,
      min: 1,
      max: 64,
    }),
    'hold-tables': Flags.boolean({
      summary: 'Lock all tables in ACCESS SHARE mode until the last row is read.',
      default: false,
    }),
    slot: Flags.string({
      summary: 'The name of the slot; default: steep_snapshot_ID_HASH.',
      helpValue: 'NAME',
      exclusive: ['no-slot'],
    }),
    'no-slot': Flags.boolean({
      summary: 'Create no slot: no subscription can start from the snapshot.',
    }),
    restart: Flags.boolean({
      summary: 'Discard what an earlier run left in DIR, with its slot, and start over.',
    }),
    hold: timeFlag({
      summary: 'How long the exported snapshot is kept after a run was stopped.',
      default: 15 * minute,
    }),
    queue: queueFlag,
    'slot-timeout': limitFlags['slot-timeout'],
    'wait-for-lock': waitForLockFlag,
    'sign-with': Flags.string({
      summary: 'Sign the manifest with this private key (Ed25519, PEM, readable by you alone).',
      helpValue: 'FILE',
    }),
  };

  async run(): Promise<object> {
    const { flags, metadata } = await this.parse(SnapshotGenerate);
    if (flags.queue) {
      assertQueueable(flags, metadata, ['output', 'compression', 'jobs', 'publication', 'tables']);
      return this.queue(flags);
    }
    const style = this.style(flags['no-color']);
    const line = makeProgressLine(process.stderr, this.jsonEnabled());
    const interrupts = catchInterrupts(
      () => line.say('Interrupted: stored files stay.'),
      () => undefined,
    );
    const request = this.making(flags, line, interrupts.signal);
    try {
      const result = await generate(request, this.runtime(flags, interrupts.signal));
      line.end();
      if (result.outcome !== 'read') return this.notRead(result, style);
      this.log(renderGenerated(result.report, style));
      return result.report;
    } finally {
      line.end();
      interrupts.restore();
    }
  }

  private async queue(flags: GenerateFlags): Promise<object> {
    const { config, node, output, compression, jobs, publication = null, tables = null } = flags;
    if (node === undefined) {
      throw usage('Only a node of steep.yaml has a queue here.', 'Name it with --node NAME.');
    }
    const work = {
      operation: 'snapshot',
      path: /^[a-z0-9]+:\/\//.test(output) ? output : resolve(output),
      compression,
      parallel: jobs,
      publications: publication,
      tables,
    } as const;
    const result = await queueOperation(queueOf(config, node), work, this.runtime(flags));
    return this.printRead(result, flags, renderQueued);
  }

  private making(
    flags: GenerateFlags,
    line: ReturnType<typeof makeProgressLine>,
    signal: AbortSignal,
  ): GenerateSnapshotRequest {
    return {
      file: flags.config,
      node: nodeChoice(flags),
      wanted: wantedTables(flags),
      location: flags.output,
      publications: flags.publication ?? [],
      compression: flags.compression,
      jobs: flags.jobs,
      holdTables: flags['hold-tables'],
      signWith: flags['sign-with'] ?? null,
      slot: flags['no-slot'] ? false : (flags.slot ?? null),
      restart: flags.restart,
      holdMs: flags.hold,
      slotTimeoutMs: flags['slot-timeout'] ?? usualLimits.slotTimeoutMs,
      waitForLockMs: flags['wait-for-lock'],
      signal,
      onProgress: line.show,
      onEvent: (event) => this.logEvent(event),
      say: line.say,
    };
  }
}
