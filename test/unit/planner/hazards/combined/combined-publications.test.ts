// What the plan says of a table that a subscription gets through several publications, and of one that moves between them.

import { describe, expect, test } from 'vitest';
import type { PublicationSpec, PublishedTable } from '../../../../../src/model/state/resource.ts';
import type { DesiredPublication, TableSelector } from '../../../../../src/model/state/state.ts';
import {
  desiredState,
  liveState,
  nameOf,
  nodeState,
  partition,
  partitioned,
  planOf,
  resource,
  select,
  server,
  table,
  wantPublication,
  wantSubscription,
} from '../../../../support/worlds/worlds.ts';

type Wanted = Partial<DesiredPublication>;

const orders = {
  ...table('orders'),
  columns: [
    { name: 'id', type: 'integer', notNull: true, generated: false },
    { name: 'note', type: 'text', notNull: false, generated: false },
    { name: 'total', type: 'integer', notNull: false, generated: true },
  ],
};
const tables = [
  orders,
  partitioned('parts'),
  partition('early', 'parts'),
  partition('late', 'parts'),
];

const specOf = (names: readonly PublishedTable[]): PublicationSpec => ({
  tables: names,
  schemas: [],
  allTables: false,
  publish: ['insert', 'update', 'delete', 'truncate'],
  viaPartitionRoot: false,
  generatedColumns: 'none',
});

const subscription = resource('subscription', 'b', 's', {
  source: 'a',
  publications: ['first', 'second'],
  slot: 's',
  enabled: true,
  connection: 'current',
  options: {},
});

interface World {
  readonly versions?: readonly [publisher: number, subscriber: number];
  /** The tables of `first` and of `second` before the plan; absent: nothing is there. */
  readonly before?: readonly [readonly PublishedTable[], readonly PublishedTable[]];
}

/** The hazards of a plan for a subscription that reads both publications. */
const hazardsOf = (first: Wanted, second: Wanted, { versions, before }: World = {}) => {
  const [from, to] = versions ?? [180004, 180004];
  const publications = (before ?? []).map((sent, index) =>
    resource('publication', 'a', index === 0 ? 'first' : 'second', specOf(sent)),
  );
  const plan = planOf(
    desiredState(['a', 'b'], {
      publications: [wantPublication('a', 'first', first), wantPublication('a', 'second', second)],
      subscriptions: [wantSubscription('b', 'a', 's', { publications: ['first', 'second'] })],
    }),
    liveState(
      nodeState('a', { server: server({ versionNumber: from }), tables, resources: publications }),
      nodeState('b', {
        server: server({ versionNumber: to }),
        tables,
        resources: before === undefined ? [] : [subscription],
      }),
    ),
  );
  return Object.entries(plan.observed.hazards).map(([key, text]) => `${key}: ${text}`);
};

const saying = (hazards: readonly string[], code: string) =>
  hazards.filter((it) => it.startsWith(`${code} `));

const of = (...names: readonly (string | TableSelector)[]): Wanted => ({
  tables: names.map((it) => (typeof it === 'string' ? select(it) : it)),
});
const viaRoot = (wanted: Wanted): Wanted => ({ ...wanted, viaPartitionRoot: true });

describe('a partition beside its root', () => {
  test.each([
    [140023, 140023],
    [150018, 180004],
    [180004, 150018],
  ])('%i to %i copies it twice', (...versions) => {
    const found = (first: Wanted, second: Wanted) =>
      saying(hazardsOf(first, second, { versions }), 'PARTITION_SENT_TWICE');
    expect(found(viaRoot(of('parts')), of('early'))).toEqual([
      expect.stringContaining('gets the rows of public.early through publication second'),
    ]);
    expect(found(viaRoot(of('parts')), of('parts'))).toEqual([
      expect.stringContaining(
        'gets the rows of public.early, public.late through publication second',
      ),
    ]);
    expect(found(of('parts'), viaRoot(of('early')))).toEqual([]);
    expect(found(viaRoot(of('parts')), viaRoot(of('parts')))).toEqual([]);
  });

  test('16 and later at both ends copy the root alone', () => {
    const versions = [160014, 170010] as const;
    expect(hazardsOf(viaRoot(of('parts')), of('early'), { versions }).join()).not.toContain(
      'TWICE',
    );
  });
});

describe('columns', () => {
  const columns = (...names: readonly string[]) => of(select('orders', { columns: names }));

  test.each([
    ['a list and none', columns('id'), of('orders')],
    ['two lists', columns('id'), columns('id', 'note')],
    ['generated ones', { ...of('orders'), generatedColumns: 'stored' as const }, of('orders')],
  ])('that differ are a block: %s', (_, first, second) => {
    expect(saying(hazardsOf(first, second), 'COLUMN_LISTS_DIFFER')).toEqual([
      expect.stringContaining('public.orders (first, second)'),
    ]);
  });

  test.each([
    ['the same list in another order', columns('note', 'id'), columns('id', 'note')],
    ['a list of all', columns('id', 'note'), of('orders')],
    ['another table', columns('id'), of('parts')],
  ])('that agree are none: %s', (_, first, second) => {
    expect(saying(hazardsOf(first, second), 'COLUMN_LISTS_DIFFER')).toEqual([]);
  });
});

describe('row filters', () => {
  const where = (text: string) => of(select('orders', { where: text }));

  test('are combined', () => {
    expect(saying(hazardsOf(where('id < 9'), where('id > 90')), 'FILTERS_COMBINED')).toEqual([
      expect.stringContaining(
        'that passes the filter of at least one of publications first, second',
      ),
    ]);
    expect(saying(hazardsOf(where('id < 9'), of('orders')), 'FILTERS_COMBINED')).toEqual([
      expect.stringContaining('publication second has no row filter'),
    ]);
    expect(saying(hazardsOf(where('id < 9'), where('id < 9')), 'FILTERS_COMBINED')).toEqual([]);
  });
});

describe('a table that leaves a publication', () => {
  const sent = (name: string, where: string | null = null): PublishedTable => ({
    table: nameOf(name),
    columns: null,
    where,
  });
  const stale = (first: Wanted, second: Wanted, before: World['before']) =>
    saying(hazardsOf(first, second, before === undefined ? {} : { before }), 'STALE_ROWS_LEFT');

  test('leaves no stale rows where another one of the subscription sends all of them', () => {
    expect(stale(of('late'), of('orders'), [[sent('orders'), sent('late')], []])).toEqual([]);
    expect(stale(of('late'), of('orders', 'parts'), [[sent('parts')], [sent('orders')]])).toEqual(
      [],
    );
  });

  test('leaves them where the other one sends less, or none', () => {
    const filtered = of(select('orders', { where: 'id > 5' }));
    for (const second of [
      of('late'),
      filtered,
      { ...of('orders'), publish: ['insert' as const] },
    ]) {
      expect(stale(of('early'), second, [[sent('orders'), sent('early')], []])).toHaveLength(1);
    }
  });

  test('a filter that narrows one publication narrows nothing where another one sends all rows', () => {
    const narrow = of(select('orders', { where: 'id > 5' }));
    expect(stale(narrow, of('orders'), [[sent('orders')], [sent('orders')]])).toEqual([]);
    expect(stale(narrow, of('late'), [[sent('orders')], [sent('late')]])).toHaveLength(1);
  });
});
