// SQL: rows that one node is to get, in a temporary table of the session that will write them. Pure.

import type { CheckedReference } from '../../catalog/repair/read-dangling.ts';
import type { RowValues } from '../../compare/repair/read-rows.ts';
import type { RepairedTable } from '../../compare/repair/repaired-table.ts';
import { rowColumns, typedRows } from '../../compare/repair/write-sql.ts';
import { type HashedColumn, rowHash } from '../../compare/row-hash.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import { onlyTable, type TableKinds } from '../../postgres/sql/named-tables.ts';
import { ddl, ident, join, qualified, type Sql, sql } from '../../postgres/sql/sql.ts';

/** Where rows of a table wait. */
export interface RowStage {
  /** As the node stores the table, which is end `b` of it. */
  readonly table: RepairedTable;
  readonly at: QualifiedName;
}

export interface StagedRow {
  /** Of the winner. */
  readonly row: RowValues;
  readonly hash: string;
  /** The hash of the row that loses; null: the node has none. */
  readonly seen: string | null;
  readonly name: string;
  /** For the audit log: JSON objects by column, and why it loses. */
  readonly key: string;
  readonly losing: string | null;
  readonly rule: string;
}

export const stageOf = (table: RepairedTable, number: number): RowStage => ({
  table,
  at: { schema: 'pg_temp', name: `steep_stage_${number}` },
});

/** Names that no column of the table has: an ambiguous one would be an error. */
const stagedName = (at: number): string => `steep$${at}`;
const staged = (at: number): Sql => ident(stagedName(at));
const [hash, seen, name, key, losing, rule] = ['hash', 'seen', 'name', 'key', 'losing', 'rule'].map(
  (it) => ident(`steep$${it}`),
) as [Sql, Sql, Sql, Sql, Sql, Sql];
const facts = join([hash, seen, name, key, losing, rule]);

/** Of the columns that are written, by their place among those that are stored. */
const written = ({
  stored,
  written: names,
}: RepairedTable): readonly (readonly [string, number])[] =>
  stored.flatMap((column, at) => (names.includes(column.name) ? [[column.name, at] as const] : []));

/** Nothing is read from the table. */
export const createStage = ({ table, at }: RowStage): readonly Sql[] => {
  const columns = written(table).map(
    ([column, place]) => ddl`t.${ident(column)} AS ${staged(place)}`,
  );
  return [
    ddl`DROP TABLE IF EXISTS ${qualified(at)}`,
    ddl`CREATE TEMPORARY TABLE ${ident(at.name)} AS
      SELECT ${join(columns)}, NULL::pg_catalog.int8 AS ${hash}, NULL::pg_catalog.int8 AS ${seen}, NULL::pg_catalog.text AS ${name},
             NULL::pg_catalog.jsonb AS ${key}, NULL::pg_catalog.jsonb AS ${losing}, NULL::pg_catalog.text AS ${rule}
        FROM ${qualified(table.ends.b.table)} AS t WITH NO DATA`,
  ];
};

/** Columns that are written and of another type than those of the stage. */
export const differingColumns = ({ table, at }: RowStage): Sql => {
  const columns = written(table);
  const names = columns.map(([column]) => column);
  const places = columns.map(([, place]) => stagedName(place));
  return sql`
    SELECT w.name FROM ROWS FROM (pg_catalog.unnest(${names}::text[]), pg_catalog.unnest(${places}::text[])) AS w (name, place)
     WHERE NOT EXISTS (
           SELECT FROM pg_catalog.pg_attribute AS t
             JOIN pg_catalog.pg_attribute AS s ON s.atttypid = t.atttypid AND s.atttypmod = t.atttypmod
            WHERE t.attrelid = pg_catalog.to_regclass(${formatName(table.ends.b.table)}) AND t.attname = w.name
              AND s.attrelid = pg_catalog.to_regclass(${formatName(at)}) AND s.attname = w.place)
     ORDER BY w.name`;
};

export const insertStaged = ({ table, at }: RowStage, rows: readonly StagedRow[]): Sql => {
  const columns = written(table).map(([, place]) => place);
  const texts = (of: (row: StagedRow) => string | null): Sql =>
    sql`pg_catalog.unnest(${rows.map(of)}::text[])`;
  const objects = (of: (row: StagedRow) => string | null): Sql =>
    sql`pg_catalog.unnest(${rows.map(of)}::jsonb[])`;
  const hashes = (of: (row: StagedRow) => string | null): Sql =>
    sql`pg_catalog.unnest(${rows.map(of)}::int8[])`;
  const values = typedRows(
    table,
    rows.map(({ row }) => row),
  );
  const others = [
    hashes((row) => row.hash),
    hashes((row) => row.seen),
    texts((row) => row.name),
    objects((row) => row.key),
    objects((row) => row.losing),
    texts((row) => row.rule),
  ];
  return ddl`
    INSERT INTO ${qualified(at)} (${join(columns.map(staged))}, ${facts})
    SELECT ${join(columns.map((place) => ddl`n.${rowColumns(table)[place] ?? staged(place)}`))}, ${facts}
      FROM ROWS FROM (${values}, ${join(others)}) AS n (${join(rowColumns(table))}, ${facts})`;
};

export const deleteStaged = ({ at }: RowStage, names: readonly string[]): Sql => sql`
  DELETE FROM ${qualified(at)} AS s USING pg_catalog.unnest(${names}::text[]) AS n (name) WHERE s.${name} = n.name`;

export const analyzeStage = ({ at }: RowStage): Sql => ddl`ANALYZE ${qualified(at)}`;

export const countStaged = ({ at }: RowStage): Sql => ddl`
  SELECT pg_catalog.count(*) AS rows, pg_catalog.count(s.${seen}) AS losing FROM ${qualified(at)} AS s`;

/** Whose key and hash are those of a row of the table. */
const isRow = ({ ends, stored }: RepairedTable, wanted: Sql): Sql => {
  const place = ({ column }: HashedColumn): Sql =>
    staged(stored.findIndex((it) => it.name === column));
  const pairs = ends.b.key.map((column) => ddl`o.${ident(column.column)} = s.${place(column)}`);
  return join([...pairs, ddl`${rowHash(ends.b.columns)} = s.${wanted}`], ' AND ');
};

/** How many rows it changed. */
const counted = (statement: Sql): Sql =>
  ddl`WITH done AS (${statement} RETURNING 1) SELECT pg_catalog.count(*) AS rows FROM done`;

/** Those that lose, as they were when they were staged: another one is not touched. */
export const updateStaged = ({ table, at }: RowStage, kinds: TableKinds): Sql => {
  const set = written(table).flatMap(([column, place]) =>
    table.stored[place]?.identityAlways === true
      ? []
      : [ddl`${ident(column)} = s.${staged(place)}`],
  );
  return counted(ddl`
    UPDATE ${onlyTable(table.ends.b.table, kinds)} AS o SET ${join(set)}
      FROM ${qualified(at)} AS s WHERE s.${seen} IS NOT NULL AND ${isRow(table, seen)}`);
};

export const insertMissing = ({ table, at }: RowStage): Sql => {
  const columns = written(table);
  return counted(ddl`
    INSERT INTO ${qualified(table.ends.b.table)} (${join(columns.map(([column]) => ident(column)))}) OVERRIDING SYSTEM VALUE
    SELECT ${join(columns.map(([, place]) => ddl`s.${staged(place)}`))}
      FROM ${qualified(at)} AS s WHERE s.${seen} IS NULL`);
};

/** Staged rows that the table has now. */
export const countEqual = ({ table, at }: RowStage, kinds: TableKinds): Sql => ddl`
  SELECT pg_catalog.count(*) AS rows
    FROM ${qualified(at)} AS s JOIN ${onlyTable(table.ends.b.table, kinds)} AS o ON ${isRow(table, hash)}`;

/** Whether staged rows refer to rows that are not there, as MATCH SIMPLE has it; null: their columns are not staged. */
export const selectDangling = (
  { table, at }: RowStage,
  { toSchema, toTable, columns, toColumns }: CheckedReference,
  kinds: TableKinds,
): Sql | null => {
  const places = new Map(written(table));
  const own = columns.flatMap((name) => {
    const place = places.get(name);
    return place === undefined ? [] : [ddl`s.${staged(place)}`];
  });
  if (own.length < columns.length) return null;
  const given = own.map((value) => ddl`${value} IS NOT NULL`);
  const pairs = own.map((value, place) => ddl`p.${ident(toColumns[place] ?? '')} = ${value}`);
  return ddl`
    SELECT EXISTS (
      SELECT FROM ${qualified(at)} AS s WHERE ${join(given, ' AND ')} AND NOT EXISTS (
        SELECT FROM ${onlyTable({ schema: toSchema, name: toTable }, kinds)} AS p WHERE ${join(pairs, ' AND ')})) AS found`;
};

/** key, losing and rule of the rows that lose, for the audit log. */
export const selectLosing = ({ at }: RowStage): Sql => ddl`
  SELECT s.${key} AS key, s.${losing} AS losing, s.${rule} AS rule FROM ${qualified(at)} AS s WHERE s.${seen} IS NOT NULL`;

/** The table has many more rows than are staged: they are looked up by the key, instead of the table being read. */
export const preferKeys = (prefer: boolean): Sql => sql`
  SELECT pg_catalog.set_config(s.name, ${prefer ? 'off' : null}, true)
    FROM pg_catalog.unnest(ARRAY['enable_hashjoin', 'enable_mergejoin']) AS s (name)`;
