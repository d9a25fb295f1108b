// What is wrong with the tables of a subscription as they are, and what of it was allowed.

import { expect, test } from 'vitest';
import type { EdgeRecord } from '../../../../../src/model/edge/edge-record.ts';
import type { PublishOperation } from '../../../../../src/model/state/resource.ts';
import type { Table } from '../../../../../src/model/state/table.ts';
import { indexTables } from '../../../../../src/planner/context/context.ts';
import {
  acceptedFaults,
  liveFaults,
  newFaults,
} from '../../../../../src/planner/hazards/edge/live-faults.ts';
import { hazard } from '../../../../../src/planner/hazards/hazard.ts';
import { edge } from '../../../../support/plans/one-edge.ts';
import {
  liveState,
  nameOf,
  nodeState,
  planOf,
  resource,
  select,
  table,
  wantSubscription,
} from '../../../../support/worlds/worlds.ts';

const publication = (
  name: string,
  where: string | null,
  publish: readonly PublishOperation[] = ['insert'],
) =>
  resource('publication', 'a', name, {
    allTables: false,
    schemas: [],
    tables: [{ ...select('orders'), table: nameOf('orders'), columns: null, where }],
    publish,
    viaPartitionRoot: false,
    generatedColumns: 'none',
  });

const subscription = (name: string, publicationName: string, enabled = true) =>
  resource('subscription', 'b', name, {
    connection: 'current',
    source: 'a',
    publications: [publicationName],
    slot: name,
    enabled,
    options: {},
  });

const copy = (of: string) =>
  resource('copy', 'b', `${of}:public.orders`, {
    subscription: of,
    table: nameOf('orders'),
    state: 'ready',
  });

interface Second {
  readonly where?: string;
  readonly enabled?: boolean;
  readonly publish?: readonly PublishOperation[];
}

const faultsWith = (
  second: Second,
  first: string | null = null,
  own: Partial<Table> = {},
  sent: Partial<Table> = {},
) => {
  const sub = subscription('s', 'p');
  const live = liveState(
    nodeState('a', {
      tables: [table('orders', sent)],
      resources: [
        publication('p', first, ['insert', 'update']),
        publication('q', second.where ?? null, second.publish),
      ],
    }),
    nodeState('b', {
      tables: [table('orders', own)],
      resources: [sub, subscription('t', 'q', second.enabled), copy('s'), copy('t')],
    }),
  );
  return liveFaults(sub, live, indexTables(live)).map(({ code }) => code);
};

test.each<[string, Second, string | null, readonly string[]]>([
  ['another one', {}, null, ['TABLE_SENT_TWICE']],
  ['one that is disabled', { enabled: false }, null, []],
  ['one that gets no new rows', { publish: ['update'] }, null, []],
  ['one with another filter', { where: 'id > 5' }, 'id <= 5', []],
  ['one with the same filter', { where: 'id > 5' }, 'id > 5', ['TABLE_SENT_TWICE']],
  ['one with a filter beside all rows', { where: 'id > 5' }, null, ['TABLE_SENT_TWICE']],
])('a second subscription to a table: %s', (_what, second, first, codes) => {
  expect(faultsWith(second, first)).toEqual(codes);
});

test('two subscriptions of the file to one table', () => {
  const subscriptions = ['s', 't'].map((name) =>
    wantSubscription('b', 'a', name, { publications: ['p'], init: 'none' }),
  );
  const tables = [table('orders')];
  const live = liveState(nodeState('a', { tables }), nodeState('b', { tables }));
  const { observed } = planOf({ ...edge, subscriptions }, live);
  expect(Object.keys(observed.hazards)).toEqual(
    expect.arrayContaining([
      'TABLE_SENT_TWICE b/subscription.s',
      'TABLE_SENT_TWICE b/subscription.t',
    ]),
  );
});

const alone: Second = { enabled: false };
const full: Partial<Table> = { identityMode: 'full' };
const [firstColumn] = table('orders').columns;
const columns = [...table('orders').columns, { ...firstColumn, name: 'seen' }] as Table['columns'];

test.each([
  ['a key', { columns }, []],
  ['no key', { columns, keyColumns: null, identityColumns: null }, ['ROWS_NOT_FOUND']],
  [
    'no key, and generated',
    {
      columns: columns.map((it) => ({ ...it, generated: it.name === 'seen' })),
      keyColumns: null,
      identityColumns: null,
    },
    [],
  ],
])('a column that is not sent, with whole rows compared: %s', (_what, own, codes) => {
  expect(faultsWith(alone, null, own, full)).toEqual(codes);
});

const fault = hazard('danger', 'REPLICA_TRIGGERS', 'b/subscription.s', 'a trigger', 'a cure');
const record: EdgeRecord = { subscription: 1, source: 'a', slot: null, tables: [] };

test('what was not allowed is said, and what an earlier version has noted nothing of is not', () => {
  expect(newFaults([fault], { ...record, accepted: [] })).toEqual([
    { kind: 'fault', code: 'REPLICA_TRIGGERS', message: 'a trigger', cure: 'a cure' },
  ]);
  expect(newFaults([fault], { ...record, accepted: ['a trigger'] })).toEqual([]);
  expect(newFaults([fault], record)).toEqual([]);
});

test('what was allowed is noted, and stays noted while it is so', () => {
  const noted = { ...record, accepted: ['a trigger', 'a former one'] };
  expect(acceptedFaults(noted, [fault], new Set())).toEqual(['a trigger']);
  expect(acceptedFaults(record, [fault], new Set())).toEqual(['a trigger']);
  expect(acceptedFaults({ ...record, accepted: [] }, [fault], new Set())).toEqual([]);
  expect(acceptedFaults(undefined, [fault], new Set())).toEqual([]);
  const allowed = new Set(['REPLICA_TRIGGERS b/subscription.s']);
  expect(acceptedFaults(undefined, [fault], allowed)).toEqual(['a trigger']);
});
