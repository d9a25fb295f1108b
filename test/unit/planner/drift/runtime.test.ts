// Which faults of an edge, and which slots, are drift of what runs.

import { expect, test } from 'vitest';
import type { EdgeFacts } from '../../../../src/model/edge/edge-facts.ts';
import type { Resource } from '../../../../src/model/state/resource.ts';
import type { LiveState } from '../../../../src/model/state/state.ts';
import { appliedAs, compare, feed, live, sales, slot } from '../../../support/plans/drifts.ts';
import { wellEdge } from '../../../support/plans/edges.ts';
import { nameOf, resource, server } from '../../../support/worlds/worlds.ts';

const found = (input: Parameters<typeof compare>[0]) =>
  compare({ classes: ['runtime'], ...input }).findings.map(({ address, code }) => [
    address.replace(/^.*\./, ''),
    code,
  ]);

const runtime = (state: LiveState) => found({ live: state });

/** The managed edge, as it was looked at. */
const edge = (facts: Partial<EdgeFacts>) =>
  found({ edges: [{ ...wellEdge, subscription: 'feed', slot: 'feed', ...facts }] });

const seen = (primary: readonly Resource[], reporting: readonly Resource[] = [feed()]) =>
  live({ primary, reporting });

const copying = (subscription = 'feed') =>
  resource(
    'copy',
    'reporting',
    `${subscription}:public.orders`,
    { subscription, table: nameOf('orders'), state: 'copying' },
    { observed: { syncState: 'd' } },
  );

test.each([
  ['all is well', {}, []],
  [
    'every fault is named',
    { walStatus: 'lost', workerRunning: false },
    ['SLOT_LOST', 'WORKER_DOWN'],
  ],
  ['disabled by an error', { enabled: false, applyErrors: 2 }, ['DISABLED_BY_ERROR']],
  ['disabled by hand: drift of the definition alone', { enabled: false }, []],
  ['gone: drift of the definition alone', { exists: false, enabled: false }, []],
  ['the subscriber was not read: the report is incomplete', { exists: null, enabled: null }, []],
  ['the publisher was not read', { slotExists: null, lagBytes: null }, []],
])('%s', (_case, facts, codes) => {
  expect(edge(facts)).toEqual(codes.map((code) => ['feed', code]));
});

test('one that was applied disabled has not disabled itself', () => {
  const off = feed({ enabled: false });
  const state = live({ reporting: [off], applied: appliedAs(sales(), slot(), off) });
  const edges = [{ ...wellEdge, subscription: 'feed', enabled: false, applyErrors: 2 }];
  expect(found({ live: state, edges })).toEqual([]);
});

test.each([
  ['nobody reads it', seen([sales(), slot({ active: false })], []), [['feed', 'ORPHAN_SLOT']]],
  ['a session reads it, unseen', seen([sales(), slot({ active: true })], []), []],
])('%s', (_case, state, findings) => {
  expect(runtime(state)).toEqual(findings);
});

test('a slot that was prepared for a copy by hand is no orphan', () => {
  const state = seen([sales(), slot({ active: false })], []);
  const edge = { ...wellEdge, subscription: 'feed', slot: 'feed', exists: false };
  expect(found({ live: state, edges: [{ ...edge, prepared: true }] })).toEqual([]);
  expect(found({ live: state, edges: [edge] })).toEqual([['feed', 'ORPHAN_SLOT']]);
});

test('a slot that waits for a snapshot is no orphan', () => {
  const orphan = seen([sales(), slot({ active: false })], []);
  const { primary } = orphan.nodes;
  if (primary === undefined) throw new Error('the world has no primary');
  const snapshotSlots = [{ slot: 'feed', snapshotId: 'january' }];
  const nodes = { ...orphan.nodes, primary: { ...primary, snapshotSlots } };
  expect(runtime({ ...orphan, nodes })).toEqual([]);
});

test('a node lost at the second look makes the answer incomplete', () => {
  const down = { severity: 'error', code: 'UNREACHABLE', summary: '', detail: '' } as const;
  expect(compare({ classes: ['runtime'], gone: { reporting: down } }).outcome).toBe('incomplete');
});

test('unmanaged subscriptions and slots are nobody’s business', () => {
  const state = live({
    primary: [sales(), slot({ walStatus: 'lost', active: false })],
    reporting: [feed({}, { workerRunning: false })],
    applied: appliedAs(sales()),
  });
  const edges = [{ ...wellEdge, subscription: 'feed', workerRunning: false, walStatus: 'lost' }];
  expect(found({ live: state, edges })).toEqual([]);
});

const identifier = server().systemIdentifier;

test.each([
  ['of no subscription', `pg_1_sync_16384_${identifier}`, [], true],
  ['of another cluster', 'pg_1_sync_16384_7000000000000000000', [], false],
  ['of a subscription with all tables ready', `pg_16400_sync_16384_${identifier}`, [], true],
  ['of a copy that is tried again', `pg_16400_sync_16384_${identifier}`, [copying()], false],
])('a slot of table synchronization, %s', (_case, name, copies, isLeftOver) => {
  const state = live({
    reporting: [feed(), ...copies],
    states: { primary: { orphanSlots: [name] } },
  });
  const orphans = runtime(state).filter(([, code]) => code === 'ORPHAN_SLOT');
  expect(orphans).toEqual(isLeftOver ? [[name, 'ORPHAN_SLOT']] : []);
});
