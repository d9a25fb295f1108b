// Statements of a step that wait for a table lock: they give up after a short time, let the queue behind them continue,
// and are sent again; the session that holds the lock is named.

import type { RunContext } from '../executors/executor.ts';
import { lockWaitPolicy } from '../executors/lock-wait-policy.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import type { Step } from '../model/step/step.ts';
import { isLockFailure, isSerializationFailure } from '../postgres/failures.ts';
import { tryAgain } from '../postgres/retry/try-again.ts';
import { watchLocks } from '../postgres/retry/watch-locks.ts';
import { doingOf } from './step-failure.ts';

/** Runs the body until it gets its locks; at most `lockRetries` more times. @throws SteepError, as of the step. */
export const withLockRetries = async (
  step: Step,
  context: RunContext,
  body: () => Promise<void>,
): Promise<void> => {
  const locks = watchLocks(lockWaitPolicy(step, context));
  const session = context.session(step.node);
  const trial = {
    node: step.node,
    doing: doingOf(step),
    sessions: () => [session],
    locks,
    sleep: context.sleep,
    recover: async () => !session.closed,
    lockedExit: ExitCode.error,
  };
  // Only what the server itself rolled back: whether another failed statement was carried out is unknown here.
  const attempt = async () => {
    const ended = body();
    await ended.catch((error: unknown) => {
      if (isLockFailure(error) || isSerializationFailure(error)) throw error;
    });
    return { ended };
  };
  try {
    const { ended } = await tryAgain(trial, attempt);
    await ended;
  } finally {
    locks.stop();
  }
};
