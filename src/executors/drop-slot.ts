// Drops a slot. Its walsender may take a moment to notice that the subscription is gone.

import type { DropSlot } from '../model/step.ts';
import { sql } from '../postgres/sql.ts';
import type { Executor } from './executor.ts';

export const dropSlot: Executor<DropSlot> = {
  transactional: false,
  reversible: false,
  // object_in_use
  patience: { sqlState: '55006', reason: 'the slot is still read' },
  sql: (step) => [sql`SELECT pg_catalog.pg_drop_replication_slot(${step.slot})`],
};
