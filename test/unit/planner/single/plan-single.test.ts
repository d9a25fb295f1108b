// Plans of one change: what is there stays as it is, and only the change is planned, judged and executed.

import { expect, test } from 'vitest';
import type { Plan } from '../../../../src/model/plan/plan.ts';
import type { SingleChange } from '../../../../src/model/plan/single-change.ts';
import type { DesiredState, LiveState, NodeState } from '../../../../src/model/state/state.ts';
import { tablesToCompare } from '../../../../src/planner/reading/tables-to-compare.ts';
import { tablesToExamine, tablesToProbe } from '../../../../src/planner/reading/tables-to-probe.ts';
import { simulateSteps } from '../../../support/plans/simulate.ts';
import {
  desiredState,
  liveState,
  nodeState,
  planOf,
  select,
  table,
  wantPublication,
  wantSubscription,
} from '../../../support/worlds/worlds.ts';

const nodes = ['a', 'b'] as const;

const file = desiredState([...nodes], {
  publications: [wantPublication('a', 'p', { tables: [select('orders')] })],
  subscriptions: [wantSubscription('b', 'a', 's', { publications: ['p'], init: 'native' })],
});

const empty = liveState(
  nodeState('a', { tables: [table('orders'), table('refunds')] }),
  nodeState('b', { tables: [table('orders'), table('refunds')] }),
);

/** As an apply of the file leaves it, but for what it has on record. */
const applied = simulateSteps(empty, planOf(file, empty).steps);

const nothing = desiredState([...nodes]);

const planned = (
  change: SingleChange,
  live: LiveState = applied,
  desired: DesiredState = nothing,
): Plan => planOf(desired, live, { prune: false, target: [change.address], change });

const steps = (plan: Plan): readonly string[] => plan.steps.map(({ id }) => id);
const codes = (plan: Plan): readonly string[] =>
  [...plan.standing, ...plan.changes.flatMap(({ hazards }) => hazards)].map(
    ({ severity, code, address }) => `${severity} ${code} ${address}`,
  );
const errors = (plan: Plan): readonly string[] => plan.errors.map(({ code }) => code);

const onA = (rest: Partial<NodeState>): LiveState => ({
  ...applied,
  nodes: { ...applied.nodes, a: { ...(applied.nodes.a as NodeState), ...rest } },
});

test('a publication is created alone: no metadata, no registration, no ownership', () => {
  const publication = wantPublication('a', 'q', { tables: [select('refunds')] });
  const change = { verb: 'create-publication', address: 'a/publication.q' } as const;
  const plan = planned(change, empty, { ...nothing, publications: [publication] });
  expect(steps(plan)).toEqual(['create-publication a/publication.q']);
  expect(plan.steps).toMatchObject([{ owns: null, forgets: [], unrecorded: true }]);
  expect(plan.applyable).toBe(true);
});

test('what exists already as requested is left alone, and what is another one is an error', () => {
  const change = { verb: 'create-publication', address: 'a/publication.p' } as const;
  expect(steps(planned(change, applied, { ...nothing, publications: file.publications }))).toEqual(
    [],
  );
  const other = wantPublication('a', 'p', { tables: [select('refunds')] });
  const plan = planned(change, applied, { ...nothing, publications: [other] });
  expect([steps(plan), errors(plan)]).toEqual([[], ['OBJECT_EXISTS']]);
});

test('a subscription gets its slot and its copy; what it writes down needs steep_repl', () => {
  const live = simulateSteps(empty, []);
  const created = planned({ verb: 'create-publication', address: 'a/publication.p' }, live, {
    ...nothing,
    publications: file.publications,
  });
  const before = simulateSteps(live, created.steps);
  const plan = planned({ verb: 'create-subscription', address: 'b/subscription.s' }, before, {
    ...nothing,
    subscriptions: file.subscriptions,
  });
  expect(steps(plan)).toEqual([
    'install-metadata b/metadata.steep_repl',
    'try-subscription b/subscription.s',
    'create-slot a/slot.s',
    'create-subscription b/subscription.s',
    'wait-for-copy b/subscription.s',
  ]);
  expect(plan.steps.every(({ owns }) => owns === null)).toBe(true);
});

test('tables are added and removed; whoever reads them must be refreshed', () => {
  const tables = [{ schema: 'public', name: 'refunds' }];
  const change = { verb: 'add-tables', address: 'a/publication.p', tables } as const;
  const plan = planned(change);
  expect(steps(plan)).toEqual(['alter-publication a/publication.p']);
  expect(plan.steps).toMatchObject([{ addTables: [{ table: tables[0] }], dropTables: [] }]);
  expect(codes(plan)).toContain('notice REFRESH_NEEDED a/publication.p');
  const after = simulateSteps(applied, plan.steps);
  expect(steps(planned(change, after))).toEqual([]);
  expect(steps(planned({ ...change, verb: 'remove-tables' }, after))).toEqual([
    'alter-publication a/publication.p',
  ]);
  const missing = { ...change, tables: [{ schema: 'public', name: 'nothing' }] };
  expect(errors(planned(missing))).toEqual(['TABLE_NOT_FOUND']);
  expect(errors(planned({ ...change, address: 'a/publication.q' }))).toEqual(['OBJECT_NOT_FOUND']);
});

test('what is read of the tables does not depend on a file that declares the publications', () => {
  const live = simulateSteps(empty, []);
  const publication = wantPublication('a', 'p', { tables: [select('orders')] });
  const created = planned({ verb: 'create-publication', address: 'a/publication.p' }, live, {
    ...nothing,
    publications: [publication],
  });
  const before = simulateSteps(live, created.steps);
  const alone = { ...nothing, subscriptions: file.subscriptions };
  for (const read of [tablesToProbe, tablesToExamine]) {
    const wanted = read(file, before, false);
    expect(wanted).toMatchObject({ b: [{ name: 'orders' }] });
    expect(read(alone, before, false)).toEqual(wanted);
  }
  expect(tablesToCompare(alone, before)).toEqual(tablesToCompare(file, before));
});

test('a refresh copies what is new, and nothing where all is known', () => {
  const tables = [{ schema: 'public', name: 'refunds' }];
  const add = planned({ verb: 'add-tables', address: 'a/publication.p', tables });
  const after = simulateSteps(applied, add.steps);
  const change = { verb: 'refresh', address: 'b/subscription.s', copyData: true } as const;
  expect(steps(planned(change))).toEqual([]);
  expect(steps(planned(change, after))).toEqual([
    'refresh-subscription b/subscription.s',
    'wait-for-copy b/subscription.s',
  ]);
});

test('a subscription is disabled and enabled again', () => {
  const change = { verb: 'disable', address: 'b/subscription.s' } as const;
  const plan = planned(change);
  expect(steps(plan)).toEqual(['disable-subscription b/subscription.s']);
  const after = simulateSteps(applied, plan.steps);
  expect(steps(planned(change, after))).toEqual([]);
  expect(steps(planned({ ...change, verb: 'enable' }, after))).toEqual([
    'enable-subscription b/subscription.s',
  ]);
  expect(
    errors(planned({ verb: 'refresh', address: 'b/subscription.s', copyData: true }, after)),
  ).toEqual(['SUBSCRIPTION_DISABLED']);
});

test('a subscription is dropped with its slot, which needs consent; or leaves it', () => {
  const drop = { verb: 'drop', address: 'b/subscription.s', keepSlot: false } as const;
  const plan = planned(drop);
  expect(steps(plan)).toEqual([
    'disable-subscription b/subscription.s',
    'drop-slot a/slot.s',
    'drop-subscription b/subscription.s',
  ]);
  expect(codes(plan)).toContain('danger SLOT_DROP a/slot.s');
  const kept = planned({ ...drop, keepSlot: true });
  expect(steps(kept)).toEqual(['drop-subscription b/subscription.s']);
  expect(codes(kept)).toContain('warning ORPHAN_SLOT a/slot.s');
  expect(steps(planned({ ...drop, address: 'b/subscription.t' }))).toEqual([]);
});

test('a publication that is read, and a slot that is read', () => {
  const publication = planned({ verb: 'drop', address: 'a/publication.p', keepSlot: false });
  expect(steps(publication)).toEqual(['drop-publication a/publication.p']);
  expect(codes(publication)).toContain('danger PUBLICATION_GAP a/publication.p');
  const slot = planned({ verb: 'drop', address: 'a/slot.s', keepSlot: false });
  expect(codes(slot)).toContain('block SLOT_TAKEN a/slot.s');
});

test('what steep.yaml manages: the plan says what the next one will do, and protection holds', () => {
  const row = {
    address: 'a/publication.p',
    kind: 'publication',
    spec: null,
    protect: true,
    runId: 'r',
    appliedAt: '2026-01-01T00:00:00.000Z',
  } as unknown as NodeState['applied'][number];
  const live = onA({
    applied: [row],
    resources: (applied.nodes.a?.resources ?? []).map((it) =>
      it.address === row.address ? { ...it, protect: true } : it,
    ),
  });
  const plan = planned({ verb: 'drop', address: 'a/publication.p', keepSlot: false }, live);
  expect(codes(plan)).toContain('block PROTECTED a/publication.p');
  expect(codes(plan)).toContain('warning MANAGED_BY_FILE a/publication.p');
});

test('origins: created, moved and dropped, unless a subscription has them', () => {
  const origin = { name: 'o', subscription: null, remoteLsn: '0/2', localLsn: null };
  const live = onA({ origins: [origin, { ...origin, name: 'pg_1', subscription: 's' }] });
  expect(steps(planned({ verb: 'create-origin', address: 'a/origin.n' }, live))).toEqual([
    'create-origin a/origin.n',
  ]);
  expect(steps(planned({ verb: 'create-origin', address: 'a/origin.o' }, live))).toEqual([]);
  const move = { verb: 'advance', address: 'a/origin.o', lsn: '0/3' } as const;
  expect(codes(planned(move, live))).toContain('danger ORIGIN_ADVANCE a/origin.o');
  expect(codes(planned({ ...move, lsn: '0/1' }, live))).toContain(
    'block ORIGIN_ADVANCE a/origin.o',
  );
  expect(codes(planned({ ...move, address: 'a/origin.pg_1' }, live))).toContain(
    'block ORIGIN_IN_USE a/origin.pg_1',
  );
  const drop = planned({ verb: 'drop', address: 'a/origin.o', keepSlot: false }, live);
  expect(steps(drop)).toEqual(['drop-origin a/origin.o']);
  expect(errors(planned({ ...move, address: 'a/origin.x' }, live))).toEqual(['OBJECT_NOT_FOUND']);
});

test('a node is registered where steep_repl is not there yet, and removed alone', () => {
  const registration = { title: null, host: 'h', port: 5432, priority: null };
  const change = { verb: 'register', address: 'a/node.a', ...registration } as const;
  expect(steps(planned(change, empty))).toEqual([
    'install-metadata a/metadata.steep_repl',
    'register-node a/node.a',
  ]);
  expect(steps(planned({ verb: 'drop', address: 'a/node.a', keepSlot: false }))).toEqual([
    'unregister-node a/node.a',
  ]);
});
