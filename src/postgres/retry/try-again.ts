// Tries again what may succeed a moment later: a connection that broke, or a lock that was not to be had. Says who
// holds the lock, while it waits and when it gives up.

import { heldBy } from '../../model/plan/blocker.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { NodeName } from '../../model/state/address.ts';
import { isLockFailure, toFailure } from '../failures.ts';
import { backoff, GaveWay, retriesOf } from './passing-failures.ts';
import type { LockWatch, Waiter } from './watch-locks.ts';

export interface Attempted extends Waiter {
  /** Whose failures they are, unless they say so themselves. */
  readonly node: NodeName;
  readonly locks: LockWatch;
  readonly sleep: (ms: number) => Promise<void>;
  /** After each failure; returns whether another attempt makes sense. */
  readonly recover: () => Promise<boolean>;
  /** Exit code when the lock was never granted; not-converged unless told, as of a copy that does not end in time. */
  readonly lockedExit?: ExitCode;
}

/** @throws SteepError: the failure of the last attempt. */
export const tryAgain = async <T>(
  trial: Attempted,
  body: (retried: boolean) => Promise<T>,
): Promise<T> => {
  const { policy } = trial.locks;
  const attempts = policy.retries + 1;
  let retried = false;
  for (let attempt = 0; ; retried = true) {
    const watch = trial.locks.begin(trial);
    try {
      return await body(retried);
    } catch (error) {
      watch.end();
      const failure = toFailure(error, trial);
      const look = watch.last();
      const hopeful = await trial.recover();
      const locked = isLockFailure(failure.cause);
      // Another worker of this copy is not in the way indefinitely: should it fail, all of the copy ends.
      const counts = !(locked && (look.own || failure instanceof GaveWay));
      const spent = counts && attempt >= retriesOf(failure, policy.retries, retried);
      if (!hopeful || spent) throw locked ? heldBy(failure, look.blockers, exitOf(trial)) : failure;
      if (counts) attempt += 1;
      if (counts && locked) policy.onRetry({ attempt, attempts, blockers: look.blockers });
      await trial.sleep(backoff(attempt));
    } finally {
      watch.end();
    }
  }
};

const exitOf = ({ lockedExit = ExitCode.notConverged }: Attempted): ExitCode => lockedExit;
