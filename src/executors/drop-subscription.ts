// Drops a subscription without its slot: detached first, all of it is one transaction.

import { endInit } from '../metadata/init-state.ts';
import type { DropSubscription } from '../model/subscription-steps.ts';
import { ddl, ident } from '../postgres/sql.ts';
import type { Executor } from './executor.ts';

export const dropSubscription: Executor<DropSubscription> = {
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
    await endInit(context.metadata(step.node), step.subscription, context.runId);
    return {};
  },
};
