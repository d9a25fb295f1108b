// steep plan

import { Flags, type Interfaces } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { renderFailure } from '../cli/failure.ts';
import {
  choiceFlags,
  consentFlags,
  givenLimits,
  limitFlags,
  planOptionsOf,
  reportFlagOf,
  skipConnectionsFlag,
  usualLimits,
  verifyWithFlag,
} from '../cli/flags/flags.ts';
import { probeFlag } from '../cli/flags/probe-flag.ts';
import { sayOnStderr } from '../cli/output.ts';
import { hasDifference, planReportKinds, planReportText } from '../cli/plan-output.ts';
import { renderPlan } from '../cli/render/plan/render-plan.ts';
import type { RunEvent } from '../model/event.ts';
import type { Plan as PlanValue } from '../model/plan/plan.ts';
import { blockedBy, refusalOf } from '../workflows/apply/apply-gate.ts';
import { writeText } from '../workflows/files.ts';
import { plan } from '../workflows/plan/plan.ts';

type Ending = Pick<
  Interfaces.InferredFlags<typeof Plan.flags>,
  'allow-hazard' | 'detailed-exitcode' | 'strict'
>;

export default class Plan extends BaseCommand {
  static override summary = 'Compare steep.yaml with the servers, and print what apply would do.';

  static override description =
    'Read-only: sends only SELECT, EXPLAIN of what would be copied, and PREPARE for row filters that are new; needs no DDL rights, and takes no lock that a read or a write waits for.';

  static override examples = [
    '<%= config.bin %> plan',
    '<%= config.bin %> plan --out change.plan --report markdown=plan.md',
    '<%= config.bin %> plan --report html=plan.html --report junit=plan.xml',
    '<%= config.bin %> plan --detailed-exitcode',
    '<%= config.bin %> plan --target reporting/subscription.sales',
  ];

  static override exitCodes = ['difference', 'refused', 'incomplete', 'invalidFile'] as const;

  static override flags = {
    out: Flags.string({ summary: 'Write the plan to a file, for apply.', helpValue: 'FILE' }),
    report: reportFlagOf(planReportKinds)({
      summary: 'Also write a report; repeatable.',
      multiple: true,
    }),
    ...choiceFlags,
    ...consentFlags,
    ...limitFlags,
    probe: probeFlag,
    'verify-with': verifyWithFlag,
    'detailed-exitcode': Flags.boolean({
      summary: 'Exit with 2 if there is a difference, with 3 if the plan is blocked.',
    }),
    'skip-connections': skipConnectionsFlag,
    summary: Flags.boolean({
      summary: 'Print only the summary and the last line.',
      exclusive: ['sql'],
    }),
    sql: Flags.boolean({ summary: 'Print the statements as a script instead of the table.' }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(Plan);
    const { out = null, sql, summary } = flags;
    const limits = { ...usualLimits, ...givenLimits(flags) };
    const request = {
      file: flags.config,
      options: { ...planOptionsOf(flags), limits, probe: flags.probe },
      out,
      skipConnections: flags['skip-connections'],
    };
    const runtime = this.runtime(flags);
    const onEvent = (event: RunEvent): void => this.logFile?.write(event);
    const result = await plan({ ...request, onEvent }, runtime);
    const style = this.style(flags['no-color']);
    this.tell(result.diagnostics, style);
    const { plan: made, document, graph } = result;
    if (made === null || document === null || graph === null)
      return this.invalidFile(result.diagnostics);

    const differenceFails = flags['detailed-exitcode'] === true;
    for (const { kind, path } of flags.report ?? []) {
      const report = planReportText(kind, { plan: made, document, graph, differenceFails });
      await writeText(path, report);
    }
    this.log(renderPlan(made, style, { sql, summary }));
    this.finish(made, flags);
    return JSON.parse(document) as object;
  }

  /** What is unknown outranks what would be refused, and that outranks a difference. */
  private finish(made: PlanValue, flags: Ending): void {
    const consent = { allowed: flags['allow-hazard'] ?? [], strict: true };
    const differs = flags['detailed-exitcode'] && hasDifference(made);
    const refusal = flags.strict ? refusalOf(made, consent) : differs ? blockedBy(made) : null;
    // Not `logToStderr`, which says nothing under --json.
    if (refusal !== null) sayOnStderr(renderFailure(refusal));
    if (this.endUnread(made.errors.map(({ code }) => code))) return;
    if (refusal !== null) this.endWith('refused');
    else if (differs) this.endWith('difference');
  }
}
