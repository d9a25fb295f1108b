// steep_repl.snapshots of a source: what is on record of each snapshot while it is made, and afterwards.
// Writes nothing where steep_repl is not there, or older: a snapshot needs none.

import { toSnakeKeys } from '../model/key-case.ts';
import type { SnapshotManifest } from '../model/snapshot/snapshot.ts';
import {
  type SnapshotProgress,
  summarizeSnapshot,
  totalsOf,
} from '../model/snapshot/snapshot-record.ts';
import type { NodeName } from '../model/state/address.ts';
import type { Session } from '../postgres/session.ts';
import { type Sql, sql } from '../postgres/sql/sql.ts';

/** Through pg_class: to_regclass would fail where the role may not use the schema. */
const keepsRecords = async (session: Session): Promise<boolean> => {
  const [found] = await session.query<{ readonly there: boolean }>(sql`
    SELECT EXISTS (SELECT FROM pg_catalog.pg_class AS c
                     JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                    WHERE n.nspname = 'steep_repl' AND c.relname = 'snapshots') AS there`);
  return found?.there === true;
};

export interface NewSnapshot {
  readonly snapshotId: string;
  readonly node: NodeName;
  /** Null: none is made. */
  readonly slot: string | null;
  /** Null: the slot is still to be made. */
  readonly lsn: string | null;
  /** As Storage says it: never with credentials. */
  readonly location: string;
  /** As in `zstd:3`. */
  readonly compression: string;
  readonly publications: readonly string[];
  readonly runId: string;
}

export interface SnapshotOf {
  readonly snapshotId: string;
  readonly runId: string;
}

/** As for initial copies: a hint only, the row is the truth. */
const wakeListeners = (event: string): Sql => sql`
  SELECT pg_catalog.pg_notify('steep_repl_progress', pg_catalog.jsonb_build_object(
           'event', ${event}::text, 'run_id', t.run_id, 'snapshot_id', t.snapshot_id)::text) FROM told AS t`;

const told = (run: Sql, event: string): Sql => sql`
  WITH told AS (${run} RETURNING snapshot_id, run_id, error), noted AS (
    INSERT INTO steep_repl.audit_log (run_id, event, subject, detail)
    SELECT t.run_id, ${event}, t.snapshot_id,
           CASE WHEN t.error IS NOT NULL THEN pg_catalog.jsonb_build_object('error', t.error) END
      FROM told AS t)
  ${wakeListeners(event)}`;

/** A run begins it, or continues with it; called again when its position is known. */
export const recordSnapshotStart = async (session: Session, of: NewSnapshot): Promise<void> => {
  if (!(await keepsRecords(session))) return;
  const row = sql`
    INSERT INTO steep_repl.snapshots AS s
           (snapshot_id, source_node, slot_name, lsn, storage_path, compression, publications, run_id)
    VALUES (${of.snapshotId}, ${of.node}, ${of.slot}, ${of.lsn}::pg_lsn, ${of.location}, ${of.compression},
            ${[...of.publications]}::text[], ${of.runId})
    ON CONFLICT (snapshot_id) DO UPDATE
       SET source_node = EXCLUDED.source_node, slot_name = EXCLUDED.slot_name,
           lsn = COALESCE(EXCLUDED.lsn, s.lsn), storage_path = EXCLUDED.storage_path, status = 'generating',
           compression = EXCLUDED.compression, publications = EXCLUDED.publications, run_id = EXCLUDED.run_id,
           started_at = CASE s.run_id WHEN EXCLUDED.run_id THEN s.started_at ELSE EXCLUDED.started_at END,
           updated_at = EXCLUDED.updated_at, completed_at = NULL, error = NULL`;
  await session.query(told(row, 'snapshot.started'));
};

/** At most once a second is the caller's business. */
export const recordSnapshotProgress = async (
  session: Session,
  { snapshotId, runId }: SnapshotOf,
  progress: SnapshotProgress,
): Promise<void> => {
  if (!(await keepsRecords(session))) return;
  const { bytesTotal } = progress;
  const run = sql`
    UPDATE steep_repl.snapshots
       SET phase = ${progress.phase}, tables_total = ${progress.tablesTotal},
           tables_completed = ${progress.tablesDone}, rows = ${Math.round(progress.rows)},
           bytes_total = ${bytesTotal === null ? null : Math.round(bytesTotal)},
           bytes_done = ${Math.round(progress.bytesDone)}, stored_bytes = ${Math.round(progress.storedBytes)},
           updated_at = pg_catalog.clock_timestamp()
     WHERE snapshot_id = ${snapshotId} AND run_id = ${runId} AND status = 'generating'`;
  await session.query(sql`
    WITH told AS (${run} RETURNING snapshot_id, run_id) ${wakeListeners('snapshot.progress')}`);
};

export type SnapshotEnd =
  | { readonly outcome: 'complete'; readonly manifest: SnapshotManifest }
  | { readonly outcome: 'failed'; readonly error: string };

/** Its manifest is written, or the run gave up; a failed one may be gone on with. */
export const recordSnapshotEnd = async (
  session: Session,
  of: SnapshotOf,
  end: SnapshotEnd,
): Promise<void> => {
  if (!(await keepsRecords(session))) return;
  const row = end.outcome === 'complete' ? complete(of, end.manifest) : failed(of, end.error);
  await session.query(
    told(row, end.outcome === 'complete' ? 'snapshot.completed' : 'snapshot.failed'),
  );
};

const complete = ({ snapshotId, runId }: SnapshotOf, manifest: SnapshotManifest): Sql => {
  const summary = summarizeSnapshot(manifest);
  const { rows, bytes, storedBytes } = totalsOf(summary);
  const tables = summary.tables.length;
  return sql`
    UPDATE steep_repl.snapshots
       SET status = 'complete', phase = NULL, slot_name = ${manifest.slot}, lsn = ${manifest.lsn}::pg_lsn,
           tables_total = ${tables}, tables_completed = ${tables}, rows = ${rows}, bytes_total = ${bytes},
           bytes_done = ${bytes}, stored_bytes = ${storedBytes},
           manifest = ${JSON.stringify(toSnakeKeys(summary))}::jsonb, run_id = ${runId}, error = NULL,
           updated_at = pg_catalog.clock_timestamp(), completed_at = pg_catalog.clock_timestamp()
     WHERE snapshot_id = ${snapshotId}`;
};

const failed = ({ snapshotId, runId }: SnapshotOf, error: string): Sql => sql`
  UPDATE steep_repl.snapshots
     SET status = 'failed', error = ${error}, run_id = ${runId}, updated_at = pg_catalog.clock_timestamp()
   WHERE snapshot_id = ${snapshotId} AND status = 'generating'`;

/** It is gone, and so is its slot; the row stays. */
export const recordSnapshotDeleted = async (
  session: Session,
  { snapshotId, runId }: SnapshotOf,
): Promise<void> => {
  if (!(await keepsRecords(session))) return;
  const row = sql`
    UPDATE steep_repl.snapshots
       SET status = 'deleted', phase = NULL, error = NULL, run_id = ${runId},
           updated_at = pg_catalog.clock_timestamp()
     WHERE snapshot_id = ${snapshotId} AND status <> 'deleted'`;
  await session.query(told(row, 'snapshot.deleted'));
};
