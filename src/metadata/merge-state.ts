// How far the merge of a pair is, as each of its nodes has it on record: steep_repl.merge_runs and merge_decisions.

import { formatName, type QualifiedName } from '../model/identifier.ts';
import type { Address, NodeName } from '../model/state/address.ts';
import type { MergeSide } from '../model/state/merge.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';

/** A merge whose rows are committed on this node. */
export interface WrittenMerge {
  readonly runId: string;
  /** Both nodes while their tables were locked. */
  readonly lockedLsn: string;
  readonly peerLsn: string;
}

/** The subscription of one node of the pair. */
export interface MergedEnd {
  readonly address: Address;
  readonly subscription: string;
  readonly peer: NodeName;
}

const subscriptionOid = (name: string) => sql`
  SELECT s.oid FROM pg_catalog.pg_subscription AS s
    JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = pg_catalog.current_database()
   WHERE s.subname = ${name}`;

/** The last one of the subscription that is there now; null: no merge of it has written rows here. */
export const readWrittenMerge = async (
  session: Session,
  { address, subscription }: MergedEnd,
): Promise<WrittenMerge | null> => {
  const [row] = await session.query<WrittenMerge>(sql`
    SELECT r.run_id AS "runId", r.locked_lsn::text AS "lockedLsn", r.peer_lsn::text AS "peerLsn"
      FROM steep_repl.merge_runs AS r
     WHERE r.kind = 'merge' AND r.address = ${address} AND r.state IN ('written', 'completed')
       AND r.subscription_oid = (${subscriptionOid(subscription)})
     ORDER BY r.started_at DESC LIMIT 1`);
  return row ?? null;
};

/** A new run, before the first decision; what runs that wrote nothing have decided goes. */
export const beginMergeRun = async (
  session: Session,
  runId: string,
  { address, subscription, peer }: MergedEnd,
  tables: readonly QualifiedName[],
): Promise<void> => {
  await session.query(sql`
    WITH ended AS (
      UPDATE steep_repl.merge_runs AS r SET state = 'interrupted', ended_at = pg_catalog.now()
       WHERE r.kind = 'merge' AND r.address = ${address} AND r.state = 'decided' RETURNING r.run_id)
    DELETE FROM steep_repl.merge_decisions AS d USING ended AS e WHERE d.run_id = e.run_id`);
  await session.query(sql`
    INSERT INTO steep_repl.merge_runs (run_id, kind, address, state, tables, peer, subscription_oid)
    VALUES (${runId}, 'merge', ${address}, 'decided', ${tables.map(formatName)}::text[], ${peer},
            (${subscriptionOid(subscription)}))
    ON CONFLICT (run_id) DO UPDATE SET state = 'decided', ended_at = NULL`);
};

/** A commit that changes something: it flushes WAL up to where it is. */
export const noteMergeLocked = (session: Session, runId: string): Promise<unknown> =>
  session.transaction({}, () =>
    session.query(
      sql`UPDATE steep_repl.merge_runs AS r SET state = 'decided' WHERE r.run_id = ${runId}`,
    ),
  );

/** In the transaction that writes the rows. */
export const noteMergeWritten = (
  session: Session,
  { runId, lockedLsn, peerLsn }: WrittenMerge,
): Promise<unknown> =>
  session.query(sql`
    UPDATE steep_repl.merge_runs AS r
       SET state = 'written', locked_lsn = ${lockedLsn}::pg_lsn, peer_lsn = ${peerLsn}::pg_lsn
     WHERE r.run_id = ${runId}`);

export const noteMergeCompleted = (session: Session, runId: string): Promise<unknown> =>
  session.query(sql`
    UPDATE steep_repl.merge_runs AS r SET state = 'completed', ended_at = pg_catalog.now()
     WHERE r.run_id = ${runId} AND r.state = 'written'`);

export interface StoredDecision {
  readonly hash: string;
  /** The values of the key as text, in its order. */
  readonly key: readonly (string | null)[];
  readonly winner: MergeSide;
  readonly rule: string;
}

export const storeDecisions = (
  session: Session,
  runId: string,
  table: QualifiedName,
  decisions: readonly StoredDecision[],
): Promise<unknown> =>
  session.query(sql`
    INSERT INTO steep_repl.merge_decisions (run_id, table_name, hash, key, winner, rule)
    SELECT ${runId}, ${formatName(table)}, d.hash, d.key::jsonb, d.winner, d.rule
      FROM ROWS FROM (pg_catalog.unnest(${decisions.map(({ hash }) => hash)}::text[]),
                      pg_catalog.unnest(${decisions.map(({ key }) => JSON.stringify(key))}::text[]),
                      pg_catalog.unnest(${decisions.map(({ winner }) => winner)}::text[]),
                      pg_catalog.unnest(${decisions.map(({ rule }) => rule)}::text[])) AS d (hash, key, winner, rule)`);

/** @param keys as they were stored; null: all of the table. */
export const forgetDecisions = (
  session: Session,
  runId: string,
  table: QualifiedName,
  keys: readonly string[] | null,
): Promise<unknown> =>
  session.query(sql`
    DELETE FROM steep_repl.merge_decisions AS d
     WHERE d.run_id = ${runId} AND d.table_name = ${formatName(table)}
       AND (${keys === null} OR d.key IN (SELECT k.key::jsonb FROM pg_catalog.unnest(${keys ?? []}::text[]) AS k (key)))`);

export interface NumberedDecision extends StoredDecision {
  readonly entry: number;
}

/** In the order in which they were stored, after an entry. */
export const readDecisions = (
  session: Session,
  runId: string,
  table: QualifiedName,
  after: number,
  most: number,
): Promise<readonly NumberedDecision[]> =>
  session.query<NumberedDecision>(sql`
    SELECT d.entry, d.hash, d.key, d.winner, d.rule FROM steep_repl.merge_decisions AS d
     WHERE d.run_id = ${runId} AND d.table_name = ${formatName(table)} AND d.entry > ${after}
     ORDER BY d.entry LIMIT ${most}`);
