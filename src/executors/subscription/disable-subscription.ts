// ALTER SUBSCRIPTION … DISABLE: the slot keeps its position.

import type { DisableSubscription } from '../../model/step/subscription-steps.ts';
import { ddl, ident } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';

export const disableSubscriptionExecutor: Executor<DisableSubscription> = {
  transactional: true,
  reversible: true,
  sql: (step) => [ddl`ALTER SUBSCRIPTION ${ident(step.subscription)} DISABLE`],
};
