// How a change from the screen is told: its plan, how far it is, and its end. By the renderers of the command line.

import type { Plan } from '../../../model/plan/plan.ts';
import { printable } from '../../../model/printable.ts';
import type {
  VerificationProgress,
  VerificationReport,
} from '../../../model/report/verification.ts';
import type { AppliedRun } from '../../applying-command.ts';
import { renderPlan } from '../../render/plan/render-plan.ts';
import { renderRun } from '../../render/plan/render-run.ts';
import { renderDiagnostics } from '../../render/render-diagnostics.ts';
import { renderVerify } from '../../render/render-verify.ts';
import { codedStyle } from './styled-lines.ts';
import { declined } from './watch-actions.ts';

export const plannedText = (plan: Plan): string => renderPlan(plan, codedStyle);

/** A line for each table that is compared. */
export const verifyLines = (
  say: (text: string) => void,
): ((progress: VerificationProgress) => void) => {
  let before = '';
  return ({ table, tablesDone, tablesTotal }) => {
    if (table === before) return;
    before = table;
    say(`table ${tablesDone + 1} of ${tablesTotal}: ${printable(table)}`);
  };
};

type Findings = AppliedRun['diagnostics'];

interface ToldResult {
  readonly applied: AppliedRun | null;
  readonly verified: {
    readonly diagnostics: Findings;
    readonly report: VerificationReport | null;
  } | null;
}

const invalid = 'The topology file is not valid.';

const appliedText = ({ plan, report, declined: refused }: AppliedRun): string => {
  if (plan === null) return invalid;
  if (refused) return declined;
  return report === null ? 'There is nothing to do.' : renderRun(report, codedStyle);
};

export const actionReport = ({ applied, verified }: ToldResult): string => {
  const diagnostics = applied?.diagnostics ?? verified?.diagnostics ?? [];
  const verifiedText = (): string =>
    verified?.report == null ? invalid : renderVerify(verified.report, codedStyle);
  return [
    ...(diagnostics.length === 0 ? [] : [renderDiagnostics(diagnostics, codedStyle)]),
    applied === null ? verifiedText() : appliedText(applied),
  ].join('\n');
};
