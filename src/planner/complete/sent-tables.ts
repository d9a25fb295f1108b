// What the publications of a subscription send together, in full: several filters of one table are one that
// passes what any of them does.

import { formatName } from '../../model/identifier.ts';
import type { PublicationSpec, PublishedTable } from '../../model/state/resource.ts';
import type { Table } from '../../model/state/table.ts';
import { effectiveTables, type TableIndex } from './published-tables.ts';

/** As PostgreSQL ORs them; a publication without a filter sends all rows. */
const anyOf = (filters: readonly (string | null)[]): string | null => {
  const distinct = [...new Set(filters)];
  if (distinct.includes(null)) return null;
  return distinct.length === 1
    ? (distinct[0] ?? null)
    : distinct.map((it) => `(${it})`).join(' OR ');
};

/** By name of the table, with the row filter that all of them make together. */
export const sentTables = (
  specs: readonly PublicationSpec[],
  tables: TableIndex,
): readonly PublishedTable[] => {
  const each = specs.flatMap((spec) => effectiveTables([spec], tables));
  return effectiveTables(specs, tables).map((sent) => {
    const name = formatName(sent.table);
    const where = anyOf(
      each.filter(({ table }) => formatName(table) === name).map((other) => other.where),
    );
    return { ...sent, where };
  });
};

/** The columns that are sent: generated ones only where they are listed. */
export const sentColumns = (
  { columns }: PublishedTable,
  table: Pick<Table, 'columns'>,
): readonly string[] =>
  table.columns
    .filter(({ name, generated }) => (columns === null ? !generated : columns.includes(name)))
    .map(({ name }) => name)
    .toSorted();

/** The table and all partitions below it, for tools that take each by its name. */
export const withPartitions = (
  { table }: Pick<PublishedTable, 'table'>,
  tables: TableIndex,
): readonly PublishedTable['table'][] => {
  if (tables.get(formatName(table))?.partitioned !== true) return [table];
  const parts = [...tables.values()].filter(
    ({ parent }) => parent !== null && formatName(parent) === formatName(table),
  );
  return [table, ...parts.flatMap(({ name }) => withPartitions({ table: name }, tables))];
};
