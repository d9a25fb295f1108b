// What a definition of the DDL engine is in words of ours: a table with one of its parts, or what tables need.

import { encodeId, type FactBase, type StableId } from '@supabase/pg-delta';
import { formatName, quoteIdentifier } from '../../model/identifier.ts';
import type {
  SchemaObject,
  SchemaObjectKind,
  SchemaStatement,
} from '../../model/schema/schema-change.ts';

export type About = Pick<SchemaStatement, 'object' | 'part'>;

const kinds: Readonly<Partial<Record<StableId['kind'], SchemaObjectKind>>> = {
  schema: 'schema',
  extension: 'extension',
  table: 'table',
  sequence: 'sequence',
  function: 'function',
  aggregate: 'function',
  type: 'type',
  domain: 'type',
  collation: 'type',
};

type Named = StableId & { readonly name: string };

const isNamed = (id: StableId): id is Named => 'name' in id;

const qualified = (kind: SchemaObjectKind, schema: string, name: string): SchemaObject => ({
  kind,
  name: formatName({ schema, name }),
});

/** Indexes are named within a schema: their table is where they belong. */
const tableOfIndex = (
  id: StableId & {
    readonly schema: string;
    readonly name: string;
  },
  bases: readonly FactBase[],
): SchemaObject => {
  const table = bases
    .flatMap((base) => base.get(id)?.parent ?? [])
    .find(({ kind }) => kind === 'table');
  return table?.kind === 'table'
    ? qualified('table', table.schema, table.name)
    : qualified('table', id.schema, id.name);
};

/** A column, its default, a constraint, an index or an attribute; null: an object by itself. */
const partOf = (id: Named, bases: readonly FactBase[]): About | null => {
  if (id.kind === 'index') return { object: tableOfIndex(id, bases), part: `index ${id.name}` };
  if (id.kind === 'typeAttribute') {
    return { object: qualified('type', id.schema, id.type), part: `attribute ${id.name}` };
  }
  if (!('table' in id)) return null;
  const isOfDomain = bases.some((base) => base.get(id)?.parent?.kind === 'domain');
  if (isOfDomain) {
    return { object: qualified('type', id.schema, id.table), part: `constraint ${id.name}` };
  }
  const noun = id.kind === 'default' ? 'column' : id.kind;
  return { object: qualified('table', id.schema, id.table), part: `${noun} ${id.name}` };
};

/**
 * Which object a statement is about.
 * @throws Error for a kind that is never carried to a subscriber.
 */
export const aboutOf = (
  id: StableId,
  verb: SchemaStatement['verb'],
  bases: readonly FactBase[],
): About => {
  const part = isNamed(id) ? partOf(id, bases) : null;
  if (part !== null) return part;
  const kind = kinds[id.kind];
  if (kind === undefined || !isNamed(id)) {
    throw new Error(`the engine made a statement about ${encodeId(id)}`);
  }
  const name =
    'schema' in id && id.schema !== null
      ? formatName({ schema: id.schema, name: id.name })
      : quoteIdentifier(id.name);
  // A sequence is made before its table, and given to its column afterwards.
  return {
    object: { kind, name },
    part: kind === 'sequence' && verb === 'alter' ? 'settings' : null,
  };
};
