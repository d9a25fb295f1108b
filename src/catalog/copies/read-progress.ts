// Reads what moves while a run continues: table copies, lag, and who blocks. Each call sees the present, so none of
// them runs in a snapshot.

import type { SlotLag, TableSyncProgress } from '../../model/edge/edge-reading.ts';
import type { Blocker } from '../../model/event.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import { withoutPageHeader } from '../../model/lsn.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** Every table of a subscription, in order of name; empty when there is no such subscription. */
export const readSubscriptionProgress = async (
  session: Session,
  subscription: string,
): Promise<readonly TableSyncProgress[]> =>
  (await readSubscriptionProgresses(session, [subscription])).get(subscription) ?? [];

/** By name of the subscription, in one statement whatever their number; one without tables is left out. */
export const readSubscriptionProgresses = async (
  session: Session,
  subscriptions: readonly string[],
): Promise<ReadonlyMap<string, readonly TableSyncProgress[]>> => {
  const rows = await session.query<ProgressRow>(sql`
    SELECT s.subname::text AS subscription, n.nspname::text AS schema, c.relname::text AS name, r.srsubstate::text AS sync_state,
           COALESCE(p.bytes_processed, 0) AS bytes_done, COALESCE(p.tuples_processed, 0) AS rows_done
      FROM pg_catalog.pg_subscription_rel AS r
      JOIN pg_catalog.pg_subscription AS s ON s.oid = r.srsubid
      JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = pg_catalog.current_database()
      JOIN pg_catalog.pg_class AS c ON c.oid = r.srrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_stat_subscription AS w ON w.subid = s.oid AND w.relid = r.srrelid
      LEFT JOIN pg_catalog.pg_stat_progress_copy AS p ON p.pid = w.pid AND p.relid = r.srrelid
     WHERE s.subname = ANY (${subscriptions}::name[])
     ORDER BY s.subname, n.nspname, c.relname`);
  return new Map(
    [...Map.groupBy(rows, ({ subscription }) => subscription)].map(([name, own]) => [
      name,
      own.map(tableOf),
    ]),
  );
};

const tableOf = (row: ProgressRow): TableSyncProgress => ({
  table: formatName(row),
  name: { schema: row.schema, name: row.name },
  syncState: row.sync_state,
  bytesDone: row.bytes_done,
  rowsDone: row.rows_done,
});

interface ProgressRow {
  readonly subscription: string;
  readonly schema: string;
  readonly name: string;
  readonly sync_state: string;
  readonly bytes_done: number;
  readonly rows_done: number;
}

/** Sizes of the tables of a subscription, by formatName; not of one that another session locks, since it would wait. */
export const readCopiedSizes = async (
  session: Session,
  subscription: string,
): Promise<ReadonlyMap<string, number>> => {
  const rows = await session.query<SizeRow>(sql`
    SELECT n.nspname::text AS schema, c.relname::text AS name, ${sizeOf} AS bytes
      FROM pg_catalog.pg_subscription_rel AS r
      JOIN pg_catalog.pg_subscription AS s ON s.oid = r.srsubid
      JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = pg_catalog.current_database()
      JOIN pg_catalog.pg_class AS c ON c.oid = r.srrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE s.subname = ${subscription} AND ${unlocked}
     ORDER BY n.nspname, c.relname`);
  return new Map(rows.map((row) => [formatName(row), row.bytes]));
};

/**
 * Sizes of tables by formatName, with their partitions; not of one that another session locks, or that is not there.
 */
export const readTableSizes = async (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<ReadonlyMap<string, number>> => {
  const rows = await session.query<SizeRow>(sql`
    SELECT n.nspname::text AS schema, c.relname::text AS name, ${sizeOf} AS bytes
      FROM ROWS FROM (pg_catalog.unnest(${tables.map(({ schema }) => schema)}::text[]),
                      pg_catalog.unnest(${tables.map(({ name }) => name)}::text[])) AS t (schema, name)
      JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema
      JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name
      JOIN pg_catalog.pg_database AS d ON d.datname = pg_catalog.current_database()
     WHERE ${unlocked}
     ORDER BY n.nspname, c.relname`);
  return new Map(rows.map((row) => [formatName(row), row.bytes]));
};

/** Of the table `c` with its partitions. */
const sizeOf = sql`
  COALESCE((SELECT pg_catalog.sum(pg_catalog.pg_table_size(t.relid))
              FROM pg_catalog.pg_partition_tree(c.oid) AS t),
           pg_catalog.pg_table_size(c.oid), 0)::int8`;

/** No lock delays reading the size of `c`, in the database `d`. */
const unlocked = sql`
  NOT EXISTS (SELECT FROM pg_catalog.pg_locks AS k
               WHERE k.database = d.oid AND k.mode = 'AccessExclusiveLock'
                 AND (k.relation = c.oid
                      OR k.relation IN (SELECT t.relid FROM pg_catalog.pg_partition_tree(c.oid) AS t)))`;

interface SizeRow {
  readonly schema: string;
  readonly name: string;
  readonly bytes: number;
}

/**
 * How far the reader of a slot of this database is; null: there is no such slot. The end of WAL is read after the slot:
 * `lagBytes` below 0 means that the slot is ahead of the WAL, not that it has moved meanwhile.
 */
export const readSlotLag = async (session: Session, slot: string): Promise<SlotLag | null> =>
  (await readSlotLags(session, [slot])).get(slot) ?? null;

/** By name, in one statement; a slot that is not there, or is of another database, is left out. */
export const readSlotLags = async (
  session: Session,
  slots: readonly string[],
): Promise<ReadonlyMap<string, SlotLag>> => {
  const rows = await session.query<SlotLag & { readonly name: string }>(sql`
    SELECT s.slot_name::text AS name, s.active, s.wal_status AS "walStatus", s.safe_wal_size AS "safeWalSize",
           s.confirmed_flush_lsn::text AS "confirmedFlushLsn", s.restart_lsn::text AS "restartLsn",
           w.lsn::text AS "currentLsn",
           pg_catalog.pg_wal_lsn_diff(w.lsn, s.confirmed_flush_lsn)::int8 AS "lagBytes",
           pg_catalog.pg_wal_lsn_diff(w.lsn, s.restart_lsn)::int8 AS "retainedBytes",
           (SELECT a.wait_event FROM pg_catalog.pg_stat_activity AS a WHERE a.pid = s.active_pid) AS "senderWait"
      FROM pg_catalog.pg_replication_slots AS s
     CROSS JOIN LATERAL (SELECT CASE
             WHEN s.slot_name IS NULL THEN NULL
             WHEN pg_catalog.pg_is_in_recovery()
               THEN GREATEST(pg_catalog.pg_last_wal_replay_lsn(), s.confirmed_flush_lsn)
             ELSE pg_catalog.pg_current_wal_lsn() END AS lsn) AS w
     WHERE s.slot_name = ANY (${slots}::name[]) AND s.database = pg_catalog.current_database()
     ORDER BY s.slot_name`);
  return new Map(rows.map(({ name, ...lag }) => [name, lag]));
};

/** How many transactions were decoded for a slot, those that were decoded again included. */
export const readDecoded = async (session: Session, slot: string): Promise<number> => {
  const [row] = await session.query<{ readonly decoded: number }>(sql`
    SELECT s.total_txns::int8 AS decoded FROM pg_catalog.pg_stat_replication_slots AS s
     WHERE s.slot_name = ${slot}`);
  return row?.decoded ?? 0;
};

/** Where the next WAL goes: behind everything that was committed, also what is not flushed yet. */
export const readWalInsertPosition = async (session: Session): Promise<string> => {
  const [row] = await session.query<{ readonly lsn: string }>(
    sql`SELECT pg_catalog.pg_current_wal_insert_lsn()::text AS lsn`,
  );
  return row?.lsn ?? '0/0';
};

/** The end of the last record in WAL: what a reader confirms that has read all of it. */
export const readEndOfWal = async (session: Session): Promise<string> => {
  const [row] = await session.query<{ readonly lsn: string; readonly segment: number }>(sql`
    SELECT pg_catalog.pg_current_wal_insert_lsn()::text AS lsn,
           pg_catalog.pg_size_bytes(pg_catalog.current_setting('wal_segment_size')) AS segment`);
  return row === undefined ? '0/0' : withoutPageHeader(row.lsn, row.segment);
};

/**
 * Has the WAL flushed soon that no commit waits for, as that of pruned pages: otherwise nobody could confirm it for up to
 * 15 seconds on a server without writes. Changes nothing but the next transaction id.
 */
export const flushWalSoon = async (session: Session): Promise<void> => {
  await session.query(sql`SELECT pg_catalog.pg_current_xact_id()`);
};

/** Ids of transactions: every one below `oldest` has ended, and none from `next` on had begun. */
export interface TransactionBounds {
  readonly oldest: bigint;
  readonly next: bigint;
}

export const readTransactionBounds = async (session: Session): Promise<TransactionBounds> => {
  const [row] = await session.query<{ readonly oldest: string; readonly next: string }>(sql`
    SELECT pg_catalog.pg_snapshot_xmin(s.now)::text AS oldest, pg_catalog.pg_snapshot_xmax(s.now)::text AS next
      FROM pg_catalog.pg_current_snapshot() AS s (now)`);
  return { oldest: BigInt(row?.oldest ?? 0), next: BigInt(row?.next ?? 0) };
};

/** The sessions that these sessions wait for now, by the pid of the waiting one. A prepared transaction blocks too, as pid 0. */
export const readBlockers = async (
  session: Session,
  pids: readonly number[],
): Promise<ReadonlyMap<number, readonly Blocker[]>> => {
  const rows = await session.query<Blocker & { readonly waiting: number }>(sql`
    SELECT w.pid AS waiting, b.pid, COALESCE(a.application_name, '') AS application,
           CASE b.pid WHEN 0 THEN 'prepared' ELSE COALESCE(a.state, 'unknown') END AS state,
           COALESCE(pg_catalog.floor(EXTRACT(epoch FROM
             pg_catalog.clock_timestamp() - COALESCE(a.xact_start, a.backend_start))), 0)::int4 AS "ageSeconds"
      FROM pg_catalog.pg_stat_activity AS w
     CROSS JOIN LATERAL (SELECT DISTINCT u.pid FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids(w.pid)) AS u (pid)) AS b
      LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = b.pid
     WHERE w.pid = ANY (${pids}::int4[]) AND w.wait_event_type = 'Lock'
     ORDER BY w.pid, b.pid`);
  const blockers = Map.groupBy(rows, ({ waiting }) => waiting);
  return new Map(
    [...blockers].map(([waiting, found]) => [
      waiting,
      found.map(({ pid, application, state, ageSeconds }) => ({
        pid,
        application,
        state,
        ageSeconds,
      })),
    ]),
  );
};
