// Reads the replication slots that are none of steep's business: physical ones of the whole cluster, and
// those of other plugins in this database. Only to name them; read-slots.ts has the others.

import type { Session } from '../postgres/session.ts';
import { type Sql, sql } from '../postgres/sql.ts';

export interface ForeignSlot {
  readonly name: string;
  /** Null: a physical slot. */
  readonly plugin: string | null;
}

export const readForeignSlots = async (session: Session): Promise<readonly ForeignSlot[]> =>
  session.query<ForeignSlot>(foreignSlotQuery);

const foreignSlotQuery: Sql = sql`
  SELECT s.slot_name::text AS name, s.plugin::text AS plugin
    FROM pg_catalog.pg_replication_slots AS s
   WHERE NOT s.temporary
     AND (s.slot_type = 'physical'
          OR s.database = pg_catalog.current_database() AND s.plugin <> 'pgoutput')
   ORDER BY s.slot_name`;
