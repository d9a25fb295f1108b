// Creates the subscription and takes it back at once: whether its server reaches the publisher, and the role may
// subscribe, is known before a long copy, not after it.

import type { TrySubscription } from '../../model/step/subscription-steps.ts';
import { ddl, type Sql } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';
import { createSubscriptionSql, turnLoggingOff } from './subscription-sql.ts';

/** Another name than the subscription's own, which may still be there to be replaced. */
const triedName = 'steep_try';

const statements = (step: TrySubscription): readonly Sql[] => [
  ...turnLoggingOff(step.loggingOff),
  createSubscriptionSql({
    ...step,
    subscription: triedName,
    // Of a publication that is not there no table is looked for; one must be named.
    publications: step.publications.length > 0 ? step.publications : [triedName],
    enabled: false,
    copyData: false,
  }),
];

export const trySubscriptionExecutor: Executor<TrySubscription> = {
  transactional: false,
  reversible: true,
  limitsLocks: true,
  sql: (step) => [ddl`BEGIN`, ...statements(step), ddl`ROLLBACK`],
  run: async (step, context) => {
    const session = context.session(step.node);
    await session.query(ddl`BEGIN`);
    try {
      for (const statement of statements(step)) await session.query(statement);
    } finally {
      if (!session.closed) await session.query(ddl`ROLLBACK`);
    }
  },
};
