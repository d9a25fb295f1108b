// SQL: rows as the subscriber stores them. Values are read by the input functions of their types, as in COPY. Pure.

import { onlyTable, type TableKinds } from '../../postgres/sql/named-tables.ts';
import { ddl, ident, join, qualified, type Sql, sql } from '../../postgres/sql/sql.ts';
import { texts } from '../difference/end-sql.ts';
import type { RowValues, WholeRow } from './read-rows.ts';
import { formatRecord } from './record-text.ts';
import type { RepairedTable } from './repaired-table.ts';

const columnAt = (at: number): Sql => ident(`c${at}`);

/** Rows of the type of the table, as its columns c0, c1, … */
export const typedRows = ({ ends, stored }: RepairedTable, rows: readonly RowValues[]): Sql => {
  const records = rows.map((row) =>
    formatRecord(stored.map(({ name, generated }) => (generated ? null : (row.get(name) ?? null)))),
  );
  return sql`pg_catalog.unnest(${records}::${qualified(ends.b.table)}[])`;
};

/** What the columns of these rows are called. */
export const rowColumns = ({ stored }: RepairedTable): readonly Sql[] =>
  stored.map((_column, at) => columnAt(at));

/** Where rows are: the version has the OID of the table and the place in it. */
const placesOf = (rows: readonly WholeRow[]): Sql => {
  const places = rows.map(({ version }) => version.split(' '));
  return sql`pg_catalog.unnest(${places.map(([table]) => table ?? '')}::oid[]),
             pg_catalog.unnest(${places.map(([, place]) => place ?? '')}::tid[])`;
};

export const deleteRows = (
  { ends }: RepairedTable,
  kinds: TableKinds,
  rows: readonly WholeRow[],
): Sql => ddl`
  DELETE FROM ${onlyTable(ends.b.table, kinds)} AS o USING ROWS FROM (${placesOf(rows)}) AS n (at_table, at_row)
   WHERE o.tableoid = n.at_table AND o.ctid = n.at_row`;

export const updateRows = (
  table: RepairedTable,
  kinds: TableKinds,
  changes: readonly { readonly from: WholeRow; readonly to: WholeRow }[],
): Sql => {
  const set = table.stored.flatMap(({ name, identityAlways }, at) =>
    table.written.includes(name) && !identityAlways
      ? [ddl`${ident(name)} = n.${columnAt(at)}`]
      : [],
  );
  const rows = typedRows(
    table,
    changes.map(({ to }) => to.row),
  );
  const places = placesOf(changes.map(({ from }) => from));
  return ddl`
  UPDATE ${onlyTable(table.ends.b.table, kinds)} AS o SET ${join(set)}
    FROM ROWS FROM (${rows}, ${places}) AS n (${join([...rowColumns(table), ddl`at_table`, ddl`at_row`])})
   WHERE o.tableoid = n.at_table AND o.ctid = n.at_row`;
};

/**
 * @param columns those that get a value; the others get their default.
 * @param keepOut a row that a constraint refuses is left out, instead of being an error; returns the keys that are in.
 */
export const insertRows = (
  table: RepairedTable,
  columns: readonly string[],
  rows: readonly RowValues[],
  { keepOut }: { readonly keepOut: boolean },
): Sql => {
  const stored = table.stored.flatMap(({ name }, at) =>
    columns.includes(name) ? [{ name: ident(name), value: ddl`n.${columnAt(at)}` }] : [],
  );
  const insert = ddl`
  INSERT INTO ${qualified(table.ends.b.table)} (${join(stored.map(({ name }) => name))}) OVERRIDING SYSTEM VALUE
  SELECT ${join(stored.map(({ value }) => value))} FROM ${typedRows(table, rows)} AS n (${join(rowColumns(table))})`;
  return keepOut
    ? ddl`${insert} ON CONFLICT DO NOTHING RETURNING ${texts(table.ends.b.key)} AS key`
    : insert;
};
