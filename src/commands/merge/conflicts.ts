// steep merge conflicts PAIR

import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { reportFlagOf } from '../../cli/flags/flags.ts';
import { mergeArgs } from '../../cli/flags/merge-flags.ts';
import { verifyFlags } from '../../cli/flags/verify-flags.ts';
import { catchInterrupts } from '../../cli/interrupts.ts';
import { renderConflicts } from '../../cli/render/render-conflicts.ts';
import { renderConflictsHtml } from '../../cli/reports/html/conflicts-html.ts';
import { decisionFormatOf, openLines } from '../../cli/reports/merge-conflicts.ts';
import type { MergeConflict } from '../../model/report/merge.ts';
import { openTextFile, writeText } from '../../workflows/files.ts';
import { analyzeMerge, exitOfAnalysis } from '../../workflows/merge/analyze.ts';

/** On the page; the screen shows fewer. */
const mostHeld = 1000;

export default class MergeConflicts extends BaseCommand {
  static override summary =
    'List the rows in conflict, and write the file in which they are decided by hand.';

  static override description =
    'Read-only, with no lock but that of a SELECT. Shows the keys that both nodes have with different values, and whose row ' +
    'both will have. --out writes those of tables with strategy: manual, one line of JSON each: set `keep` to "a", the row of the ' +
    'first node, or "b", that of the second. Lines of init.decisions are kept as long as their rows are the same. Exits with 3 while a ' +
    'table cannot be merged, as where a conflict is not decided.';

  static override examples = [
    '<%= config.bin %> merge conflicts us_eu --report html=conflicts.html',
    '<%= config.bin %> merge conflicts us_eu --out decisions.ndjson',
  ];

  static override exitCodes = ['refused', 'incomplete', 'invalidFile'] as const;

  static override args = mergeArgs;

  static override flags = {
    tables: verifyFlags.tables,
    out: Flags.string({
      summary: 'Write the conflicts that are decided by hand to this file: .ndjson.',
      helpValue: 'FILE',
    }),
    report: reportFlagOf(['html'] as const)({
      summary: 'Also write a page with the rows of both nodes side by side.',
    }),
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(MergeConflicts);
    const style = this.style(flags['no-color']);
    const interrupts = catchInterrupts(
      () => undefined,
      () => undefined,
    );
    const first: MergeConflict[] = [];
    let total = 0;
    const file = openLines(flags.out, decisionFormatOf, openTextFile);
    try {
      const request = {
        file: flags.config,
        pair: args.pair,
        tables: flags.tables ?? null,
        onConflict: (conflict: MergeConflict) => {
          total += 1;
          if (first.length < mostHeld) first.push(conflict);
          if (conflict.rule.startsWith('manual')) file.add(conflict);
        },
        signal: interrupts.signal,
      };
      const runtime = this.runtime(flags, interrupts.signal);
      const { diagnostics, report } = await analyzeMerge(request, runtime);
      this.tell(diagnostics, style);
      if (report === null) return this.invalidFile(diagnostics);
      await file.finish();
      const list = { total, first };
      if (flags.report !== undefined) {
        await writeText(flags.report.path, renderConflictsHtml(report, list));
      }
      this.log(renderConflicts(report, list, style));
      process.exitCode = exitOfAnalysis(report);
      return { ...report, conflicts: list.first };
    } finally {
      interrupts.restore();
      await file.discard();
    }
  }
}
