// Reads how fast a node is: the WAL that its server writes, and the copies into it that steep measured.
// Any role may read the first; the second needs what reading steep_repl needs anyway.

import type { MeasuredCopy, WalRate } from '../../model/plan/copy-estimate.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** An average over less says nothing. */
const shortestSeconds = 10;

/** The average of the whole server since its statistics were reset, or since a crash; null: too short a time. */
export const readWalRate = async (session: Session): Promise<WalRate | null> => {
  const [row] = await session.query<WalRow>(sql`
    SELECT w.wal_bytes::float8 AS bytes,
           EXTRACT(epoch FROM pg_catalog.clock_timestamp() - w.stats_reset)::float8 AS seconds,
           pg_catalog.to_char(w.stats_reset AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS since
      FROM pg_catalog.pg_stat_wal AS w
     ORDER BY w.stats_reset`);
  if (row?.seconds == null || row.since === null || row.seconds < shortestSeconds) return null;
  return { bytesPerSecond: row.bytes / row.seconds, since: row.since };
};

interface WalRow {
  readonly bytes: number;
  readonly seconds: number | null;
  readonly since: string | null;
}

/** The latest first; five, so that a server that became slower or faster is soon believed. */
export const readMeasuredCopies = (
  metadata: Session,
  node: NodeName,
): Promise<readonly MeasuredCopy[]> =>
  metadata.query<MeasuredCopy>(sql`
    SELECT pg_catalog.to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at,
           (a.detail ->> 'bytes')::int8 AS bytes, (a.detail ->> 'duration_ms')::int8 AS "durationMs"
      FROM steep_repl.audit_log AS a
     WHERE a.event = 'init.copy_measured' AND a.detail ->> 'node' = ${node}
     ORDER BY a.id DESC
     LIMIT 5`);
