// What of a table an edge sends: columns of the list, and the types that they need.

import { describe, expect, test } from 'vitest';
import type {
  ColumnDefinition,
  TableDefinition,
  TypeDefinition,
} from '../../../../src/model/schema/table-definition.ts';
import { compareDefinitions } from '../../../../src/planner/schema/compare-definitions.ts';
import { sentPart } from '../../../../src/planner/schema/sent-part.ts';

const column = (name: string, type: string, rest: Partial<ColumnDefinition> = {}) => ({
  name,
  type,
  notNull: false,
  expression: null,
  identity: null,
  generated: null,
  collation: null,
  ...rest,
});

const named = (name: string) => ({ name: { schema: 'public', name } });

const types: readonly TypeDefinition[] = [
  { ...named('mood'), kind: 'enum', labels: ['sour'] },
  { ...named('moods'), kind: 'domain', base: 'public.mood[]', ...bare() },
  { ...named('outer'), kind: 'composite', attributes: [attribute('a', 'public.moods[]')] },
  { ...named('other'), kind: 'enum', labels: [] },
];

function bare() {
  return { notNull: false, expression: null, collation: null, checks: [] };
}

function attribute(name: string, type: string) {
  return { name, type, collation: null };
}

const table: TableDefinition = {
  ...named('t'),
  columns: [
    column('id', 'integer'),
    column('deep', 'public."outer"[]'),
    column('unsent', 'public.other'),
    column('twice', 'integer', { generated: 'stored', expression: '(id * 2)' }),
  ],
  identity: { mode: 'default', columns: ['id'], index: null },
  unlogged: false,
  partitionKey: null,
  parents: [],
  bound: null,
  constraints: [],
  indexes: [],
  types,
};

const namesOf = (items: readonly { readonly name: unknown }[]) => items.map(({ name }) => name);

describe('sentPart', () => {
  test('all of it, without a list', () => {
    expect(sentPart(table, { columns: null }, false)).toEqual(table);
  });

  test('the columns of a list, and the types inside of their types', () => {
    const sent = sentPart(table, { columns: ['deep'] }, false);
    expect(namesOf(sent.columns)).toEqual(['deep']);
    expect(namesOf(sent.types)).toEqual(types.slice(0, 3).map(({ name }) => name));
    expect(sentPart(table, { columns: ['id'] }, false).types).toEqual([]);
  });

  test.each([
    ['listed', { columns: ['id', 'twice'] }, false],
    ['as the publication says', { columns: null }, true],
  ])('a generated column that is sent, %s, is a plain one', (_how, list, sendsGenerated) => {
    const sent = sentPart(table, list, sendsGenerated);
    const without = { ...sent, columns: sent.columns.filter(({ name }) => name !== 'twice') };
    expect(compareDefinitions(sent, without)).toMatchObject([
      { part: 'column', name: 'twice', effect: 'stops' },
    ]);
  });
});
