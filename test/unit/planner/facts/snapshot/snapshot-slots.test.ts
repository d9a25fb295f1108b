// Slots that wait for snapshots: never orphans, never pruned, never given to a subscription, never forgotten.

import { expect, test } from 'vitest';
import type { PlanOptions } from '../../../../../src/model/plan/plan.ts';
import type { DesiredSubscription, NodeState } from '../../../../../src/model/state/state.ts';
import {
  desiredState,
  liveState,
  nodeState,
  planOf,
  resource,
  select,
  server,
  table,
  wantPublication,
  wantSubscription,
} from '../../../../support/worlds/worlds.ts';

const anchor = 'steep_snapshot_1';
const gigabytes = 1024 ** 3;

const slot = (rest: { readonly owned: boolean; readonly retainedBytes?: number }) =>
  resource(
    'slot',
    'a',
    anchor,
    { plugin: 'pgoutput', database: 'app' },
    {
      owned: rest.owned,
      observed: {
        active: false,
        walStatus: 'reserved',
        confirmedFlushLsn: '0/3000000',
        restartLsn: '0/3000000',
        lagBytes: 0,
        retainedBytes: rest.retainedBytes ?? 1024,
        safeWalSize: null,
        failover: false,
        twoPhase: false,
      },
    },
  );

const source = (rest: Partial<NodeState> = {}): NodeState =>
  nodeState('a', {
    tables: [table('orders')],
    resources: [slot({ owned: false })],
    snapshotSlots: [{ slot: anchor, snapshotId: 'january' }],
    ...rest,
  });

const plan = (
  a: NodeState,
  options: PlanOptions = { prune: false },
  subscription: Partial<DesiredSubscription> | null = null,
) =>
  planOf(
    desiredState(['a', 'b'], {
      ...(subscription !== null && {
        publications: [wantPublication('a', 'p', { tables: [select('orders')] })],
        subscriptions: [wantSubscription('b', 'a', 's', { publications: ['p'], ...subscription })],
      }),
    }),
    liveState(
      a,
      nodeState('b', { server: server({ systemIdentifier: '2' }), tables: [table('orders')] }),
    ),
    options,
  );

const told = (made: ReturnType<typeof plan>): readonly string[] =>
  Object.entries(made.observed.hazards).flatMap(([key, sentence]) =>
    key.includes(anchor) || /SLOT_TAKEN|SNAPSHOT_SLOT/.test(key) ? [`${key}: ${sentence}`] : [],
  );

test.each([false, true])('is no orphan, and stays whatever is pruned; managed: %s', (owned) => {
  for (const prune of [false, true]) {
    const made = plan(source({ resources: [slot({ owned })] }), { prune });
    expect(told(made)).toEqual([]);
    expect(made.steps.map(({ kind }) => kind)).not.toContain('drop-slot');
    expect(JSON.stringify(made.changes)).not.toContain(anchor);
  }
});

test('without a record it is an orphan, if it is managed', () => {
  const { snapshotSlots: _none, ...rest } = source({ resources: [slot({ owned: true })] });
  expect(told(plan(rest))[0]).toContain('ORPHAN_SLOT');
});

test('the WAL that it keeps is worth a word of its own', () => {
  const made = plan(source({ resources: [slot({ owned: false, retainedBytes: 5 * gigabytes })] }));
  expect(told(made)).toEqual([
    `WAL_RETENTION a/slot.${anchor}: Slot ${anchor} is kept for nodes that start from snapshot january and keeps 5.0 GB of WAL on node a; max_slot_wal_keep_size sets no limit, so the disk can fill.`,
  ]);
  expect(made.standing.map(({ remedy }) => remedy)).toContain(
    'When no node will start from snapshot january any more: steep snapshot delete january --node a',
  );
});

test('no subscription gets it, only a copy of it', () => {
  const made = plan(source(), { prune: false }, { slot: anchor });
  expect(made.applyable).toBe(false);
  expect(told(made)[0]).toContain(
    `SLOT_TAKEN b/subscription.s: Slot ${anchor} on node a is kept for nodes that start from snapshot january`,
  );
  expect(told(plan(source(), { prune: false }, { slot: 'other' }))).toEqual([]);
});

test('a subscription may take the name once the slot is gone', () => {
  expect(told(plan(source({ resources: [] }), { prune: false }, { slot: anchor }))).toEqual([]);
});

const leaving = (rest: Partial<NodeState>) => {
  const { resources = [], ...more } = rest;
  return plan(
    source({
      server: server({ metadataVersion: 3 }),
      resources: [resource('metadata', 'a', 'steep_repl', { version: 3 }), ...resources],
      ...more,
    }),
    { prune: false, destroy: true },
  );
};

test('what is on record of it is not dropped while it stands', () => {
  const made = leaving({ resources: [slot({ owned: false })] });
  expect(made.applyable).toBe(false);
  expect(told(made)).toEqual([
    `SNAPSHOT_SLOT a/metadata.steep_repl: Node a has slots of snapshots: ${anchor}. Without their records, steep could not drop them, and they would keep WAL without limit.`,
  ]);
  expect(JSON.stringify(made.changes)).toContain('steep snapshot delete january --node a');
  expect(leaving({}).applyable).toBe(true);
});
