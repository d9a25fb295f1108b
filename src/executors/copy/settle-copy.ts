// After an interrupted copy: what it did not finish is emptied, and what it deferred is made.

import { recoverCopy } from '../../copy/recover-copy.ts';
import { takeOverAttempt } from '../../metadata/attempt-row.ts';
import { formatName } from '../../model/identifier.ts';
import type { SettleCopy } from '../../model/step/subscription-steps.ts';
import type { Executor } from '../executor.ts';
import { lockWaitPolicy } from '../lock-wait-policy.ts';

const noteOfRest = 'validate the constraints that need the rows of all tables';

const noteOf = (step: SettleCopy): readonly string[] => [
  `keep the tables that the interrupted copy has finished: ${step.finished.map(formatName).join(', ')}`,
  ...(step.unfinished.length > 0
    ? [`empty the tables that it has not finished: ${step.unfinished.map(formatName).join(', ')}`]
    : []),
  ...(step.changed === undefined
    ? []
    : [`of these, changed by others since then: ${step.changed.map(formatName).join(', ')}`]),
  'create every index and constraint that it deferred',
  step.unchecked === true
    ? 'do not check the rows of the kept tables'
    : 'check that the kept tables have exactly the rows of the copy',
];

export const settleCopyExecutor: Executor<SettleCopy> = {
  transactional: false,
  reversible: false,
  sql: () => [],
  note: (step) => (step.part === 'rest' ? [noteOfRest] : noteOf(step)),
  run: async (step, context) => {
    const { subscription, node } = step;
    await takeOverAttempt(context.metadata(node), { subscription, runId: context.runId });
    await recoverCopy({
      node: step.node,
      subscription: step.subscription,
      tables: step.unfinished,
      kept: step.unchecked === true ? [] : step.finished,
      openTarget: () => context.openSession(step.node),
      signal: context.signal,
      locks: lockWaitPolicy(step, context),
      guard: context.guard,
      seen: context.seen,
      onProgress: (progress) => context.progress(progress),
    });
  },
};
