// Moves a slot that no session reads: pg_replication_slot_advance. PostgreSQL refuses to move it back.

import type { MoveSlot } from '../../model/step/step.ts';
import { sql } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';

export const moveSlotExecutor: Executor<MoveSlot> = {
  transactional: false,
  reversible: false,
  // object_in_use
  retried: { sqlState: '55006', reason: 'the slot is still read' },
  sql: ({ slot, lsn }) => [
    sql`SELECT pg_catalog.pg_replication_slot_advance(${slot}, ${lsn}::pg_lsn)`,
  ],
};
