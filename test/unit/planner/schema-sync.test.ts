// schema_sync: auto in plans, without a server: what is kept in line, with whom, and in which order.

import { describe, expect, test } from 'vitest';
import type { AdmittedStatement } from '../../../src/model/schema/schema-change.ts';
import type {
  ColumnDefinition,
  TableDefinition,
} from '../../../src/model/schema/table-definition.ts';
import type { DesiredSubscription } from '../../../src/model/state/state.ts';
import { tablesToAlign } from '../../../src/planner/reading/tables-to-align.ts';
import { isInLine } from '../../../src/planner/schema/in-line.ts';
import {
  desiredState,
  liveState,
  nodeState,
  planOf,
  select,
  server,
  table,
  wantPublication,
  wantSubscription,
} from '../../support/worlds/worlds.ts';
import { statement } from './schema-statement.ts';

const name = { schema: 'public', name: 'orders' };

const column = (of: string, rest: Partial<ColumnDefinition> = {}): ColumnDefinition => ({
  name: of,
  type: 'integer',
  notNull: false,
  expression: null,
  identity: null,
  generated: null,
  collation: null,
  ...rest,
});

const definition = (
  columns: readonly ColumnDefinition[],
  rest: Partial<TableDefinition> = {},
): TableDefinition => ({
  name,
  columns,
  identity: { mode: 'default', columns: ['id'], index: null },
  unlogged: false,
  partitionKey: null,
  parents: [],
  bound: null,
  constraints: [],
  indexes: [],
  types: [],
  ...rest,
});

const [id, note] = [column('id'), column('note')];
const source = definition([id, note]);
const check = { name: 'own', kind: 'check', definition: 'CHECK (id > 0)' } as const;
const key = { name: 'orders_pkey', kind: 'primary key', definition: 'PRIMARY KEY (id)' } as const;
const mood = (...labels: readonly string[]) =>
  ({ name: { schema: 'public', name: 'mood' }, kind: 'enum', labels }) as const;

describe('a subscriber is in line', () => {
  test.each<[string, readonly string[] | null, TableDefinition, TableDefinition]>([
    ['when it is the same', null, source, source],
    ['in another order of columns', null, source, definition([note, id])],
    ['with checks of its own', null, source, definition([id, note], { constraints: [check] })],
    ['with columns besides the list', ['id'], source, definition([id, column('own')])],
    ['without columns that are not in the list', ['id'], source, definition([id])],
  ])('%s', (_, columns, published, own) => {
    expect(isInLine({ columns }, published, own)).toBe(true);
  });

  test.each<[string, readonly string[] | null, TableDefinition, TableDefinition | undefined]>([
    ['without the table', null, source, undefined],
    ['without a column', null, source, definition([id])],
    ['with one more', null, source, definition([id, note, column('extra')])],
    ['with another type', null, source, definition([id, column('note', { type: 'text' })])],
    ['with a default', null, source, definition([id, column('note', { expression: '1' })])],
    ['without a column of the list', ['id', 'note'], source, definition([id])],
    ['without the key', null, definition([id], { constraints: [key] }), definition([id])],
    [
      'with fewer labels of an enum',
      null,
      definition([id], { types: [mood('a', 'b')] }),
      definition([id], { types: [mood('a')] }),
    ],
  ])('not %s', (_, columns, published, own) => {
    expect(isInLine({ columns }, published, own)).toBe(false);
  });
});

const auto = (rest: Partial<DesiredSubscription> = {}): Partial<DesiredSubscription> => ({
  publications: ['sales'],
  schemaSync: 'auto',
  ...rest,
});

const both = liveState(
  nodeState('a', { tables: [table('orders')] }),
  nodeState('b', { tables: [table('orders')] }),
);

const publications = ['a', 'b'].map((node) =>
  wantPublication(node, 'sales', { tables: [select('orders', { columns: ['id'] })] }),
);

const fileWith = (...subscriptions: readonly DesiredSubscription[]) =>
  desiredState(['a', 'b'], { publications, subscriptions });

describe('who is kept in line', () => {
  test('a subscriber that asks for it, with the columns that it is sent', () => {
    const desired = fileWith(wantSubscription('b', 'a', 'feed', auto()));
    expect(tablesToAlign(desired, both)).toEqual({
      b: [{ subscription: 'feed', source: 'a', tables: [{ table: name, columns: ['id'] }] }],
    });
  });

  test('not one that does not', () => {
    const desired = fileWith(wantSubscription('b', 'a', 'feed', auto({ schemaSync: 'manual' })));
    expect(tablesToAlign(desired, both)).toEqual({});
  });

  test('neither of two that send to each other: each would lose what the other lacks', () => {
    const desired = fileWith(
      wantSubscription('b', 'a', 'forth', auto()),
      wantSubscription('a', 'b', 'back', auto()),
    );
    expect(tablesToAlign(desired, both)).toEqual({});
  });

  test('of a pair the second node', () => {
    const half = (way: 'forth' | 'back', partner: string) =>
      auto({ pair: { name: 'a_b', way, partner } });
    const desired = fileWith(
      wantSubscription('b', 'a', 'forth', half('forth', 'back')),
      wantSubscription('a', 'b', 'back', half('back', 'forth')),
    );
    expect(Object.keys(tablesToAlign(desired, both))).toEqual(['b']);
  });
});

const planned = (statements: readonly AdmittedStatement[]) =>
  planOf(fileWith(wantSubscription('b', 'a', 'feed', auto())), {
    ...both,
    alignments: { b: { statements, unsupported: [], refused: [] } },
  }).steps.map((step) => step.id);

test('who may not change a table is told what is missing', () => {
  const { role } = server();
  const limited = liveState(
    nodeState('a', { tables: [table('orders')] }),
    nodeState('b', {
      tables: [table('orders', { ownedByRole: false })],
      server: server({
        role: { ...role, superuser: false, createOnDatabase: false, createSubscription: true },
      }),
    }),
  );
  const made = planOf(fileWith(wantSubscription('b', 'a', 'feed', auto())), {
    ...limited,
    alignments: {
      b: {
        statements: [
          statement(null, { object: { kind: 'schema', name: 'billing' } }),
          statement('column note'),
        ],
        unsupported: [],
        refused: [],
      },
    },
  });
  const found = [...made.standing, ...made.changes.flatMap(({ hazards }) => hazards)];
  const remedy = found.find(({ code }) => code === 'PRIVILEGE')?.remedy ?? '';
  expect(remedy).toContain('GRANT CREATE ON DATABASE app TO');
  expect(remedy).toContain('GRANT app_owner TO');
});

test('room is made before anything is sent', () => {
  const ids = planned([statement('column note'), statement('index i')]);
  const made = ids.indexOf('change-schema b/table.public.orders column note');
  expect(ids[made + 1]).toBe('change-schema b/table.public.orders index i');
  expect(made).toBeGreaterThan(-1);
  expect(ids.indexOf('create-subscription b/subscription.feed')).toBeGreaterThan(made + 1);
});

test('statements on one part are one step, and one that comes again is another', () => {
  const ids = planned([
    statement('column note'),
    statement('column note'),
    statement('index i'),
    statement('column note'),
  ]);
  expect(ids.filter((step) => step.startsWith('change-schema'))).toEqual([
    'change-schema b/table.public.orders column note',
    'change-schema b/table.public.orders index i',
    'change-schema b/table.public.orders column note again 1',
  ]);
});
