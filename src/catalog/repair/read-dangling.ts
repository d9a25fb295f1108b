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

export interface CheckedReference {
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  readonly toSchema: string;
  readonly toTable: string;
  readonly columns: readonly string[];
  readonly toColumns: readonly string[];
  /** By formatName: of the tables that were asked for, those that refer by it, and those that are referred to. */
  readonly referring: readonly string[];
  readonly referred: readonly string[];
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
  key: CheckedReference,
  guard: GuardReads,
): Promise<number | null> => {
  try {
    return await session.transaction({ readOnly: true }, () =>
      countGuarded(session, key, guard, countAll),
    );
  } catch (error) {
    if (session.closed) throw error;
    return null;
  }
};

/** In the transaction of the session. False: by this key no more rows refer to nothing than before, as far as is known without reading all. */
export type MayDangle = (
  session: Session,
  key: CheckedReference,
  kinds: TableKinds,
) => Promise<boolean>;

/**
 * The same in the transaction of the session, of which no part may fail.
 * @param mayDangle other keys are not counted.
 * @param held By formatName: what this or another transaction of the run holds against changes already. Grows by what this one holds.
 * @throws pg's error where a table that refers to them is locked.
 */
export const readDanglingWithin = async (
  session: Session,
  tables: readonly QualifiedName[],
  guard: GuardReads,
  mayDangle: MayDangle,
  held: Set<string>,
): Promise<readonly DanglingReference[]> => {
  const found: DanglingReference[] = [];
  for (const key of await readForeignKeys(session, tables)) {
    const rows = await countGuarded(session, key, guard, mayDangle, held).catch(
      (error: unknown) => {
        if (error instanceof SteepError) return null;
        throw error;
      },
    );
    if (rows !== 0) found.push({ table: formatName(fromOf(key)), constraint: key.name, rows });
  }
  return found;
};

/** Nothing is known of any key. */
export const countAll: MayDangle = async () => true;

const fromOf = ({ schema, table }: CheckedReference): QualifiedName => ({ schema, name: table });

const countGuarded = async (
  session: Session,
  key: CheckedReference,
  guard: GuardReads,
  mayDangle: MayDangle,
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
  return (await mayDangle(session, key, kinds)) ? countDangling(session, key, kinds) : 0;
};

const relation = ({ schema, name }: QualifiedName): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;

/** Those of partitioned tables hold for their partitions, and those of a partition for a part of the whole. */
const readForeignKeys = (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<readonly CheckedReference[]> =>
  session.query<CheckedReference>(sql`
    WITH wanted AS (
      SELECT t.name, pg_catalog.to_regclass(t.relation)::oid AS oid
        FROM ROWS FROM (pg_catalog.unnest(${tables.map(formatName)}::text[]),
                        pg_catalog.unnest(${tables.map(relation)}::text[])) AS t (name, relation)),
    related AS (
      SELECT w.name, w.oid FROM wanted AS w
       UNION SELECT w.name, a.relid::oid FROM wanted AS w CROSS JOIN LATERAL pg_catalog.pg_partition_ancestors(w.oid) AS a
       UNION SELECT w.name, t.relid::oid FROM wanted AS w CROSS JOIN LATERAL pg_catalog.pg_partition_tree(w.oid) AS t)
    SELECT k.conname::text AS name, n.nspname::text AS schema, c.relname::text AS table,
           tn.nspname::text AS "toSchema", tc.relname::text AS "toTable",
           ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS u (number, position)
                   JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.position) AS columns,
           ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS u (number, position)
                   JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY u.position) AS "toColumns",
           ARRAY(SELECT r.name FROM related AS r WHERE r.oid = k.conrelid) AS referring,
           ARRAY(SELECT r.name FROM related AS r WHERE r.oid = k.confrelid) AS referred
      FROM pg_catalog.pg_constraint AS k
      JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_class AS tc ON tc.oid = k.confrelid
      JOIN pg_catalog.pg_namespace AS tn ON tn.oid = tc.relnamespace
     WHERE k.contype = 'f' AND k.conparentid = 0
       AND (k.conrelid IN (SELECT r.oid FROM related AS r) OR k.confrelid IN (SELECT r.oid FROM related AS r))
       AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AND pg_catalog.has_table_privilege(tc.oid, 'SELECT')
     ORDER BY k.conname`);

/** MATCH SIMPLE: a row with a NULL refers to nothing. */
const countDangling = async (
  session: Session,
  key: CheckedReference,
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
