// Which tables a subscriber gets from publications: selectors to lists, partitions to roots or leaves.

import { compareNames, formatName, type QualifiedName } from '../../model/identifier.ts';
import type { PublicationSpec, PublishedTable } from '../../model/state/resource.ts';
import type { TableSelector } from '../../model/state/state.ts';
import type { Table } from '../../model/state/table.ts';

export type TableIndex = ReadonlyMap<string, Table>;

/** What of tables decides which of them are sent. */
export type TableTree = ReadonlyMap<string, Pick<Table, 'name' | 'parent' | 'partitioned'>>;

const matches = (selector: TableSelector, table: Table): boolean =>
  selector.kind === 'all' || (selector.kind === 'schema' && selector.schema === table.name.schema);

/** The explicit list for `*`, `schema.*` and named tables as of now; a named table wins over a wildcard. */
export const expandSelectors = (
  selectors: readonly TableSelector[],
  tables: TableIndex,
): readonly PublishedTable[] => {
  const found = new Map<string, PublishedTable>();
  for (const selector of selectors) {
    if (selector.kind === 'table') continue;
    for (const [name, table] of tables) {
      // A partition is published through its root.
      if (table.parent === null && matches(selector, table)) {
        found.set(name, { table: table.name, columns: null, where: null });
      }
    }
  }
  for (const selector of selectors) {
    if (selector.kind !== 'table') continue;
    const { table, columns, where } = selector;
    found.set(formatName(table), { table, columns, where });
  }
  return [...found.values()].sort((a, b) => compareNames(a.table, b.table));
};

const leavesOf = (root: Pick<Table, 'name'>, tables: TableTree): readonly Pick<Table, 'name'>[] =>
  [...tables.values()]
    .filter((table) => table.parent !== null && compareNames(table.parent, root.name) === 0)
    .flatMap((child) => (child.partitioned ? leavesOf(child, tables) : [child]));

/** What one published table sends: itself, or the leaf partitions below it. */
const sentBy = (
  published: PublishedTable,
  viaRoot: boolean,
  tables: TableTree,
): readonly PublishedTable[] => {
  const table = tables.get(formatName(published.table));
  if (table === undefined || !table.partitioned || viaRoot) return [published];
  return leavesOf(table, tables).map((leaf) => ({ ...published, table: leaf.name }));
};

const hasAncestorIn = (
  name: QualifiedName,
  roots: ReadonlySet<string>,
  tables: TableTree,
): boolean => {
  const parent = tables.get(formatName(name))?.parent ?? null;
  if (parent === null) return false;
  return roots.has(formatName(parent)) || hasAncestorIn(parent, roots, tables);
};

/** Whether a publication sends the table with all of its schema, or database: then a row filter of it does not count. */
export const isSentWithSchema = (
  { table }: Pick<PublishedTable, 'table'>,
  spec: Pick<PublicationSpec, 'allTables' | 'schemas'>,
): boolean => spec.allTables || spec.schemas.includes(table.schema);

const inSchemas = (spec: PublicationSpec, tables: TableTree): readonly PublishedTable[] =>
  [...tables.values()]
    .map((table) => ({ table: table.name, columns: null, where: null }))
    .filter((sent) => isSentWithSchema(sent, spec));

/**
 * The tables that a subscription to all of these publications replicates, as pg_subscription_rel will
 * list them, sorted by name. Source: pg_get_publication_tables() in the manual's chapter on publications.
 */
export const effectiveTables = (
  publications: readonly PublicationSpec[],
  tables: TableTree,
): readonly PublishedTable[] => {
  const found = new Map<string, PublishedTable>();
  const roots = new Set<string>();
  for (const spec of publications) {
    const listed = spec.tables.filter(
      (it) => !(isSentWithSchema(it, spec) && tables.has(formatName(it.table))),
    );
    for (const published of [...inSchemas(spec, tables), ...listed]) {
      const name = formatName(published.table);
      if (spec.viaPartitionRoot && tables.get(name)?.partitioned === true) roots.add(name);
      for (const sent of sentBy(published, spec.viaPartitionRoot, tables)) {
        found.set(formatName(sent.table), sent);
      }
    }
  }
  return [...found.values()]
    .filter((sent) => !hasAncestorIn(sent.table, roots, tables))
    .sort((a, b) => compareNames(a.table, b.table));
};
