// Takes an interrupted copy back: its rows go, and every index and constraint is re-created. Whose slot it was stays
// known until the slot itself is dropped.

import { undoTableCopy as undo } from '../../copy/undo-copy.ts';
import { takeOverAttempt } from '../../metadata/attempt-row.ts';
import { forgetAttempt } from '../../metadata/copy-attempt.ts';
import { formatName } from '../../model/identifier.ts';
import type { UndoCopy } from '../../model/step/subscription-steps.ts';
import type { Executor } from '../executor.ts';
import { lockWaitPolicy } from '../lock-wait-policy.ts';

export const undoCopyExecutor: Executor<UndoCopy> = {
  transactional: false,
  reversible: false,
  sql: () => [],
  note: (step) =>
    step.tables.length === 0
      ? ['create every index and constraint that the interrupted copy deferred']
      : [
          `empty the tables that the interrupted copy has filled, and create the indexes and constraints that it deferred: ${step.tables.map(formatName).join(', ')}`,
        ],
  run: async (step, context) => {
    const { node, subscription } = step;
    const { runId, emit, signal } = context;
    await takeOverAttempt(context.metadata(node), { subscription, runId });
    const openTarget = () => context.openSession(node);
    const checkpointsKey = step.checkpointsKey ?? subscription;
    const locks = lockWaitPolicy(step, context);
    const { progress: onProgress, guard } = context;
    await undo({
      node,
      subscription: checkpointsKey,
      openTarget,
      signal,
      locks,
      guard,
      onProgress,
    });
    if (step.ends !== true) return;
    await forgetAttempt(context.metadata(node), { node, subscription, runId, emit });
  },
};
