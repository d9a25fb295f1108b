// Drops a slot. Its walsender may take a moment to notice that the subscription is gone.

import type { DropSlot } from '../model/step.ts';
import { sqlState } from '../postgres/failures.ts';
import { type Sql, sql } from '../postgres/sql.ts';
import type { Executor } from './executor.ts';

const objectInUse = '55006';
const patienceMs = 20_000;

const statement = (step: DropSlot): Sql =>
  sql`SELECT pg_catalog.pg_drop_replication_slot(${step.slot})`;

export const dropSlot: Executor<DropSlot> = {
  transactional: false,
  reversible: false,
  sql: (step) => [statement(step)],
  run: async (step, context) => {
    const deadline = context.clock() + patienceMs;
    for (;;) {
      try {
        await context.session(step.node).query(statement(step));
        return;
      } catch (error) {
        if (sqlState(error) !== objectInUse || context.clock() > deadline) throw error;
        context.progress('the slot is still read; trying again');
        await context.sleep(context.limits.pollMs);
      }
    }
  },
};
