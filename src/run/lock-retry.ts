// Statements that wait for a table lock give up after a short time, let the queue behind them continue, and try again;
// the session that blocks is named.

import { readBlockers } from '../catalog/copies/read-progress.ts';
import type { RunContext } from '../executors/executor.ts';
import type { Blocker } from '../model/event.ts';
import { heldBy } from '../model/plan/blocker.ts';
import type { Step } from '../model/step/step.ts';
import { isLockFailure } from '../postgres/failures.ts';
import { failureOf } from './step-failure.ts';

/** Looks at who holds the lock, early enough to connect and to ask before it times out. */
const watchBlockers = (step: Step, context: RunContext) => {
  let blockers: readonly Blocker[] = [];
  const look = async (): Promise<void> => {
    const observer = await context.observer(step.node);
    const { pid } = context.session(step.node);
    blockers = (await readBlockers(observer, [pid])).get(pid) ?? blockers;
  };
  const timer = setTimeout(() => {
    look().catch(() => undefined);
  }, context.limits.lockTimeoutMs / 4);
  return {
    stop: () => clearTimeout(timer),
    found: () => blockers,
  };
};

/** Runs the body until it gets its locks; at most `lockRetries` more times. */
export const withLockRetries = async (
  step: Step,
  context: RunContext,
  body: () => Promise<void>,
): Promise<void> => {
  const attempts = context.limits.lockRetries + 1;
  for (let attempt = 1; ; attempt += 1) {
    const watch = watchBlockers(step, context);
    try {
      await body();
      return;
    } catch (error) {
      if (!isLockFailure(error)) throw error;
      const { id, kind, node } = step;
      const blockers = watch.found();
      if (attempt >= attempts) {
        throw blockers.length === 0 ? error : heldBy(failureOf(error, step), blockers);
      }
      context.emit(
        { event: 'run.lock_wait', step: id, kind, node, attempt, attempts, blockers },
        'warn',
      );
      await context.sleep(Math.min(250 * 2 ** attempt, 5000));
    } finally {
      watch.stop();
    }
  }
};
