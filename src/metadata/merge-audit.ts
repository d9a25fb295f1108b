// Runs that write rows of one node as another one has them, and each row that loses: steep_repl.merge_runs and
// merge_audit_log, on the node whose rows are written.

import { formatName, type QualifiedName } from '../model/identifier.ts';
import type { NodeName } from '../model/state/address.ts';
import type { Session } from '../postgres/session.ts';
import { type Sql, sql } from '../postgres/sql/sql.ts';

export interface MergeRun {
  readonly runId: string;
  readonly kind: 'repair' | 'merge';
  readonly address: string;
}

/** Runs of this address that still count as running were ended: the node has one run at a time. */
export const startMergeRun = async (
  session: Session,
  { runId, kind, address }: MergeRun,
  tables: readonly QualifiedName[],
): Promise<void> => {
  await session.query(sql`
    UPDATE steep_repl.merge_runs AS r SET state = 'interrupted', ended_at = pg_catalog.now()
     WHERE r.address = ${address} AND r.state = 'running'`);
  await session.query(sql`
    INSERT INTO steep_repl.merge_runs (run_id, kind, address, state, tables)
    VALUES (${runId}, ${kind}, ${address}, 'running', ${tables.map(formatName)}::text[])`);
};

export const endMergeRun = (
  session: Session,
  runId: string,
  state: 'completed' | 'partial',
): Promise<unknown> =>
  session.query(sql`
    UPDATE steep_repl.merge_runs AS r SET state = ${state}, ended_at = pg_catalog.now() WHERE r.run_id = ${runId}`);

export interface LosingEntry {
  /** By column, as text; null: the table has no key. */
  readonly key: Readonly<Record<string, string | null>> | null;
  readonly losing: Readonly<Record<string, string | null>>;
  readonly rule: string;
}

export interface MergedCounts {
  readonly overwritten: number;
  readonly inserted: number;
  readonly deleted: number;
}

/** The table whose rows lose, and the node whose rows win. */
export interface MergedWhere {
  readonly table: QualifiedName;
  readonly winner: NodeName;
}

/** In the transaction that writes the rows. */
export const noteMerged = async (
  session: Session,
  runId: string,
  where: MergedWhere,
  entries: readonly LosingEntry[],
  counts: MergedCounts,
): Promise<void> => {
  const keys = entries.map(({ key }) => (key === null ? null : JSON.stringify(key)));
  const rows = entries.map(({ losing }) => JSON.stringify(losing));
  const rules = entries.map(({ rule }) => rule);
  const losing = sql`
    SELECT l.key, l.losing, l.rule
      FROM ROWS FROM (pg_catalog.unnest(${keys}::text[]), pg_catalog.unnest(${rows}::text[]),
                      pg_catalog.unnest(${rules}::text[])) AS l (key, losing, rule)`;
  await noteSelected(session, runId, where, entries.length > 0 ? losing : null, counts);
};

/** The same. @param losing selects key, losing and rule as text; null: no row loses. */
export const noteSelected = async (
  session: Session,
  runId: string,
  { table, winner }: MergedWhere,
  losing: Sql | null,
  { overwritten, inserted, deleted }: MergedCounts,
): Promise<void> => {
  if (losing !== null) {
    await session.query(sql`
      INSERT INTO steep_repl.merge_audit_log (run_id, table_name, key, losing, winner, rule)
      SELECT ${runId}, ${formatName(table)}, l.key::jsonb, l.losing::jsonb, ${winner}, l.rule FROM (${losing}) AS l`);
  }
  await session.query(sql`
    UPDATE steep_repl.merge_runs AS r
       SET overwritten = r.overwritten + ${overwritten}, inserted = r.inserted + ${inserted},
           deleted = r.deleted + ${deleted}
     WHERE r.run_id = ${runId}`);
};
