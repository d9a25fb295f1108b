// steep merge audit PAIR

import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { mergeArgs } from '../../cli/flags/merge-flags.ts';
import { verifyFlags } from '../../cli/flags/verify-flags.ts';
import { catchInterrupts } from '../../cli/interrupts.ts';
import { renderMergeAudit } from '../../cli/render/render-merge.ts';
import { auditFormatOf, openLines } from '../../cli/reports/merge-conflicts.ts';
import { openTextFile } from '../../workflows/files.ts';
import { auditMerge } from '../../workflows/merge/merge-record.ts';

export default class MergeAuditCommand extends BaseCommand {
  static override summary = 'Show which rows a merge has overwritten, and write them to a file.';

  static override description =
    'Read-only. Counts the rows that lost, by node, table and rule. --out writes each of them whole, as it was before: they ' +
    'hold values, so that only the role that owns steep_repl may read them.';

  static override examples = [
    '<%= config.bin %> merge audit us_eu',
    '<%= config.bin %> merge audit us_eu --tables orders --out lost.csv',
  ];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override args = mergeArgs;

  static override flags = {
    run: Flags.string({
      summary: 'Of this run; default: the last one that has written rows.',
      helpValue: 'RUN',
    }),
    tables: verifyFlags.tables,
    out: Flags.string({
      summary: 'Write the rows to this file: .csv, .json or .ndjson.',
      helpValue: 'FILE',
    }),
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(MergeAuditCommand);
    const style = this.style(flags['no-color']);
    const interrupts = catchInterrupts(
      () => undefined,
      () => undefined,
    );
    const file = openLines(flags.out, auditFormatOf, openTextFile);
    try {
      const request = {
        file: flags.config,
        pair: args.pair,
        run: flags.run ?? null,
        tables: flags.tables ?? null,
        onEntry: file.add,
        signal: interrupts.signal,
      };
      const runtime = this.runtime(flags, interrupts.signal);
      const { diagnostics, report } = await auditMerge(request, runtime);
      this.tell(diagnostics, style);
      if (report === null) return this.invalidFile(diagnostics);
      await file.finish();
      this.log(renderMergeAudit(report));
      return report;
    } finally {
      interrupts.restore();
      await file.discard();
    }
  }
}
