// Who reads slots, and whether publications may be newer than their positions, by transaction ids: cheap, and never wrong
// about those that are older.

import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

export interface SlotReader {
  readonly slot: string;
  readonly publications: readonly string[];
}

export interface SlotReading {
  readonly slot: string;
  /** Of the session that reads it at this moment; null: there is none. */
  readonly activePid: number | null;
  /**
   * One of the publications was written (created, renamed or altered) by a transaction that is not older than all that the slot
   * may still have to read.
   */
  readonly doubtful: boolean;
}

/** Slots that do not exist or have lost WAL are left out. */
export const readSlotReaders = (
  session: Session,
  readers: readonly SlotReader[],
): Promise<readonly SlotReading[]> =>
  session.query<SlotReading>(sql`
    SELECT s.slot_name::text AS slot, s.active_pid AS "activePid",
           EXISTS (SELECT FROM pg_catalog.pg_publication AS p
                    WHERE p.pubname = ANY (r.publications::name[])
                      AND pg_catalog.age(p.xmin) <= pg_catalog.age(s.catalog_xmin)) AS doubtful
      FROM pg_catalog.json_to_recordset(${JSON.stringify(readers)}::json) AS r (slot text, publications text[])
      JOIN pg_catalog.pg_replication_slots AS s ON s.slot_name = r.slot::name
     WHERE s.database = pg_catalog.current_database() AND s.plugin = 'pgoutput'
       AND s.wal_status IS DISTINCT FROM 'lost'
     ORDER BY 1`);
