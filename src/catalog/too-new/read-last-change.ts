// How far a subscriber must be before its slot may be moved, and how far it is.

import { quoteIdentifier } from '../../model/identifier.ts';
import { sqlState } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { featuresOf } from '../../postgres/versions.ts';

/** What a subscription leaves out of what is published: changes that have an origin, with `none` (16 and later). */
export type OriginFilter = 'any' | 'none';

/** As the source is asked for it: one that does not know the option sends everything. */
export const readOriginFilter = async (
  subscriber: Session,
  source: Session,
  subscription: string,
): Promise<OriginFilter> => {
  const known = [subscriber, source].every(
    ({ serverVersion }) => featuresOf(serverVersion).originFilter,
  );
  if (!known) return 'any';
  const [row] = await subscriber.query<{ readonly origin: OriginFilter }>(sql`
    SELECT s.suborigin AS origin
      FROM pg_catalog.pg_subscription AS s
      JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid
     WHERE d.datname = pg_catalog.current_database() AND s.subname = ${subscription}`);
  return row?.origin ?? 'any';
};

export interface SentChanges {
  readonly slot: string;
  readonly publications: readonly string[];
  readonly origin: OriginFilter;
  /** An LSN. */
  readonly upto: string;
}

/**
 * The end of the last transaction with a change that is sent, from the confirmed position of the slot up to `upto`;
 * null: nothing is sent. Messages: Insert, Update, Delete, Truncate; Commit. Fails while the slot is read.
 */
export const readLastChange = async (
  session: Session,
  { slot, publications, origin, upto }: SentChanges,
): Promise<string | null> => {
  const filter = origin === 'any' ? sql`` : sql`, 'origin', ${origin}`;
  const [row] = await session.query<{ readonly lsn: string | null }>(sql`
    WITH sent AS MATERIALIZED (
      SELECT m.lsn, m.n, pg_catalog.chr(pg_catalog.get_byte(m.data, 0)) AS kind
        FROM pg_catalog.pg_logical_slot_peek_binary_changes(
               ${slot}, ${upto}::pg_lsn, NULL,
               'proto_version', '1', 'publication_names', ${publications.map(quoteIdentifier).join(',')} ${filter})
             WITH ORDINALITY AS m (lsn, xid, data, n))
    SELECT min(c.lsn)::text AS lsn FROM sent AS c
     WHERE c.kind = 'C' AND c.n > (SELECT max(s.n) FROM sent AS s WHERE s.kind IN ('I', 'U', 'D', 'T'))`);
  return row?.lsn ?? null;
};

const insufficientPrivilege = '42501';

/** Up to which position of its source a subscription holds all changes, safe from a crash; null: the role may not read it. */
export const readAppliedPosition = async (
  session: Session,
  subscription: string,
): Promise<string | null> => {
  try {
    const [row] = await session.query<{ readonly lsn: string | null }>(sql`
      SELECT pg_catalog.pg_replication_origin_progress('pg_' || s.oid, true)::text AS lsn
        FROM pg_catalog.pg_subscription AS s
        JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid
       WHERE d.datname = pg_catalog.current_database() AND s.subname = ${subscription}`);
    return row?.lsn ?? '0/0';
  } catch (error) {
    if (sqlState(error) === insufficientPrivilege) return null;
    throw error;
  }
};
