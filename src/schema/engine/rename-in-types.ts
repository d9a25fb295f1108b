// Labels of enums and attributes of composite types that the publisher certainly renamed.

import { encodeId, type Fact, type FactBase, type StableId } from '@supabase/pg-delta';
import { formatName, type QualifiedName, quoteIdentifier } from '../../model/identifier.ts';
import type { TypeRenaming } from '../../model/schema/renaming.ts';
import { quotedText } from './names-in-text.ts';
import { renamingStatement, type SchemaRenaming } from './renaming.ts';

const labelsOf = (base: FactBase, { schema, name }: QualifiedName): readonly string[] => {
  const values = base.get({ kind: 'type', schema, name })?.payload.values;
  return Array.isArray(values) ? values.map(String) : [];
};

/** Nothing where it is done; where the old label is back on the publisher, enums are aligned as ever. */
export const renameLabel = (
  target: FactBase,
  source: FactBase,
  { type, from, to }: TypeRenaming,
): readonly SchemaRenaming[] => {
  const [own, published] = [labelsOf(target, type), labelsOf(source, type)];
  if (!own.includes(from) || own.includes(to) || published.includes(from)) return [];
  const object = { kind: 'type', name: formatName(type) } as const;
  const [old, now] = [quotedText(from), quotedText(to)];
  const sql = `ALTER TYPE ${object.name} RENAME VALUE ${old} TO ${now};`;
  const [oldValue, newValue] = [`${old}::${object.name}`, `${now}::${object.name}`];
  return [
    {
      statement: {
        ...renamingStatement(object, sql, `label ${to}`),
        renames: `label ${from} to ${to}`,
      },
      inId: (id) => id,
      inFact: (fact) => withLabel(fact, { type, from, to }, [oldValue, newValue]),
      isIn: ({ sql: text, object: { name } }) =>
        (name === object.name || text.includes(object.name)) &&
        (text.includes(now) || text.includes(old)),
    },
  ];
};

const withLabel = (
  fact: Fact,
  { type, from, to }: TypeRenaming,
  [old, now]: readonly [string, string],
): Fact => {
  const { id, payload } = fact;
  if (id.kind === 'default' && typeof payload.expr === 'string') {
    return { ...fact, payload: { ...payload, expr: payload.expr.replaceAll(old, () => now) } };
  }
  if (id.kind !== 'type' || formatName(id) !== formatName(type)) return fact;
  const values = Array.isArray(payload.values) ? payload.values : [];
  return { ...fact, payload: { ...payload, values: values.map((it) => (it === from ? to : it)) } };
};

/** Its name is never sent: the values of a type come as one text. */
export const renameAttribute = (
  target: FactBase,
  source: FactBase,
  { type, from, to }: TypeRenaming,
): readonly SchemaRenaming[] => {
  const id = (name: string): StableId => ({
    kind: 'typeAttribute',
    schema: type.schema,
    type: type.name,
    name,
  });
  if (!target.has(id(from)) || target.has(id(to)) || source.has(id(from))) return [];
  const object = { kind: 'type', name: formatName(type) } as const;
  const sql = `ALTER TYPE ${object.name} RENAME ATTRIBUTE ${quoteIdentifier(from)} TO ${quoteIdentifier(to)};`;
  const old = encodeId(id(from));
  return [
    {
      statement: {
        ...renamingStatement(object, sql, `attribute ${to}`),
        phase: 'before',
        renames: `attribute ${from} to ${to}`,
      },
      inId: (it) => (encodeId(it) === old ? id(to) : it),
      inFact: (fact) => fact,
      isIn: () => false,
    },
  ];
};
