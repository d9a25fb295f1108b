// A publication with tables added or removed. Pure.

import { compareNames, formatName, type QualifiedName } from '../../model/identifier.ts';
import type { PublishedTable, ResourceOf } from '../../model/state/resource.ts';

interface TableChange {
  readonly verb: 'add-tables' | 'remove-tables';
  readonly tables: readonly QualifiedName[];
}

/** Tables that it has already stay as they are, with their columns and filters. */
export const withTables = (
  publication: ResourceOf<'publication'>,
  { verb, tables }: TableChange,
): ResourceOf<'publication'> => {
  const { spec } = publication;
  const named = new Set(tables.map(formatName));
  const others = spec.tables.filter(({ table }) => !named.has(formatName(table)));
  if (verb === 'remove-tables') return { ...publication, spec: { ...spec, tables: others } };
  const present = new Set(spec.tables.map(({ table }) => formatName(table)));
  const added = tables
    .filter((table) => !present.has(formatName(table)))
    .map((table): PublishedTable => ({ table, columns: null, where: null }));
  const all = [...spec.tables, ...added].toSorted((a, b) => compareNames(a.table, b.table));
  return { ...publication, spec: { ...spec, tables: all } };
};
