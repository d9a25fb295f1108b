// Reads the replication slots that are none of steep's business: physical ones, those of other databases and of
// other plugins. Their names are taken all the same; read-slots.ts has the others.

import type { ForeignSlot } from '../../model/state/surroundings.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';

/** Of the whole cluster. */
export const readForeignSlots = async (session: Session): Promise<readonly ForeignSlot[]> =>
  session.query<ForeignSlot>(foreignSlotQuery);

const foreignSlotQuery: Sql = sql`
  SELECT s.slot_name::text AS name, s.database::text AS database, s.plugin::text AS plugin, s.active
    FROM pg_catalog.pg_replication_slots AS s
   WHERE NOT s.temporary
     AND (s.slot_type = 'physical'
          OR s.database <> pg_catalog.current_database() OR s.plugin <> 'pgoutput')
   ORDER BY s.slot_name`;
