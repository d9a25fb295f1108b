// Why an operation did not succeed, from what its workflow returns: one error, with its cure.

import { type Diagnostic, hasErrors } from '../../model/diagnostic.ts';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { RunReport } from '../../model/plan/run-report.ts';
import type { VerificationReport } from '../../model/report/verification.ts';
import { steepCommand } from '../../model/steep-command.ts';
import type { ApplyResult } from '../apply/apply-request.ts';

/** Of the file of the worker, or of a node that was not read. */
export const failureOfFile = (diagnostics: readonly Diagnostic[]): SteepError => {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const code = errors[0]?.code ?? 'INVALID_FILE';
  return new SteepError(code, errors.map(({ detail }) => detail).join('\n'), {
    exit: ExitCode.invalidFile,
    suggestions: errors.flatMap(({ suggestions }) => suggestions ?? []),
  });
};

/** Null: it is done, or there was nothing to do. */
export const failureOfRun = ({ plan, report, diagnostics }: ApplyResult): SteepError | null => {
  if (plan === null && hasErrors(diagnostics)) return failureOfFile(diagnostics);
  return report === null || report.exit === ExitCode.done ? null : failureOfReport(report);
};

const failureOfReport = ({ steps, behind, exit }: RunReport): SteepError => {
  const failed = steps.find(({ error }) => error !== null);
  const { code, message, suggestions } = failed?.error ?? {
    code: 'NOT_CONVERGED',
    message: behind.join(' ') || 'Replication has not converged in time.',
    suggestions: ['steep status'],
  };
  return new SteepError(code, message, { exit, suggestions });
};

/** Null: the rows are the same. */
export const failureOfVerification = ({
  outcome,
  edges,
}: VerificationReport): SteepError | null => {
  if (outcome === 'equal' || outcome === 'counted') return null;
  const tables = edges.flatMap((edge) =>
    edge.tables
      .filter((table) => table.outcome === outcome)
      .map(({ table }) => `${edge.address}: ${table}`),
  );
  const errors = edges.flatMap((edge) =>
    [edge, ...edge.tables].flatMap(({ error }) => error ?? []),
  );
  const [error] = errors;
  if (outcome === 'unread' && error !== undefined) {
    return new SteepError(error.code, error.message, { exit: ExitCode.incomplete });
  }
  const suggestions = edges.map(({ address }) => steepCommand`steep verify ${address}`);
  return outcome === 'unsettled'
    ? new SteepError(
        'ROWS_UNSETTLED',
        `Rows changed until the time was over: ${tables.join(', ')}.`,
        {
          exit: ExitCode.incomplete,
          suggestions,
        },
      )
    : new SteepError(
        'ROWS_DIFFER',
        `Rows differ from those of the publisher: ${tables.join(', ')}.`,
        {
          exit: ExitCode.difference,
          suggestions,
        },
      );
};
