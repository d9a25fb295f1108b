// How commands that execute no plan wait for table locks: as long as a run with its usual limits, and they name the
// session that they wait for.

import { readBlockers } from '../../catalog/copies/read-progress.ts';
import { describeBlockers } from '../../model/plan/blocker.ts';
import { usualLimits } from '../../model/plan/plan.ts';
import type { LockWaitPolicy } from '../../postgres/retry/watch-locks.ts';
import type { Session } from '../../postgres/session.ts';

const retries = 30;

/** @param session another one than those that wait. */
export const sessionLockWaits = (
  session: Session,
  say: (text: string) => void,
): LockWaitPolicy => ({
  timeoutMs: usualLimits.lockTimeoutMs,
  retries,
  blockersOf: (_node, pids) => readBlockers(session, pids),
  onWaiting: () => undefined,
  onRetry: ({ blockers }) => say(`Waits for ${describeBlockers(blockers)}`),
});
