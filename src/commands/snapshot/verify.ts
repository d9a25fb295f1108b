// steep snapshot verify --input PLACE

import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { expectSha256Flag, verifyWithFlag } from '../../cli/flags/flags.ts';
import { catchInterrupts } from '../../cli/interrupts.ts';
import { makeProgressLine } from '../../cli/progress/progress-line.ts';
import { renderVerified, verifyingText } from '../../cli/render/snapshot/render-snapshot.ts';
import { verifyStored } from '../../workflows/snapshot/snapshot-show.ts';

export default class SnapshotVerify extends BaseCommand {
  static override summary =
    'Read and hash every file of a snapshot, and list the files that were changed.';

  static override description =
    'Needs no server. Exits with 3 if a file is damaged, missing, a link, or not part of the snapshot: steep snapshot ' +
    'apply would refuse it.';

  static override examples = [
    '<%= config.bin %> snapshot verify --input /backups/sales',
    '<%= config.bin %> snapshot verify --input s3://backups/sales --jobs 8 --json',
    '<%= config.bin %> snapshot verify --input /backups/sales --verify-with backups.pub.pem',
  ];

  static override exitCodes = ['refused'] as const;

  static override flags = {
    input: Flags.string({
      summary: 'The directory, or s3://BUCKET/PREFIX.',
      helpValue: 'PLACE',
      required: true,
    }),
    jobs: Flags.integer({
      summary: 'Files that are read in parallel.',
      min: 1,
      max: 64,
      default: 4,
    }),
    'expect-sha256': expectSha256Flag,
    'verify-with': verifyWithFlag,
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(SnapshotVerify);
    const style = this.style(flags['no-color']);
    const interrupts = catchInterrupts(
      () => undefined,
      () => undefined,
    );
    const line = makeProgressLine(process.stderr, this.jsonEnabled());
    try {
      const report = await verifyStored(flags.input, {
        jobs: flags.jobs,
        expectSha256: flags['expect-sha256'] ?? null,
        verifyWith: flags['verify-with'] ?? null,
        signal: interrupts.signal,
        onProgress: (progress) => line.showText(verifyingText(progress)),
      });
      line.end();
      this.log(renderVerified(report, style));
      if (!report.whole) this.endWith('refused');
      return report;
    } finally {
      line.end();
      interrupts.restore();
    }
  }
}
