// Rows that refer to rows which are not there: a session of replication does not check foreign keys.

import { SteepError } from '../../model/errors.ts';
import {
  compareText,
  formatName,
  type QualifiedName,
  quoteIdentifier,
} from '../../model/identifier.ts';
import type { DanglingReference } from '../../model/report/repair.ts';
import type { Session } from '../../postgres/session.ts';
import { lockDefinitions } from '../../postgres/sql/exposed-tables.ts';
import { lockTables, onlyTable, type TableKinds } from '../../postgres/sql/named-tables.ts';
import { ddl, ident, join, sql } from '../../postgres/sql/sql.ts';

interface ForeignKey {
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  readonly toSchema: string;
  readonly toTable: string;
  readonly columns: readonly string[];
  readonly toColumns: readonly string[];
}

/** Whether reading tables would run code of others. @throws where it would. */
export type GuardReads = (session: Session, tables: readonly QualifiedName[]) => Promise<void>;

/**
 * Of foreign keys from or to these tables, as far as the role may read their tables. Anyone with the right to refer to a
 * table can make another one that does: those are guarded too.
 */
export const readDangling = async (
  session: Session,
  tables: readonly QualifiedName[],
  guard: GuardReads,
): Promise<readonly DanglingReference[]> => {
  const found: DanglingReference[] = [];
  for (const key of await readForeignKeys(session, tables)) {
    const rows = await tryToCount(session, key, guard);
    if (rows !== 0) found.push({ table: formatName(fromOf(key)), constraint: key.name, rows });
  }
  return found.toSorted((a, b) => compareText(a.table, b.table));
};

/** The rows are repaired already: what cannot be counted is said, and fails nothing. */
const tryToCount = async (
  session: Session,
  key: ForeignKey,
  guard: GuardReads,
): Promise<number | null> => {
  try {
    return await session.transaction({ readOnly: true }, () => countGuarded(session, key, guard));
  } catch (error) {
    if (session.closed) throw error;
    return null;
  }
};

/**
 * The same in the transaction of the session, of which no part may fail.
 * @param held By formatName: what this or another transaction of the run holds against changes already. Grows by what this one holds.
 * @throws pg's error where a table that refers to them is locked.
 */
export const readDanglingWithin = async (
  session: Session,
  tables: readonly QualifiedName[],
  guard: GuardReads,
  held: Set<string>,
): Promise<readonly DanglingReference[]> => {
  const found: DanglingReference[] = [];
  for (const key of await readForeignKeys(session, tables)) {
    const rows = await countGuarded(session, key, guard, held).catch((error: unknown) => {
      if (error instanceof SteepError) return null;
      throw error;
    });
    if (rows !== 0) found.push({ table: formatName(fromOf(key)), constraint: key.name, rows });
  }
  return found;
};

const fromOf = ({ schema, table }: ForeignKey): QualifiedName => ({ schema, name: table });

const countGuarded = async (
  session: Session,
  key: ForeignKey,
  guard: GuardReads,
  held: Set<string> = new Set(),
): Promise<number> => {
  const ends = [fromOf(key), { schema: key.toSchema, name: key.toTable }];
  const kinds = await lockTables(session, ends, 'ACCESS SHARE', { nowait: true });
  await lockDefinitions(
    session,
    ends.filter((end) => !held.has(formatName(end))),
  );
  for (const end of ends) held.add(formatName(end));
  await guard(session, ends);
  return countDangling(session, key, kinds);
};

const relation = ({ schema, name }: QualifiedName): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;

const readForeignKeys = (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<readonly ForeignKey[]> =>
  session.query<ForeignKey>(sql`
    WITH wanted AS (SELECT pg_catalog.to_regclass(t.name)::oid AS oid FROM pg_catalog.unnest(${tables.map(relation)}::text[]) AS t (name))
    SELECT k.conname::text AS name, n.nspname::text AS schema, c.relname::text AS table,
           tn.nspname::text AS "toSchema", tc.relname::text AS "toTable",
           ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS u (number, position)
                   JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.position) AS columns,
           ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS u (number, position)
                   JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY u.position) AS "toColumns"
      FROM pg_catalog.pg_constraint AS k
      JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_class AS tc ON tc.oid = k.confrelid
      JOIN pg_catalog.pg_namespace AS tn ON tn.oid = tc.relnamespace
     WHERE k.contype = 'f' AND k.conparentid = 0
       AND (k.conrelid IN (SELECT w.oid FROM wanted AS w) OR k.confrelid IN (SELECT w.oid FROM wanted AS w))
       AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AND pg_catalog.has_table_privilege(tc.oid, 'SELECT')
     ORDER BY k.conname`);

/** MATCH SIMPLE: a row with a NULL refers to nothing. */
const countDangling = async (
  session: Session,
  key: ForeignKey,
  kinds: TableKinds,
): Promise<number> => {
  const pairs = key.columns.map(
    (column, at) => ddl`p.${ident(key.toColumns[at] ?? column)} = c.${ident(column)}`,
  );
  const given = key.columns.map((column) => ddl`c.${ident(column)} IS NOT NULL`);
  const [row] = await session.query<{ readonly rows: number }>(sql`
    SELECT pg_catalog.count(*) AS rows FROM ${onlyTable({ schema: key.schema, name: key.table }, kinds)} AS c
     WHERE ${join(given, ' AND ')} AND NOT EXISTS (
           SELECT FROM ${onlyTable({ schema: key.toSchema, name: key.toTable }, kinds)} AS p WHERE ${join(pairs, ' AND ')})`);
  return row?.rows ?? 0;
};
