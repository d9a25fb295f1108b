// Who holds the run lock of a node: the table steep_repl.run_lock where it exists, and the advisory lock of older steep
// and of runs that install steep_repl. Anyone with CONNECT may take an advisory lock and call itself what it likes, so
// where the table exists only roles that may lock it are believed.

import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { assertMetadataTrusted } from '../trust/assert-metadata-trusted.ts';

export interface LockHolder {
  readonly pid: number;
  /** As it logged in. */
  readonly role: string;
  /** As it calls itself. */
  readonly application: string;
  /** When its transaction began, which for a run is when it took the lock; null: this role may not see it. */
  readonly since: string | null;
}

/**
 * Whether the table of the run lock exists, so that holding it is what counts.
 * @throws SteepError METADATA_NOT_TRUSTED where it exists and is not of steep.
 */
export const hasLockTable = async (session: Session): Promise<boolean> => {
  const rows = await session.query(sql`SELECT c.oid FROM (${lockTable}) AS c`);
  if (rows.length === 0) return false;
  await assertMetadataTrusted(session);
  return true;
};

/** Whether this role may take the table of the run lock, which no one may on a standby. */
export const mayUseLockTable = async (session: Session): Promise<boolean> => {
  const [row] = await session.query<{ readonly may: boolean }>(sql`
    SELECT NOT pg_catalog.pg_is_in_recovery() AND pg_catalog.has_schema_privilege('steep_repl', 'USAGE')
           AND pg_catalog.has_table_privilege(t.oid, 'UPDATE') AS may
      FROM (${lockTable}) AS t`);
  return row?.may === true;
};

const lockTable = sql`
  SELECT c.oid FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
   WHERE n.nspname = 'steep_repl' AND c.relname = 'run_lock'`;

/** Null: no other session than `own` holds it. The advisory lock has the key `key`. */
export const readLockHolder = async (
  session: Session,
  key: bigint,
  own: readonly number[] = [],
): Promise<LockHolder | null> => {
  const unsigned = BigInt.asUintN(64, key);
  const [row] = await session.query<LockHolder>(sql`
    SELECT l.pid, COALESCE(a.usename, '')::text AS role, COALESCE(a.application_name, '') AS application,
           pg_catalog.to_char(COALESCE(a.xact_start, a.backend_start) AT TIME ZONE 'UTC',
                              'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
      FROM pg_catalog.pg_locks AS l
      JOIN pg_catalog.pg_database AS d ON d.oid = l.database AND d.datname = pg_catalog.current_database()
      LEFT JOIN (${lockTable}) AS t ON true
      LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
     WHERE l.granted AND NOT l.pid = ANY (${own}::int4[])
       AND CASE l.locktype
           WHEN 'relation' THEN l.relation = t.oid AND l.mode IN ('RowShareLock', 'ShareUpdateExclusiveLock')
                                AND COALESCE(a.backend_type, 'client backend') = 'client backend'
           WHEN 'advisory' THEN l.objsubid = 1 AND l.classid::int8 = ${unsigned >> 32n}
                                AND l.objid::int8 = ${unsigned & 0xffff_ffffn}
                                AND (t.oid IS NULL OR COALESCE(
                                  pg_catalog.has_table_privilege(a.usesysid, t.oid, 'UPDATE, DELETE, TRUNCATE'), true))
           ELSE false END
     ORDER BY l.mode = 'ShareUpdateExclusiveLock' DESC, l.locktype, l.pid
     LIMIT 1`);
  return row ?? null;
};

/** `steep 3f2a… dba@host 12:04:05Z (pid 4711, role app, since 2026-01-31T12:04:05Z)`. */
export const describeHolder = ({ application, pid, role, since }: LockHolder): string => {
  const known = [`pid ${pid}`, `role ${role}`, ...(since === null ? [] : [`since ${since}`])];
  return `${application || 'a session without application name'} (${known.join(', ')})`;
};
