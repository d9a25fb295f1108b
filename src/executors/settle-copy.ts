// After an interrupted copy: what it did not finish is emptied, and what it put off is made.

import { settleCopy as settle } from '../copy/settle-copy.ts';
import { formatName } from '../model/identifier.ts';
import type { SettleCopy } from '../model/subscription-steps.ts';
import type { Executor } from './executor.ts';
import { lockPatience } from './until-unlocked.ts';

const noteOfRest =
  '-- validate the constraints that had to wait until the rows of all tables are there';

const noteOf = (step: SettleCopy): string =>
  [
    `-- keep the tables that the interrupted copy has finished: ${step.finished.map(formatName).join(', ')}`,
    ...(step.unfinished.length > 0
      ? [`-- empty those that it has not: ${step.unfinished.map(formatName).join(', ')}`]
      : []),
    '-- make every index and constraint that it has put off',
  ].join('\n');

export const settleCopy: Executor<SettleCopy> = {
  transactional: false,
  reversible: false,
  sql: () => [],
  note: (step) => (step.part === 'rest' ? noteOfRest : noteOf(step)),
  run: (step, context) =>
    settle({
      node: step.node,
      subscription: step.subscription,
      tables: step.unfinished,
      openTarget: () => context.openSession(step.node),
      signal: context.signal,
      locks: lockPatience(step, context),
      onProgress: (progress) => context.progress(progress),
    }),
};
