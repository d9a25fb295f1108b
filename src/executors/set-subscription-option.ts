// failover and two_phase: ALTER SUBSCRIPTION reaches out to the slot, so it refuses a transaction block.

import type { SetSubscriptionOption } from '../model/step.ts';
import { ddl, ident } from '../postgres/sql.ts';
import type { Executor } from './executor.ts';
import { subscriptionOptions } from './subscription-sql.ts';

export const setSubscriptionOption: Executor<SetSubscriptionOption> = {
  transactional: false,
  reversible: true,
  sql: (step) => [
    ddl`ALTER SUBSCRIPTION ${ident(step.subscription)} SET (${subscriptionOptions({ [step.option]: step.value })})`,
  ],
};
