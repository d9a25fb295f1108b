// The rows of steep_repl.edge_records: what an edge was when its tables were copied.

import type { EdgeRecord } from '../model/edge/edge-record.ts';
import type { Address } from '../model/state/address.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';

export const storeEdgeRecord = async (
  metadata: Session,
  address: Address,
  noted: EdgeRecord,
): Promise<void> => {
  await metadata.query(sql`
    INSERT INTO steep_repl.edge_records (address, noted) VALUES (${address}, ${JSON.stringify(noted)}::jsonb)
        ON CONFLICT (address) DO UPDATE SET noted = EXCLUDED.noted, noted_at = pg_catalog.now()`);
};

/**
 * Resets the counters of a slot where the role may, and they never were: the time of the reset tells the slot from a later
 * one of the same name.
 */
export const markSlotStatistics = async (source: Session, slot: string): Promise<void> => {
  // A statement of its own: PostgreSQL refuses a statement that names the function, whether or not a row reaches it.
  const [right] = await source.query<{ readonly held: boolean }>(sql`
    SELECT pg_catalog.has_function_privilege('pg_catalog.pg_stat_reset_replication_slot(text)', 'EXECUTE') AS held`);
  if (right?.held !== true) return;
  await source.query(sql`
    SELECT pg_catalog.pg_stat_reset_replication_slot(s.slot_name)
      FROM pg_catalog.pg_stat_replication_slots AS s
     WHERE s.slot_name = ${slot} AND s.stats_reset IS NULL`);
};
