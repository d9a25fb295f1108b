// failover and two_phase: ALTER SUBSCRIPTION reaches out to the slot, so it refuses a transaction block.
// PostgreSQL also refuses it while the worker of the disabled subscription has not ended yet.

import type { SetSubscriptionOption } from '../model/step.ts';
import { sqlState } from '../postgres/failures.ts';
import { ddl, ident, type Sql } from '../postgres/sql.ts';
import type { Executor } from './executor.ts';
import { subscriptionOptions } from './subscription-sql.ts';

const notInPrerequisiteState = '55000';
const patienceMs = 20_000;

const statement = (step: SetSubscriptionOption): Sql =>
  ddl`ALTER SUBSCRIPTION ${ident(step.subscription)} SET (${subscriptionOptions({ [step.option]: step.value })})`;

export const setSubscriptionOption: Executor<SetSubscriptionOption> = {
  transactional: false,
  reversible: true,
  sql: (step) => [statement(step)],
  run: async (step, context) => {
    const deadline = context.clock() + patienceMs;
    for (;;) {
      try {
        await context.session(step.node).query(statement(step));
        return;
      } catch (error) {
        if (sqlState(error) !== notInPrerequisiteState || context.clock() > deadline) throw error;
        context.progress('the worker still runs; trying again');
        await context.sleep(context.limits.pollMs);
      }
    }
  },
};
