// Creates the subscription and takes it back at once: whether its server reaches the publisher, and the role may
// subscribe, is known before a long copy, not after it.

import type { TrySubscription } from '../model/subscription-steps.ts';
import { ddl, type Sql } from '../postgres/sql.ts';
import type { Executor } from './executor.ts';
import { createSubscriptionSql } from './subscription-sql.ts';

/** Another name than the subscription's own, which may still be there to be replaced. */
const triedName = 'steep_try';

const statement = (step: TrySubscription): Sql =>
  createSubscriptionSql({ ...step, subscription: triedName, enabled: false, copyData: false });

export const trySubscription: Executor<TrySubscription> = {
  transactional: false,
  reversible: true,
  limitsLocks: true,
  sql: (step) => [ddl`BEGIN`, statement(step), ddl`ROLLBACK`],
  run: async (step, context) => {
    const session = context.session(step.node);
    await session.query(ddl`BEGIN`);
    try {
      await session.query(statement(step));
    } finally {
      if (!session.closed) await session.query(ddl`ROLLBACK`);
    }
  },
};
