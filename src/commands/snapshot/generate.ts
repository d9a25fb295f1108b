// steep snapshot generate

import { Flags, type Interfaces } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { limitFlags, timeFlag, usualLimits, waitForLockFlag } from '../../cli/flags/flags.ts';
import {
  nodeChoice,
  nodeChoiceFlags,
  tableFlags,
  wantedTables,
} from '../../cli/flags/schema-flags.ts';
import { catchInterrupts } from '../../cli/interrupts.ts';
import { makeProgressLine } from '../../cli/progress/progress-line.ts';
import { renderGenerated } from '../../cli/render/snapshot/render-generated.ts';
import {
  type GenerateSnapshotRequest,
  generate,
} from '../../workflows/snapshot/snapshot-generate.ts';

const minute = 60_000;

export default class SnapshotGenerate extends BaseCommand {
  static override summary =
    'Write the tables of a node, at one moment, to a directory or a bucket.';

  static override description =
    'Makes a slot, and writes what the tables held where it begins: schema.sql, rows in chunks, sequences.json, and a ' +
    'manifest with hashes. steep snapshot apply brings up any number of nodes from it, and the slot keeps the WAL that ' +
    'they need until steep snapshot delete. Stopped or killed, the same command goes on while the moment is held.';

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
      summary: 'Where to write: a directory that is empty or not there, or s3://BUCKET/PREFIX.',
      helpValue: 'DIR',
      required: true,
    }),
    publication: Flags.string({
      summary: 'Take what this publication sends; may be repeated. All tables unless told.',
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
      summary: 'Connections that read at once.',
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
      summary: 'The name of the slot; steep_snapshot_ID_HASH unless told.',
      helpValue: 'NAME',
      exclusive: ['no-slot'],
    }),
    'no-slot': Flags.boolean({
      summary: 'Make no slot: no subscription can begin where the snapshot ends.',
    }),
    restart: Flags.boolean({
      summary: 'Give up what an earlier run has left in DIR, with its slot, and begin anew.',
    }),
    hold: timeFlag({
      summary: 'How long the moment is held for a run that was stopped.',
      default: 15 * minute,
    }),
    'slot-timeout': limitFlags['slot-timeout'],
    'wait-for-lock': waitForLockFlag,
    'sign-with': Flags.string({
      summary: 'Sign the manifest with this private key (Ed25519, PEM, readable by you alone).',
      helpValue: 'FILE',
    }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(SnapshotGenerate);
    const style = this.style(flags['no-color']);
    const line = makeProgressLine(process.stderr, this.jsonEnabled());
    const interrupts = catchInterrupts(
      () => line.say('Interrupted: what is stored stays.'),
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
  private making(
    flags: Interfaces.InferredFlags<typeof SnapshotGenerate.flags & typeof BaseCommand.baseFlags>,
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
