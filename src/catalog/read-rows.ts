// Asks which tables hold rows: a fact, where the catalogs have estimates only.
// Reads at most one row of each table.

import { formatName, type QualifiedName } from '../model/identifier.ts';
import type { Session } from '../postgres/session.ts';
import { join, qualified, type Sql, sql } from '../postgres/sql.ts';
import { readForeignCode } from './foreign-code/read-foreign-code.ts';

/** Tables a statement: far below the limits of a statement, and few round trips. */
const batchSize = 200;

/**
 * The tables (by formatName) that are not known to be empty: those with rows, and those that cannot be looked
 * into without a right, without waiting, or without running code of roles that are not trusted, unless their files
 * are empty. A table that does not exist has no rows.
 * @throws pg's error when a table changes or goes away meanwhile.
 */
export const readWhichHaveRows = async (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<ReadonlySet<string>> => {
  const found = new Set<string>();
  for (let start = 0; start < tables.length; start += batchSize) {
    const batch = tables.slice(start, start + batchSize);
    const code = await readForeignCode(session, batch, ['scan']);
    const access = await readAccess(session, batch, new Set(code.map(({ table }) => table)));
    const closed = batch.filter((_table, index) => access[index] === 'closed');
    const open = batch.filter((_table, index) => access[index] === 'open');
    for (const table of [...closed, ...(await readNonEmpty(session, open))])
      found.add(formatName(table));
  }
  return found;
};

type Access = 'open' | 'closed' | 'missing';

/**
 * Closed: no right to read; row security, which would hide rows; or a lock that the query would wait for.
 * Asked before, since one table that fails would fail the statement and the transaction.
 */
async function readAccess(
  session: Session,
  tables: readonly QualifiedName[],
  guarded: ReadonlySet<string>,
): Promise<readonly Access[]> {
  const rows = await session.query<{ readonly access: Access }>(sql`
    SELECT CASE WHEN c.oid IS NULL THEN 'missing'
                WHEN t.guarded THEN CASE WHEN EXISTS (${lockedOrFilled}) THEN 'closed' ELSE 'missing' END
                WHEN pg_catalog.has_schema_privilege(n.oid, 'USAGE')
                 AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
                 AND NOT pg_catalog.row_security_active(c.oid)
                 AND NOT EXISTS (SELECT FROM pg_catalog.pg_locks AS l
                                  WHERE l.relation = c.oid AND l.mode = 'AccessExclusiveLock'
                                    AND l.pid <> pg_catalog.pg_backend_pid())
                THEN 'open' ELSE 'closed' END AS access
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

/** Of the relation c and its partitions; the size of a locked one would have to be waited for. */
const lockedOrFilled: Sql = sql`
  SELECT FROM (SELECT c.oid UNION ALL SELECT p.relid::oid FROM pg_catalog.pg_partition_tree(c.oid) AS p) AS part (oid)
   WHERE CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_locks AS l
                            WHERE l.relation = part.oid AND l.mode = 'AccessExclusiveLock'
                              AND l.pid <> pg_catalog.pg_backend_pid())
              THEN TRUE ELSE pg_catalog.pg_relation_size(part.oid) > 0 END`;

async function readNonEmpty(
  session: Session,
  tables: readonly QualifiedName[],
): Promise<readonly QualifiedName[]> {
  if (tables.length === 0) return [];
  const queries: readonly Sql[] = tables.map(
    (table, index) =>
      sql`SELECT ${index}::int4 AS index WHERE EXISTS (SELECT FROM ${qualified(table)})`,
  );
  const rows = await session.query<{ readonly index: number }>(join(queries, ' UNION ALL '));
  const nonEmpty = new Set(rows.map(({ index }) => index));
  return tables.filter((_table, index) => nonEmpty.has(index));
}
