// The slots that hold WAL for snapshots, as their source has them now; whose server it is; who holds a snapshot open.

import type { AnchorSlot } from '../../model/snapshot/snapshot-report.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** Those of these names that are there, of the whole cluster. */
export const readAnchors = (
  session: Session,
  names: readonly string[],
): Promise<readonly AnchorSlot[]> =>
  session.query<AnchorSlot>(sql`
    SELECT s.slot_name::text AS name, s.active, s.wal_status AS "walStatus",
           s.confirmed_flush_lsn::text AS "confirmedFlushLsn",
           pg_catalog.pg_wal_lsn_diff(w.lsn, s.restart_lsn)::int8 AS "retainedBytes"
      FROM pg_catalog.pg_replication_slots AS s
     CROSS JOIN (SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
                             ELSE pg_catalog.pg_current_wal_lsn() END AS lsn) AS w
     WHERE s.slot_name = ANY (${[...names]}::name[])
     ORDER BY s.slot_name`);

export interface DatabaseIdentity {
  readonly systemIdentifier: string;
  readonly database: string;
}

export const readDatabaseIdentity = async (session: Session): Promise<DatabaseIdentity> => {
  const [row] = await session.query<DatabaseIdentity>(sql`
    SELECT c.system_identifier::text AS "systemIdentifier", pg_catalog.current_database()::text AS database
      FROM pg_catalog.pg_control_system() AS c`);
  if (row === undefined) throw new Error('The server answered a query of one row with none.');
  return row;
};

/** A backend, and when it began: seconds since 1970, as text. Process ids come again. */
export interface BackendOf {
  readonly pid: number;
  readonly backendStart: string;
}

/** Null: it has ended, or calls itself something else. */
export const readBackend = async (
  session: Session,
  { pid, backendStart }: BackendOf,
  application: string,
): Promise<{ readonly pid: number; readonly application: string } | null> => {
  const [row] = await session.query<{ readonly pid: number; readonly application: string }>(sql`
    SELECT a.pid, COALESCE(a.application_name, '') AS application FROM pg_catalog.pg_stat_activity AS a
     WHERE a.pid = ${pid} AND EXTRACT(epoch FROM a.backend_start)::text = ${backendStart}
       AND a.application_name = ${application}`);
  return row ?? null;
};
