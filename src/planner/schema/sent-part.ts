// What of a publisher's table an edge sends: the definition that the subscriber's is compared with.

import { formatName } from '../../model/identifier.ts';
import type { SentTable } from '../../model/schema/schema-change.ts';
import type {
  ColumnDefinition,
  TableDefinition,
  TypeDefinition,
} from '../../model/schema/table-definition.ts';
import { elementOf } from '../../model/schema/type-widening.ts';

/** `sendsGenerated`: a generated column is sent as if it were a plain one, as is one that is listed. */
export const sentPart = (
  definition: TableDefinition,
  { columns }: Pick<SentTable, 'columns'>,
  sendsGenerated: boolean,
): TableDefinition => {
  const listed = columns === null ? null : new Set(columns);
  const sent = definition.columns.filter(({ name }) => listed?.has(name) ?? true);
  return {
    ...definition,
    columns: sendsGenerated || listed !== null ? sent.map(asSent) : sent,
    types: listed === null ? definition.types : typesOf(sent, definition.types),
  };
};

/** Virtual columns are not published. */
const asSent = (column: ColumnDefinition): ColumnDefinition =>
  column.generated === 'stored' ? { ...column, generated: null, expression: null } : column;

/** The types that these columns use, directly or inside of others. */
const typesOf = (
  columns: readonly ColumnDefinition[],
  types: readonly TypeDefinition[],
): readonly TypeDefinition[] => {
  const used = new Set(columns.map(({ type }) => elementOf(type)));
  let known = 0;
  while (known < used.size) {
    known = used.size;
    for (const type of types)
      if (used.has(formatName(type.name))) for (const inner of innerTypes(type)) used.add(inner);
  }
  const collations = new Set(columns.map(({ collation }) => collation));
  return types.filter(({ kind, name }) =>
    (kind === 'collation' ? collations : used).has(formatName(name)),
  );
};

const innerTypes = (type: TypeDefinition): readonly string[] => {
  switch (type.kind) {
    case 'composite':
      return type.attributes.map((attribute) => elementOf(attribute.type));
    case 'domain':
      return [elementOf(type.base)];
    case 'range':
      return [type.subtype];
    case 'enum':
    case 'collation':
    case 'multirange':
    case 'base':
      return [];
  }
};
