// One operation that a worker has taken: run, then ended, given back, or left to the worker that takes it next.

import { setTimeout as delay } from 'node:timers/promises';
import {
  endWork,
  type HeldWork,
  noteRun,
  noteWork,
  type WorkEnding,
} from '../../metadata/queue/end-work.ts';
import { inWords, SteepError } from '../../model/errors.ts';
import type { RunEvent } from '../../model/event.ts';
import { withoutSecrets } from '../../model/known-secrets.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { asciiLines } from '../../model/printable.ts';
import type { QueuedWork, WorkFailure } from '../../model/queue/operation.ts';
import { steepCommand } from '../../model/steep-command.ts';
import {
  backoff,
  operationPause,
  passingOf,
  passingTries,
} from '../../postgres/retry/passing-failures.ts';
import type { Session } from '../../postgres/session.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { runOperationOf, type Working, type WorkSettings } from './operations.ts';

/** Why an operation is to stop: its end was asked for, the worker is to end, or its lease is lost. */
export type StopReason = 'cancelled' | 'worker ends' | 'lease lost';

export interface RunningWork {
  readonly work: QueuedWork;
  readonly stop: (why: StopReason) => void;
  /** Never rejects. */
  readonly ended: Promise<WorkEnding['status'] | 'lost'>;
}

export interface WorkPlace extends WorkSettings {
  readonly runtime: RuntimeEnvironment;
  /** That holds the lease. */
  readonly session: Session;
  readonly lease: number;
  readonly onEvent: (event: RunEvent) => void;
  readonly say: (text: string) => void;
}

/** An operation that waits for its turn looks again after this. */
const yieldedMs = 30_000;

export const startWork = (work: QueuedWork, place: WorkPlace): RunningWork => {
  const controller = new AbortController();
  let stopped: StopReason | null = null;
  const stop = (why: StopReason): void => {
    stopped ??= why;
    controller.abort(why === 'worker ends' ? ExitCode.terminated : ExitCode.interrupted);
  };
  const ended = settle(work, place, controller.signal, () => stopped);
  return { work, stop, ended };
};

const settle = async (
  work: QueuedWork,
  place: WorkPlace,
  signal: AbortSignal,
  whyStopped: () => StopReason | null,
): Promise<WorkEnding['status'] | 'lost'> => {
  const { session, lease, say } = place;
  const name = `Operation ${work.id} (${work.operation} of ${work.node})`;
  say(`${name}: attempt ${work.attempts} of ${work.maxAttempts}.`);
  const failure = await failureOf(work, place, signal);
  const ending = endingOf(work, failure, whyStopped());
  if (!(await writeEnd(session, { id: work.id, lease }, ending))) {
    say(`${name}: the lease is lost; what was not done yet is left to the next worker.`);
    return 'lost';
  }
  const why =
    failure === null || ending.status === 'complete' ? '' : ` ${failure.code}: ${failure.message}`;
  say(`${name}: ${ending.status === 'pending' ? 'back in the queue' : ending.status}.${why}`);
  return ending.status;
};

/**
 * As long as the lease is held, nobody else takes the operation: where its end cannot be written, the session is ended.
 * @returns false: the lease is lost.
 */
const writeEnd = async (session: Session, held: HeldWork, ending: WorkEnding): Promise<boolean> => {
  for (let attempt = 0; attempt < passingTries && !session.closed; attempt += 1) {
    if (attempt > 0) await delay(backoff(attempt));
    // A server with another encoding than UTF-8 cannot hold every message.
    const written = await endWork(session, held, attempt === 0 ? ending : inAscii(ending)).catch(
      () => null,
    );
    if (written !== null) return written;
  }
  await session.terminate().catch(() => session.close());
  return false;
};

const inAscii = (ending: WorkEnding): WorkEnding => {
  if (!('failure' in ending) || ending.failure === null) return ending;
  const { code, message, cures } = ending.failure;
  return {
    ...ending,
    failure: { code, message: asciiLines(message), cures: cures.map(asciiLines) },
  };
};

const failureOf = async (
  work: QueuedWork,
  { session, lease, runtime, ...settings }: WorkPlace,
  signal: AbortSignal,
): Promise<SteepError | null> => {
  const held = { id: work.id, lease };
  const runs = new Set<string>();
  const onEvent: WorkPlace['onEvent'] = (event) => {
    settings.onEvent(event);
    const { run_id: runId } = event;
    if (runId === null || runs.has(runId)) return;
    runs.add(runId);
    // Only a hint to the audit log; the end of the operation is written by itself.
    void noteRun(session, held, runId).catch(() => undefined);
  };
  const own = { ...runtime, interrupt: signal };
  try {
    const note: Working['note'] = (event, detail) => noteWork(session, held, event, detail);
    return await runOperationOf(work, { ...settings, runtime: own, signal, onEvent, note });
  } catch (error) {
    return inWords(error) ?? unexpected(error);
  }
};

const unexpected = (error: unknown): SteepError =>
  new SteepError('INTERNAL_ERROR', error instanceof Error ? error.message : String(error), {
    suggestions: ['Please report this, with the log of the worker: --log-file steep.log'],
    cause: error,
  });

const endingOf = (
  { attempts, maxAttempts }: QueuedWork,
  failure: SteepError | null,
  stopped: StopReason | null,
): WorkEnding => {
  if (failure === null) return { status: 'complete' };
  if (stopped === 'cancelled') return { status: 'cancelled' };
  const said = saidOf(failure);
  if (stopped !== null) return { status: 'pending', failure: null, afterMs: 0, counts: false };
  const passing = passingOf(failure);
  if (passing === 'yields') {
    return { status: 'pending', failure: said, afterMs: yieldedMs, counts: false };
  }
  return passing === 'passes' && attempts < maxAttempts
    ? { status: 'pending', failure: said, afterMs: operationPause(attempts), counts: true }
    : { status: 'failed', failure: said };
};

/** With what is known to help; else where the code is explained. */
const saidOf = ({ code, message, suggestions }: SteepError): WorkFailure => ({
  code,
  message: withoutSecrets(message),
  cures:
    suggestions.length === 0
      ? [steepCommand`steep explain ${code}`]
      : suggestions.map(withoutSecrets),
});
