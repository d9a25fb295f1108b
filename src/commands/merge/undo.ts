// steep merge undo RUN

import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { undoFlags } from '../../cli/flags/repair-flags.ts';
import { makeProgressLine } from '../../cli/progress/progress-line.ts';
import { renderUndo, renderUndoPlan } from '../../cli/render/render-undo.ts';
import { catchInterruptsOfWrites, writeRequestOf } from '../../cli/write-request.ts';
import type { RunEvent } from '../../model/event.ts';
import type { UndoPlan } from '../../model/report/undo.ts';
import { undoMerge } from '../../workflows/merge/undo/undo.ts';
import { exitOfRepair } from '../../workflows/repair/repair.ts';

export default class MergeUndo extends BaseCommand {
  static override summary = 'Write the rows that a merge has overwritten back, on both nodes.';

  static override description =
    'Shows per table how many rows would be written back, and asks: each table needs consent. A row that was changed or ' +
    'deleted since the merge stays as it is now; rows that were inserted stay on both nodes, and sequences keep their increment. ' +
    'The pair replicates meanwhile, and both nodes may be written to. Each row that is overwritten is kept in ' +
    'steep_repl.merge_audit_log. Safe to run again: it resumes. Exits with 7 if some rows are left.';

  static override examples = [
    '<%= config.bin %> merge undo 01JABCDEFGHJKMNPQRSTVWXYZ0 --dry-run',
    '<%= config.bin %> merge undo 01JABCDEFGHJKMNPQRSTVWXYZ0 --tables orders',
  ];

  static override exitCodes = [
    'difference',
    'refused',
    'locked',
    'incomplete',
    'invalidFile',
  ] as const;

  static override args = {
    run: Args.string({
      description: 'The run of the merge, as steep merge status shows it.',
      required: true,
    }),
  };

  static override flags = undoFlags;

  async run(): Promise<object> {
    const { flags, args } = await this.parse(MergeUndo);
    const style = this.style(flags['no-color']);
    const interrupts = catchInterruptsOfWrites();
    const line = makeProgressLine(process.stderr, this.jsonEnabled());
    try {
      const request = {
        ...writeRequestOf(flags, interrupts),
        run: args.run,
        onEvent: (event: RunEvent): void => this.logEvent(event),
        onText: line.showText,
        show: (plan: UndoPlan): void => {
          line.end();
          this.log(renderUndoPlan(plan, style));
        },
      };
      const runtime = this.runtime(flags, interrupts.signal);
      const { diagnostics, report } = await undoMerge(request, runtime);
      line.end();
      this.tell(diagnostics, style);
      if (report === null) return this.invalidFile(diagnostics);
      this.log(renderUndo(report, style));
      process.exitCode = exitOfRepair[report.outcome];
      return report;
    } finally {
      line.end();
      interrupts.restore();
    }
  }
}
