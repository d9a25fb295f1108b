// Which signs of trouble are drift of what runs, with one look and with two.

import { expect, test } from 'vitest';
import type { Resource } from '../../../../src/model/state/resource.ts';
import type { LiveState } from '../../../../src/model/state/state.ts';
import { driftContext } from '../../../../src/planner/drift/drift-context.ts';
import { needsSecondLook } from '../../../../src/planner/drift/runtime-drift.ts';
import {
  appliedAs,
  compare,
  desired,
  feed,
  live,
  sales,
  slot,
} from '../../../support/plans/drifts.ts';
import { nameOf, resource, server } from '../../../support/worlds/worlds.ts';

const runtime = (first: LiveState, later: LiveState | null = null) =>
  compare({ classes: ['runtime'], live: first, later }).findings.map(({ address, code }) => [
    address.replace(/^.*\./, ''),
    code,
  ]);

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

const tooMuch = 16 * 1024 ** 2 + 1;
const disabledByError = feed(
  { enabled: false, options: { ...feed().spec.options, disable_on_error: 'true' } },
  { applyErrors: 2, workerRunning: false },
);

test.each([
  ['all is well', seen([sales(), slot()]), []],
  ['lost', seen([sales(), slot({ walStatus: 'lost' })]), [['feed', 'SLOT_LOST']]],
  ['missing', seen([sales()]), [['feed', 'SLOT_MISSING']]],
  [
    'enabled without a slot',
    seen([sales(), slot()], [feed({ slot: null })]),
    [['feed', 'SLOT_MISSING']],
  ],
  [
    'worker down',
    seen([sales(), slot()], [feed({}, { workerRunning: false })]),
    [['feed', 'WORKER_DOWN']],
  ],
  [
    'disabled by an error',
    seen([sales(), slot()], [disabledByError]),
    [['feed', 'DISABLED_BY_ERROR']],
  ],
  [
    'disabled by hand: drift of the definition alone',
    seen([sales(), slot()], [feed({ enabled: false }, { workerRunning: false })]),
    [],
  ],
  ['not ready', seen([sales(), slot()], [feed(), copying()]), [['feed', 'TABLE_NOT_READY']]],
  ['lag', seen([sales(), slot({ lagBytes: tooMuch })]), [['feed', 'LAG_ABOVE_POLICY']]],
  ['lag at the bound', seen([sales(), slot({ lagBytes: tooMuch - 1 })]), []],
  ['nobody reads it', seen([sales(), slot({ active: false })], []), [['feed', 'ORPHAN_SLOT']]],
  ['somebody reads it, unseen', seen([sales(), slot({ active: true })], []), []],
])('%s', (_case, state, findings) => {
  expect(runtime(state)).toEqual(findings);
});

test('a slot that waits for a snapshot is no orphan', () => {
  const orphan = seen([sales(), slot({ active: false })], []);
  const { primary } = orphan.nodes;
  if (primary === undefined) throw new Error('the world has no primary');
  const snapshotSlots = [{ slot: 'feed', snapshotId: 'january' }];
  const nodes = { ...orphan.nodes, primary: { ...primary, snapshotSlots } };
  expect(runtime({ ...orphan, nodes })).toEqual([]);
});

test('a worker that was between two tries is running at the second look', () => {
  const down = seen([sales(), slot()], [feed({}, { workerRunning: false })]);
  expect(runtime(down, seen([sales(), slot()]))).toEqual([]);
  expect(runtime(down, down)).toEqual([['feed', 'WORKER_DOWN']]);
});

test('errors count while they rise', () => {
  const errors = (applyErrors: number) => seen([sales(), slot()], [feed({}, { applyErrors })]);
  expect(runtime(errors(3), errors(3))).toEqual([]);
  expect(runtime(errors(3), errors(4))).toEqual([['feed', 'APPLY_FAILING']]);
});

test('looks again only where something may pass', () => {
  const needed = (state: LiveState) =>
    needsSecondLook(
      driftContext({
        desired: desired(),
        live: state,
        later: null,
        lost: [],
        schemas: {},
        notes: [],
        classes: ['runtime'],
        rules: [],
        today: '2026-02-01',
        elapsedMs: 0,
      }),
    );
  expect(needed(live())).toBe(false);
  expect(needed(seen([sales(), slot()], [feed({}, { workerRunning: false })]))).toBe(true);
  expect(needed(seen([sales(), slot()], [feed({}, { syncErrors: 1 })]))).toBe(true);
  expect(needed(seen([sales(), slot()], [feed({ enabled: false })]))).toBe(false);
});

test('a node lost at the second look makes the answer incomplete', () => {
  const down = { severity: 'error', code: 'UNREACHABLE', summary: '', detail: '' } as const;
  const later = { ...live(), unreadable: { reporting: down } };
  expect(compare({ classes: ['runtime'], later }).outcome).toBe('incomplete');
});

test('unmanaged subscriptions and slots are nobody’s business', () => {
  const state = live({
    primary: [sales(), slot({ walStatus: 'lost', active: false })],
    reporting: [feed({}, { workerRunning: false })],
    applied: appliedAs(sales()),
  });
  expect(runtime(state)).toEqual([]);
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
