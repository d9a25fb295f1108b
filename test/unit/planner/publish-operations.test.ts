// PUBLISH_NO_BACKFILL: operations that were not sent before have left their mark on every subscriber.

import { expect, test } from 'vitest';
import type { PublishOperation } from '../../../src/model/state/resource.ts';
import {
  desiredState,
  liveState,
  nameOf,
  nodeState,
  planOf,
  resource,
  select,
  table,
  wantPublication,
  wantSubscription,
} from '../../support/worlds/worlds.ts';

type Operations = readonly PublishOperation[];

const subscription = resource('subscription', 'b', 's', {
  source: 'a',
  publications: ['p'],
  slot: 's',
  enabled: true,
  connection: 'current',
  options: {},
});

interface Found {
  readonly severity: string;
  readonly message: string;
}

/** What is reported when `publish` goes from one list to another. */
const found = (
  before: Operations,
  after: Operations,
  { subscribed = true, allTables = false } = {},
): readonly Found[] => {
  const entry = { table: nameOf('orders'), columns: null, where: null };
  const spec = {
    tables: allTables ? [] : [entry],
    schemas: [],
    allTables,
    publish: before,
    viaPartitionRoot: false,
    generatedColumns: 'none',
  } as const;
  const plan = planOf(
    desiredState(['a', 'b'], {
      publications: [wantPublication('a', 'p', { tables: [select('orders')], publish: after })],
      subscriptions: [wantSubscription('b', 'a', 's', { publications: ['p'] })],
    }),
    liveState(
      nodeState('a', {
        tables: [table('orders')],
        resources: [resource('publication', 'a', 'p', spec)],
      }),
      nodeState('b', {
        tables: [table('orders')],
        resources: subscribed ? [subscription] : [],
      }),
    ),
  );
  return plan.changes
    .flatMap(({ hazards }) => hazards)
    .filter(({ code }) => code === 'PUBLISH_NO_BACKFILL')
    .map(({ severity, address }) => ({
      severity,
      message: plan.observed.hazards[`PUBLISH_NO_BACKFILL ${address}`] ?? '',
    }));
};

test('a danger that says what each operation has left', () => {
  expect(found(['insert'], ['insert', 'update', 'delete'])).toEqual([
    {
      severity: 'danger',
      message:
        'Publication p did not send update, delete until now: rows updated before have their old values there; rows deleted before are still there, and nothing corrects that automatically.',
    },
  ]);
});

test('a publication FOR ALL TABLES that is replaced is no exception', () => {
  expect(found(['insert'], ['insert', 'update'], { allTables: true })).toMatchObject([
    { severity: 'danger' },
  ]);
});

test('truncate alone is a warning', () => {
  const all: Operations = ['insert', 'update', 'delete', 'truncate'];
  expect(found(all.slice(0, 3), all)).toMatchObject([{ severity: 'warning' }]);
});

test('nothing is said of fewer operations, or where nobody subscribes yet', () => {
  expect(found(['insert', 'update'], ['insert'])).toEqual([]);
  expect(found(['insert'], ['insert', 'update'], { subscribed: false })).toEqual([]);
});
