// Pieces of SQL on slots.

import { type Sql, sql } from '../../postgres/sql/sql.ts';

/** PostgreSQL refuses it while a session reads the slot. */
export const dropSlotStatement = (slot: string): Sql =>
  sql`SELECT pg_catalog.pg_drop_replication_slot(${slot})`;

/**
 * Drops the slot of a snapshot if it still is what it was made as: no session reads it or has read it. A slot whose WAL
 * is gone holds nothing. No row: it stays. Null for the position: it was not reported.
 */
export const dropAnchorStatement = (slot: string, lsn: string | null): Sql => sql`
  SELECT pg_catalog.pg_drop_replication_slot(s.slot_name) FROM pg_catalog.pg_replication_slots AS s
   WHERE s.slot_name = ${slot} AND NOT s.active
     AND (s.confirmed_flush_lsn = COALESCE(${lsn}::pg_lsn, s.confirmed_flush_lsn) OR s.wal_status = 'lost')`;
