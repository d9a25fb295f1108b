// Which names of a row filter may mean something of a user. To read a constant of a type of a user, PostgreSQL calls the
// input function of the type while it parses, and that of an array or a composite type checks the domains in it: their code
// runs before the filter is refused. So such names are found before any server sees the filter.

import { type FilterName, namesOf } from './filter-words.ts';
import type { QualifiedName } from './identifier.ts';

/** What a type follows, and no column. */
const beforeTypes: ReadonlySet<string | null> = new Set([
  '::',
  'as',
  'of',
  'returning',
  'collate',
  '.',
]);

const isColumn = (
  { parts, before, after }: FilterName,
  table: QualifiedName,
  columns: ReadonlySet<string>,
): boolean => {
  if (beforeTypes.has(before) || after?.kind === 'string' || after?.text === '(') return false;
  const names = parts.map(({ name }) => name);
  const column = names.pop() ?? '';
  const path = [table.schema, table.name].slice(-names.length);
  return columns.has(column) && names.every((name, index) => name === path[index]);
};

const catalog = 'pg_catalog';

/** `OPERATOR(schema.+)` */
const isForeignOperator = (name: FilterName, next: FilterName | undefined): boolean => {
  const [word] = name.parts;
  return (
    word?.name === 'operator' && !word.quoted && word.called && next?.parts[0]?.name !== catalog
  );
};

/** `U&"…"`: the name is not what its letters say. */
const isEscaped = ({ parts, after }: FilterName, next: FilterName | undefined): boolean =>
  parts.at(-1)?.name === 'u' && after?.text === '&' && next?.parts[0]?.quoted === true;

/** With an empty search_path, only a qualified name means something outside of pg_catalog, and so does a row as a whole. */
const isForeign = (
  name: FilterName,
  next: FilterName | undefined,
  table: QualifiedName,
  columns: ReadonlySet<string>,
): boolean => {
  if (isForeignOperator(name, next) || isEscaped(name, next)) return true;
  const [first] = name.parts;
  if (name.parts.length === 1) return first?.name === table.name && !columns.has(first.name);
  if (name.parts.length === 2 && first?.name === catalog && name.before !== '.') return false;
  return name.parts.length > 3 || !isColumn(name, table, columns);
};

/** The first such name, as it is written; null: there is none. */
export const foreignName = (
  filter: string,
  table: QualifiedName,
  columns: readonly string[],
): string | null => {
  const names = namesOf(filter);
  const own = new Set(columns);
  const found = names.find((name, index) => isForeign(name, names[index + 1], table, own));
  return found === undefined ? null : found.parts.map(({ name }) => name).join('.');
};
