// steep repair SUBSCRIPTION

import { Args, type Interfaces } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { repairFlags } from '../cli/flags/repair-flags.ts';
import { makeProgressLine } from '../cli/progress/progress-line.ts';
import { renderRepair, renderRepairPlan } from '../cli/render/render-repair.ts';
import { verifyProgressText } from '../cli/render/verify-text.ts';
import { repairJson, repairScript } from '../cli/repair-output.ts';
import { catchInterruptsOfWrites, writeRequestOf } from '../cli/write-request.ts';
import type { RunEvent } from '../model/event.ts';
import type { RepairPlan } from '../model/report/repair.ts';
import type { VerificationProgress } from '../model/report/verification.ts';
import { openTextFile, writeText } from '../workflows/files.ts';
import { exitOfRepair, repair } from '../workflows/repair/repair.ts';

export default class Repair extends BaseCommand {
  static override summary =
    'Correct the rows of a subscriber that differ from those of its publisher.';

  static override description =
    'Compares as verify does, shows what would be written, and asks: each table whose rows are overwritten or deleted needs ' +
    'consent. Both sides may be written to meanwhile. Rows of the publisher are locked, some at a time, while theirs are ' +
    'written; each row that is overwritten or deleted is kept in steep_repl.merge_audit_log. Safe to run again: it resumes. ' +
    'Exits with 7 if some rows are left.';

  static override examples = [
    '<%= config.bin %> repair reporting/subscription.sales',
    '<%= config.bin %> repair reporting/subscription.sales --dry-run --report sql=repair.sql',
    '<%= config.bin %> repair reporting/subscription.sales --from differences.csv --rows missing --auto-approve',
  ];

  static override exitCodes = [
    'difference',
    'refused',
    'locked',
    'incomplete',
    'invalidFile',
  ] as const;

  static override args = {
    subscription: Args.string({
      description: 'The subscription, as node/subscription.name, or its name if only one has it.',
      required: true,
    }),
  };

  static override flags = repairFlags;

  async run(): Promise<object> {
    const { flags, args } = await this.parse(Repair);
    const style = this.style(flags['no-color']);
    const interrupts = catchInterruptsOfWrites();
    const line = makeProgressLine(process.stderr, this.jsonEnabled());
    const reports = flags.report ?? [];
    const scripts = reports.flatMap(({ kind, path }) =>
      kind === 'sql' ? [openTextFile(path)] : [],
    );
    try {
      const request = {
        ...writeRequestOf(flags, interrupts),
        ...comparedBy(flags),
        subscription: args.subscription,
        onEvent: (event: RunEvent): void => this.logEvent(event),
        onText: line.showText,
        onProgress: (progress: VerificationProgress) => line.showText(verifyProgressText(progress)),
        onScript: scripts.length === 0 ? null : repairScript(scripts),
        show: (plan: RepairPlan): void => {
          line.end();
          this.log(renderRepairPlan(plan, style));
        },
      };
      const { diagnostics, report } = await repair(request, this.runtime(flags, interrupts.signal));
      line.end();
      this.tell(diagnostics, style);
      if (report === null) return this.invalidFile(diagnostics);
      for (const script of scripts) await script.finish();
      for (const { path } of reports.filter(({ kind }) => kind === 'json')) {
        await writeText(path, repairJson(report));
      }
      this.log(renderRepair(report, style));
      process.exitCode = exitOfRepair[report.outcome];
      return report;
    } finally {
      line.end();
      interrupts.restore();
      for (const script of scripts) await script.discard();
    }
  }
}

/** Which rows are looked at, and how fast. */
const comparedBy = (flags: Interfaces.InferredFlags<typeof repairFlags>) => ({
  from: flags.from ?? null,
  findings: flags.rows,
  jobs: flags.jobs,
  maxRate: flags['max-rate'] ?? null,
});
