// Drops a subscription without its slot: detached first, all of it is one transaction.

import { endCancelledInit, endForReinit, endInit } from '../../metadata/init/init-end.ts';
import type { DropSubscription } from '../../model/step/subscription-steps.ts';
import { ddl, ident } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';

export const dropSubscriptionExecutor: Executor<DropSubscription> = {
  transactional: true,
  reversible: false,
  sql: (step) => {
    const name = ident(step.subscription);
    return [
      ddl`ALTER SUBSCRIPTION ${name} DISABLE`,
      ddl`ALTER SUBSCRIPTION ${name} SET (slot_name = NONE)`,
      ddl`DROP SUBSCRIPTION ${name}`,
    ];
  },
  finish: async (step, context) => {
    const { node, subscription } = step;
    const { runId, emit } = context;
    const again = step.reinitializes === true ? endForReinit : endInit;
    const end = step.cancels === true ? endCancelledInit : again;
    await end(context.metadata(node), { node, subscription, runId, emit });
    return {};
  },
};
