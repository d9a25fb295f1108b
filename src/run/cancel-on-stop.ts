// Ends the statements of a step whose run stops by itself (its lock is lost): they would run, or wait for a lock, for as long
// as they are allowed to, and their COMMIT would be refused.

import { setTimeout as delay } from 'node:timers/promises';
import type { RunContext } from '../executors/executor.ts';
import { stopReason } from '../model/plan/interruption.ts';
import type { Step } from '../model/step/step.ts';
import type { Session } from '../postgres/session.ts';

/** Between two attempts: the next statement of the step may have begun since the last one. */
const everyMs = 500;

const cancelAll = async (sessions: ReadonlySet<Session>): Promise<void> => {
  const open = [...sessions].filter(({ closed }) => !closed);
  await Promise.all(open.map((session) => session.cancel().catch(() => undefined)));
};

/**
 * Runs the body of a step. An interrupt by the user does not cancel what runs: it is waited for, as its end is short. No
 * cancel is under way when this returns, so none hits a later statement of the same session.
 */
export const cancellingOnStop = async (
  { node }: Step,
  { signal, session, metadata }: RunContext,
  body: () => Promise<void>,
): Promise<void> => {
  const sessions = new Set([session(node), metadata(node)]);
  const over = new AbortController();
  const cancelling: Promise<void>[] = [];
  const cancelUntilOver = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await cancelAll(sessions);
      await delay(everyMs, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  const onAbort = (): void => {
    if (stopReason(signal) !== null) cancelling.push(cancelUntilOver());
  };
  signal.addEventListener('abort', onAbort);
  try {
    await body();
  } finally {
    over.abort();
    signal.removeEventListener('abort', onAbort);
    await Promise.all(cancelling);
  }
};
