// steep merge analyze PAIR

import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { mergeArgs } from '../../cli/flags/merge-flags.ts';
import { verifyFlags } from '../../cli/flags/verify-flags.ts';
import { catchInterrupts } from '../../cli/interrupts.ts';
import { renderMergeAnalysis } from '../../cli/render/render-merge.ts';
import { conflictFormatOf, openLines } from '../../cli/reports/merge-conflicts.ts';
import { openTextFile } from '../../workflows/files.ts';
import { analyzeMerge, exitOfAnalysis } from '../../workflows/merge/analyze.ts';

export default class MergeAnalyze extends BaseCommand {
  static override summary = 'Compare the nodes of a pair, and show what merging them would do.';

  static override description =
    'Read-only, with no lock but that of a SELECT. Each node is read at one snapshot. Shows for each table how many rows are ' +
    'equal, differ, or are on one node only, and which node loses how many rows by which rule. Exits with 3 if a table ' +
    'cannot be merged.';

  static override examples = [
    '<%= config.bin %> merge analyze us_eu',
    '<%= config.bin %> merge analyze us_eu --tables orders --conflicts conflicts.csv',
  ];

  static override exitCodes = ['refused', 'incomplete', 'invalidFile'] as const;

  static override args = mergeArgs;

  static override flags = {
    tables: verifyFlags.tables,
    conflicts: Flags.string({
      summary: 'Write both rows of each conflict to this file: .csv, .json or .ndjson.',
      helpValue: 'FILE',
    }),
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(MergeAnalyze);
    const style = this.style(flags['no-color']);
    const interrupts = catchInterrupts(
      () => undefined,
      () => undefined,
    );
    const file = openLines(flags.conflicts, conflictFormatOf, openTextFile);
    try {
      const request = {
        file: flags.config,
        pair: args.pair,
        tables: flags.tables ?? null,
        onConflict: file.add,
        signal: interrupts.signal,
      };
      const runtime = this.runtime(flags, interrupts.signal);
      const { diagnostics, report } = await analyzeMerge(request, runtime);
      this.tell(diagnostics, style);
      if (report === null) return this.invalidFile(diagnostics);
      await file.finish();
      this.log(renderMergeAnalysis(report, style));
      process.exitCode = exitOfAnalysis(report);
      return report;
    } finally {
      interrupts.restore();
      await file.discard();
    }
  }
}
