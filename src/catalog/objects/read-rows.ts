// Asks which tables hold rows: a fact, where the catalogs have estimates only.
// Reads at most one row of each table.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import {
  lockTables,
  onlyTable,
  readTableKinds,
  type TableKinds,
} from '../../postgres/sql/named-tables.ts';
import { join, type Sql, sql } from '../../postgres/sql/sql.ts';
import { readForeignCode } from '../foreign-code/read-foreign-code.ts';

/** Tables a statement: far below the limits of a statement, and few round trips. */
const batchSize = 200;

/** `unread`: the role may not look, and the files of the table are not empty. */
export type RowsFound = 'rows' | 'unread';

type Found = ReadonlyMap<string, RowsFound>;

/**
 * The tables (by formatName) that are not known to be empty: those with rows, and those that cannot be looked
 * into without a right, without waiting, or without running code of roles that are not trusted, unless their files
 * are empty. A table that does not exist has no rows; those of children by inheritance are not its own. SELECT on the
 * system column tableoid is enough to look.
 * @throws SteepError TABLE_REPLACED, or pg's error when a table changes or goes away meanwhile.
 */
export const readWhichHaveRows = (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<Found> =>
  inBatches(tables, (batch) =>
    session.transaction({ readOnly: true }, () => readBatch(session, batch)),
  );

/** The same, in a transaction that is open. */
export const readLockedWithRows = (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<Found> => inBatches(tables, (batch) => readBatch(session, batch));

const inBatches = async (
  tables: readonly QualifiedName[],
  read: (batch: readonly QualifiedName[]) => Promise<Found>,
): Promise<Found> => {
  const found = new Map<string, RowsFound>();
  for (let start = 0; start < tables.length; start += batchSize)
    for (const [table, rows] of await read(tables.slice(start, start + batchSize)))
      found.set(table, rows);
  return found;
};

/** The look for code is under the locks with which the rows are then read. */
const readBatch = async (session: Session, batch: readonly QualifiedName[]): Promise<Found> => {
  const access = await readAccess(session, batch, new Set());
  const having = (wanted: Access): readonly QualifiedName[] =>
    batch.filter((_table, index) => access[index] === wanted);
  const columns = having('columns');
  const open = [...having('open'), ...columns];
  const kinds = new Map([
    ...(await lockTables(session, having('open'))),
    // A role that may read system columns only may lock nothing.
    ...(await readTableKinds(session, columns)),
  ]);
  const code = await readForeignCode(session, open, ['scan']);
  const guarded = new Set(code.map(({ table }) => table));
  const readable = open.filter((table) => !guarded.has(formatName(table)));
  const closed = open.filter((table) => guarded.has(formatName(table)));
  const judged = closed.length === 0 ? [] : await readAccess(session, closed, guarded);
  const filled = [
    ...having('closed'),
    ...closed.filter((_table, index) => judged[index] === 'closed'),
    ...(await readNonEmpty(session, readable, kinds)),
  ];
  return new Map<string, RowsFound>([
    ...filled.map((table) => [formatName(table), 'rows'] as const),
    ...having('unread').map((table) => [formatName(table), 'unread'] as const),
  ]);
};

type Access = 'open' | 'columns' | 'closed' | 'unread' | 'missing';

/**
 * Unread: no right to read, or row security, which would hide rows. Closed: a lock that the query would wait for, code that it
 * would run, or a foreign partition, behind which is another server. Columns: system columns may be read, and no others. Asked before, since one table that fails would fail the statement and the transaction.
 */
export async function readAccess(
  session: Session,
  tables: readonly QualifiedName[],
  guarded: ReadonlySet<string>,
): Promise<readonly Access[]> {
  const rows = await session.query<{ readonly access: Access }>(sql`
    SELECT CASE WHEN c.oid IS NULL THEN 'missing'
                WHEN t.guarded OR EXISTS (${foreignPart}) THEN CASE WHEN EXISTS (${lockedOrFilled}) THEN 'closed' ELSE 'missing' END
                WHEN NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE')
                  OR NOT pg_catalog.has_column_privilege(c.oid, 'tableoid', 'SELECT')
                  OR pg_catalog.row_security_active(c.oid)
                THEN CASE WHEN EXISTS (${lockedOrFilled}) THEN 'unread' ELSE 'missing' END
                WHEN EXISTS (SELECT FROM pg_catalog.pg_locks AS l
                              WHERE l.relation = c.oid AND l.mode = 'AccessExclusiveLock'
                                AND l.pid <> pg_catalog.pg_backend_pid())
                THEN 'closed'
                WHEN pg_catalog.has_table_privilege(c.oid, 'SELECT') THEN 'open' ELSE 'columns' END AS access
      FROM ROWS FROM (pg_catalog.unnest(${tables.map(({ schema }) => schema)}::text[]),
                      pg_catalog.unnest(${tables.map(({ name }) => name)}::text[]),
                      pg_catalog.unnest(${tables.map((table) => guarded.has(formatName(table)))}::boolean[]))
           WITH ORDINALITY AS t (schema, name, guarded, position)
      LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema
      LEFT JOIN pg_catalog.pg_class AS c
        ON c.relnamespace = n.oid AND c.relname = t.name AND c.relkind IN ('r', 'p')
     ORDER BY t.position`);
  return rows.map(({ access }) => access);
}

const foreignPart: Sql = sql`
  SELECT FROM pg_catalog.pg_partition_tree(c.oid) AS p JOIN pg_catalog.pg_class AS f ON f.oid = p.relid AND f.relkind = 'f'`;

/**
 * Of the relation c and its partitions; the size of a locked one would have to be waited for, and a foreign one has
 * no files here.
 */
const lockedOrFilled: Sql = sql`
  SELECT FROM (SELECT c.oid UNION ALL SELECT p.relid::oid FROM pg_catalog.pg_partition_tree(c.oid) AS p) AS part (oid)
   WHERE CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_locks AS l
                            WHERE l.relation = part.oid AND l.mode = 'AccessExclusiveLock'
                              AND l.pid <> pg_catalog.pg_backend_pid())
                OR EXISTS (SELECT FROM pg_catalog.pg_class AS f WHERE f.oid = part.oid AND f.relkind = 'f')
              THEN TRUE ELSE pg_catalog.pg_relation_size(part.oid) > 0 END`;

async function readNonEmpty(
  session: Session,
  tables: readonly QualifiedName[],
  kinds: TableKinds,
): Promise<readonly QualifiedName[]> {
  if (tables.length === 0) return [];
  const queries: readonly Sql[] = tables.map(
    (table, index) =>
      sql`SELECT ${index}::int4 AS index WHERE EXISTS (SELECT t.tableoid FROM ${onlyTable(table, kinds)} AS t)`,
  );
  const rows = await session.query<{ readonly index: number }>(join(queries, ' UNION ALL '));
  const nonEmpty = new Set(rows.map(({ index }) => index));
  return tables.filter((_table, index) => nonEmpty.has(index));
}
