// failover and two_phase: ALTER SUBSCRIPTION reaches out to the slot, so it refuses a transaction block.
// PostgreSQL also refuses it while the worker of the disabled subscription has not ended yet.

import type { SetSubscriptionOption } from '../../model/step/subscription-steps.ts';
import { ddl, ident } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';
import { optionList } from './subscription-sql.ts';

export const setSubscriptionOptionExecutor: Executor<SetSubscriptionOption> = {
  transactional: false,
  limitsLocks: true,
  reversible: true,
  // object_not_in_prerequisite_state
  retried: { sqlState: '55000', reason: 'the worker still runs' },
  sql: (step) => [
    ddl`ALTER SUBSCRIPTION ${ident(step.subscription)} SET (${optionList({ [step.option]: step.value })})`,
  ],
};
