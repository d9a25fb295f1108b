// Pieces of SQL on slots.

import { type Sql, sql } from '../postgres/sql.ts';

/** PostgreSQL refuses it while somebody reads the slot. */
export const dropSlotStatement = (slot: string): Sql =>
  sql`SELECT pg_catalog.pg_drop_replication_slot(${slot})`;
