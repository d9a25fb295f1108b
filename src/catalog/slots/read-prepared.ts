// What was noted of a slot that was made for a copy manually: on its source, and on a physical copy of it.

import type { PreparedSlot } from '../../model/copy/manual-init.ts';
import type { PreparedPosition } from '../../model/state/surroundings.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { assertMetadataTrusted } from '../trust/assert-metadata-trusted.ts';

/** The version of steep_repl that has a record of prepared slots. */
const preparedSince = 3;

/** Whether or not they are still there. Empty where steep_repl is older, or not there. */
export const readPreparedSlots = async (
  session: Session,
  metadataVersion: number,
): Promise<readonly PreparedPosition[]> => {
  if (metadataVersion < preparedSince) return [];
  return session.query<PreparedPosition>(sql`
    SELECT i.slot_name AS slot, i.node_id AS node, i.subscription, i.lsn::text AS lsn
      FROM steep_repl.init_slots AS i ORDER BY i.slot_name`);
};

/** Null: nothing is noted, or steep_repl is not there, or too old for it. */
export const readPrepared = async (
  session: Session,
  slot: string,
): Promise<PreparedSlot | null> => {
  const [found] = await session.query<{ readonly there: boolean }>(sql`
    SELECT EXISTS (SELECT FROM pg_catalog.pg_class AS c
                     JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                    WHERE n.nspname = 'steep_repl' AND c.relname = 'init_slots') AS there`);
  if (found?.there !== true) return null;
  await assertMetadataTrusted(session);
  const [row] = await session.query<PreparedSlot>(sql`
    SELECT i.slot_name AS slot, i.node_id AS node, i.subscription, i.lsn::text AS lsn, i.run_id AS "runId",
           i.published, i.evidence,
           pg_catalog.to_char(i.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "createdAt",
           pg_catalog.to_char(i.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "expiresAt",
           i.expires_at <= pg_catalog.clock_timestamp() AS expired
      FROM steep_repl.init_slots AS i WHERE i.slot_name = ${slot}`);
  return row ?? null;
};
