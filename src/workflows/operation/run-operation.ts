// An operation: a run that changes nodes and has no plan. It is its body; who it is, its sessions, run locks, events, its line
// in the audit log and its end are here.

import { writeAudit } from '../../metadata/audit.ts';
import { SteepError } from '../../model/errors.ts';
import type { OperationName } from '../../model/event.ts';
import { interruption } from '../../model/plan/interruption.ts';
import type { UnreadNodes } from '../../model/report/read-result.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { type Run, type RunRequest, withRun } from './open-run.ts';

export interface OperationRequest extends RunRequest {
  /** For people. */
  readonly say: (text: string) => void;
}

/** How the end of an operation is told. */
export interface News<Done> {
  readonly failed: (code: string, error: string) => void;
  readonly done: (result: Done) => void;
}

/** Executes an operation that has no events of its own. @throws as runToldOperation does. */
export const runOperation = <Done extends object>(
  operation: OperationName,
  request: OperationRequest,
  runtime: RuntimeEnvironment,
  body: (run: Run) => Promise<Done>,
): Promise<Done> => runToldOperation(operation, request, runtime, operationNews(operation), body);

/**
 * @param newsOf tells how it ends, and is handed to the body, which may tell more.
 * @throws what the body throws; where it was interrupted or lost its run lock, that.
 */
export const runToldOperation = <Done extends object, N extends News<Exclude<Done, UnreadNodes>>>(
  operation: OperationName,
  request: OperationRequest,
  runtime: RuntimeEnvironment,
  newsOf: (run: Run) => N,
  body: (run: Run, news: N) => Promise<Done>,
): Promise<Done> =>
  withRun(request, runtime, async (run) => {
    const news = newsOf(run);
    try {
      const result = await body(run, news);
      const code = isNotRead(result) ? codeOf(result) : null;
      if (isNotRead(result)) news.failed(codeOf(result), reasonOf(result));
      else news.done(result as Exclude<Done, UnreadNodes>);
      await auditOperation(run, operation, code);
      return result;
    } catch (error) {
      const failure = error instanceof SteepError ? error : whyStopped(run, error);
      const code = failure instanceof SteepError ? failure.code : 'INTERNAL_ERROR';
      // The message alone, as on the terminal: a cause could hold a secret.
      news.failed(code, failure instanceof Error ? failure.message : String(failure));
      await auditOperation(run, operation, code);
      throw failure;
    }
  });

const whyStopped = ({ signal }: Run, error: unknown): unknown =>
  signal.aborted ? interruption(signal, error) : error;

/** On each node that it had locked, as far as it can be written there. */
export const auditOperation = async (
  { locked, identity: { runId } }: Run,
  subject: string,
  code: string | null,
): Promise<void> => {
  const line = { runId, event: `operation.${code === null ? 'completed' : 'failed'}`, subject };
  const lines = locked().filter(({ metadata }) => !metadata.closed);
  await Promise.allSettled(
    lines.map(({ metadata }) =>
      writeAudit(metadata, code === null ? line : { ...line, detail: { code } }),
    ),
  );
};

const isNotRead = (result: object): result is UnreadNodes =>
  'outcome' in result && (result.outcome === 'invalid file' || result.outcome === 'unreadable');

const codeOf = ({ outcome }: UnreadNodes): string =>
  outcome === 'unreadable' ? 'NODE_UNREADABLE' : 'INVALID_FILE';

const reasonOf = ({ diagnostics }: UnreadNodes): string =>
  diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ detail }) => detail)
    .join(' ');

const operationNews =
  (operation: OperationName) =>
  ({ emit, runtime: { clock } }: Run): News<object> => {
    const started = clock();
    const took = () => ({ operation, duration_ms: Math.round(clock() - started) });
    emit({ event: 'operation.started', operation });
    return {
      failed: (code, error) => emit({ event: 'operation.failed', ...took(), code, error }, 'error'),
      done: () => emit({ event: 'operation.completed', ...took() }),
    };
  };
