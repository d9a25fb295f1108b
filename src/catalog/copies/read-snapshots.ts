// Snapshots on record in steep_repl of their source, newest first.

import { toCamelKeys } from '../../model/key-case.ts';
import { checkpointsKeyOf } from '../../model/snapshot/snapshot.ts';
import type {
  SnapshotRecord,
  SnapshotSummary,
  SnapshotUnderWay,
} from '../../model/snapshot/snapshot-record.ts';
import type { SnapshotSlot } from '../../model/state/surroundings.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';

/** The version of steep_repl that keeps them. */
const snapshotsSince = 3;

/** Those that were deleted too. Empty where steep_repl is older, or not there. */
export const readSnapshotRecords = async (
  session: Session,
  metadataVersion: number,
): Promise<readonly SnapshotRecord[]> => {
  if (metadataVersion < snapshotsSince) return [];
  const rows = await session.query<Row>(snapshotQuery);
  return rows.map(({ manifest, ...row }) => ({
    ...row,
    summary: toCamelKeys(manifest) as SnapshotSummary | null,
  }));
};

const loadsBegin = checkpointsKeyOf('');

/** Those that are being made or loaded here, or were when their run was stopped. Empty as above. */
export const readSnapshotsUnderWay = async (
  session: Session,
  metadataVersion: number,
): Promise<readonly SnapshotUnderWay[]> => {
  if (metadataVersion < snapshotsSince) return [];
  return session.query<SnapshotUnderWay>(sql`
    SELECT 'generate' AS operation, s.snapshot_id AS "snapshotId", s.source_node AS node, ${silent} AS silent, s.phase,
           s.tables_total AS "tablesTotal", s.tables_completed AS "tablesDone", s.rows,
           s.bytes_total AS "bytesTotal", s.bytes_done AS "bytesDone",
           ${utc(sql`s.started_at`)} AS "startedAt", ${utc(sql`s.updated_at`)} AS "updatedAt"
      FROM steep_repl.snapshots AS s
     WHERE s.status = 'generating'
    UNION ALL
    SELECT 'apply', pg_catalog.substr(p.subscription, pg_catalog.length(${loadsBegin}) + 1), p.node_id,
           p.updated_at < pg_catalog.clock_timestamp() - interval '1 minute', p.phase,
           p.tables_total, p.tables_completed, p.rows_copied, p.bytes_total, p.bytes_copied,
           ${utc(sql`p.started_at`)}, ${utc(sql`p.updated_at`)}
      FROM steep_repl.init_progress AS p
     WHERE pg_catalog.starts_with(p.subscription, ${loadsBegin}) AND p.phase NOT IN ('done', 'failed', 'cancelled')
     ORDER BY 11, 2`);
};

/** Slots that hold WAL for snapshots, whether or not they are still there. Empty as above. */
export const readSnapshotSlots = async (
  session: Session,
  metadataVersion: number,
): Promise<readonly SnapshotSlot[]> => {
  if (metadataVersion < snapshotsSince) return [];
  return session.query<SnapshotSlot>(sql`
    SELECT s.slot_name AS slot, s.snapshot_id AS "snapshotId" FROM steep_repl.snapshots AS s
     WHERE s.slot_name IS NOT NULL AND s.status <> 'deleted'
     ORDER BY s.slot_name, s.snapshot_id`);
};

const utc = (column: Sql): Sql =>
  sql`pg_catalog.to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

const silent: Sql = sql`
  (s.status = 'generating' AND s.updated_at < pg_catalog.clock_timestamp() - interval '1 minute')`;

const snapshotQuery: Sql = sql`
  SELECT s.snapshot_id AS "snapshotId", s.source_node AS node, s.slot_name AS slot, s.lsn::text AS lsn,
         s.storage_path AS location, s.status,
         ${silent} AS silent,
         s.phase, s.tables_total AS "tablesTotal",
         s.tables_completed AS "tablesDone", s.rows, s.bytes_total AS "bytesTotal", s.bytes_done AS "bytesDone",
         s.stored_bytes AS "storedBytes", s.compression, s.publications, s.manifest,
         ${utc(sql`s.started_at`)} AS "startedAt", ${utc(sql`s.updated_at`)} AS "updatedAt",
         ${utc(sql`s.completed_at`)} AS "completedAt", s.error
    FROM steep_repl.snapshots AS s
   ORDER BY s.started_at DESC, s.snapshot_id`;

interface Row extends Omit<SnapshotRecord, 'summary'> {
  /** Of other keys than the rest: it is JSON. */
  readonly manifest: unknown;
}
