// steep merge status PAIR

import { BaseCommand } from '../../cli/base-command.ts';
import { mergeArgs } from '../../cli/flags/merge-flags.ts';
import { catchInterrupts } from '../../cli/interrupts.ts';
import { renderMergeStatus } from '../../cli/render/render-merge.ts';
import { mergeStatus } from '../../workflows/merge/merge-record.ts';

export default class MergeStatusCommand extends BaseCommand {
  static override summary = 'Show how far the merge of a pair is, and its runs.';

  static override description =
    'Read-only. Says what finishes a merge that was interrupted, and lists the runs that both nodes have on record.';

  static override examples = ['<%= config.bin %> merge status us_eu'];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override args = mergeArgs;

  async run(): Promise<object> {
    const { args, flags } = await this.parse(MergeStatusCommand);
    const style = this.style(flags['no-color']);
    const interrupts = catchInterrupts(
      () => undefined,
      () => undefined,
    );
    try {
      const { signal } = interrupts;
      const request = { file: flags.config, pair: args.pair, signal };
      const { diagnostics, report } = await mergeStatus(request, this.runtime(flags, signal));
      this.tell(diagnostics, style);
      if (report === null) return this.invalidFile(diagnostics);
      this.log(renderMergeStatus(report, style));
      return report;
    } finally {
      interrupts.restore();
    }
  }
}
