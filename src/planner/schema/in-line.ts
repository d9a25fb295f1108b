// Whether a subscriber's table has what `schema_sync: auto` brings it: the columns that are sent, its keys and
// its types. Order does not count, and what else the subscriber has of its own does not either.

import type { SentTable } from '../../model/schema/schema-change.ts';
import type { ColumnDefinition, TableDefinition } from '../../model/schema/table-definition.ts';

const text = (value: unknown): string => JSON.stringify(value);

/** A collation changes no value, and each node keeps its own. */
const asAligned = ({ collation: _, ...column }: ColumnDefinition): string => text(column);

/** A column that is not sent is not examined; with a column list, other columns belong to the subscriber. */
const columnsAgree = (
  source: readonly ColumnDefinition[],
  target: readonly ColumnDefinition[],
  sent: readonly string[] | null,
): boolean => {
  const wanted = source.filter(({ name }) => sent?.includes(name) ?? true);
  const found = sent === null ? target : target.filter(({ name }) => sent.includes(name));
  if (wanted.length !== found.length) return false;
  const own = new Map(found.map((column) => [column.name, asAligned(column)]));
  return wanted.every((column) => own.get(column.name) === asAligned(column));
};

/** Keys by which apply finds rows; the subscriber may have more. */
const hasKeys = (source: TableDefinition, target: TableDefinition): boolean => {
  const own = new Set(target.constraints.map(text));
  return source.constraints
    .filter(({ kind }) => kind === 'primary key' || kind === 'unique')
    .every((key) => own.has(text(key)));
};

/** A collation that is there already stays as it is. */
const hasTypes = (source: TableDefinition, target: TableDefinition): boolean => {
  const own = new Set(target.types.map(text));
  return source.types.every((type) => type.kind === 'collation' || own.has(text(type)));
};

/** `target` undefined: the subscriber has no such table. */
export const isInLine = (
  { columns }: Pick<SentTable, 'columns'>,
  source: TableDefinition,
  target: TableDefinition | undefined,
): boolean =>
  target !== undefined &&
  columnsAgree(source.columns, target.columns, columns) &&
  (columns !== null || hasKeys(source, target)) &&
  hasTypes(source, target);
