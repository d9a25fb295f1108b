// How the copy engine waits for the locks of a step: for as long, and as often, as any step of the run.

import { readBlockers } from '../catalog/copies/read-progress.ts';
import { describeBlockers } from '../model/plan/blocker.ts';
import type { Step } from '../model/step/step.ts';
import type { LockWaitPolicy } from '../postgres/retry/watch-locks.ts';
import type { RunContext } from './executor.ts';

/** `step`: whose waits they are; null: they belong to no step. */
export const lockWaitPolicy = (step: Step | null, context: RunContext): LockWaitPolicy => ({
  timeoutMs: context.limits.lockTimeoutMs,
  retries: context.limits.lockRetries,
  blockersOf: async (node, pids) => readBlockers(await context.observer(node), pids),
  onWaiting: (doing, blockers) =>
    context.progress(`${doing} waits for ${describeBlockers(blockers)}`),
  onRetry: (wait) => {
    if (step === null) return;
    const { id, kind, node } = step;
    context.emit({ event: 'run.lock_wait', step: id, kind, node, ...wait }, 'warn');
  },
});
