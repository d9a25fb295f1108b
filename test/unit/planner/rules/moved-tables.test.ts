// A table moves from one publication to another, and the plan is interrupted: what is left is part of the plan, whichever
// step came last, also where a subscription begins to read the publication meanwhile.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareText } from '../../../../src/model/identifier.ts';
import type { DesiredState } from '../../../../src/model/state/state.ts';
import { comparePlans } from '../../../../src/planner/plan/compare-plans.ts';
import { asNodesMayEndThem } from '../../../support/plans/any-order.ts';
import { untouchedServers } from '../../../support/plans/generate.ts';
import { simulateStep, simulateSteps } from '../../../support/plans/simulate.ts';
import {
  desiredState,
  planOf,
  select,
  wantPublication,
  wantSubscription,
} from '../../../support/worlds/worlds.ts';

type Tables = Readonly<Record<string, readonly string[]>>;
type Readers = Readonly<Record<string, readonly string[]>>;

const topology = (tables: Tables, readers: Readers, slots: Readonly<Record<string, string>> = {}) =>
  desiredState(['a', 'b', 'c'], {
    publications: Object.entries(tables).map(([name, names]) =>
      wantPublication('a', name, { tables: names.map((table) => select(table)) }),
    ),
    subscriptions: Object.entries(readers).map(([name, publications]) =>
      wantSubscription(name === 's1' ? 'b' : 'c', 'a', name, {
        publications: publications.toSorted(compareText),
        slot: slots[name] ?? name,
        init: 'native',
      }),
    ),
  });

const before: Tables = { p1: ['orders', 'customers'], p2: ['app.notes'] };
const moved: Tables = { p1: ['customers'], p2: ['app.notes', 'orders'] };
const both = ['p1', 'p2'];

const cases: readonly (readonly [string, DesiredState, DesiredState])[] = [
  [
    'for all readers',
    topology(before, { s1: both, s2: both }),
    topology(moved, { s1: both, s2: both }),
  ],
  [
    'and a subscription joins',
    topology(before, { s1: ['p2'], s2: both }),
    topology(moved, { s1: both, s2: both }),
  ],
  [
    'and the publication gets others',
    topology(before, { s1: ['p2'], s2: both }),
    topology({ ...moved, p1: ['customers', 'events'] }, { s1: both, s2: both }),
  ],
  [
    'and a subscription is made',
    topology(before, { s2: both }),
    topology(moved, { s1: both, s2: both }),
  ],
  [
    'and a subscription gets another slot',
    topology(before, { s1: both, s2: both }),
    topology(moved, { s1: both, s2: both }, { s1: 's1_other' }),
  ],
  [
    'for a subscription that joins only',
    topology(before, { s1: ['p2'] }),
    topology(moved, { s1: both }),
  ],
  [
    'to the publication that its subscription keeps, from one that it gives up',
    topology(before, { s1: both }),
    topology({ p1: ['app.notes'], p2: ['app.notes', 'orders'] }, { s1: ['p2'] }),
  ],
  [
    'and two subscriptions exchange the publications that they read',
    topology({ p1: ['orders', 'customers'], p2: ['app.notes', 'events'] }, { s1: both, s2: both }),
    topology(
      { p1: ['customers', 'events'], p2: ['app.notes', 'orders'] },
      { s1: ['p2'], s2: ['p1'] },
    ),
  ],
  [
    'and the publication that its subscription gives up gets what the other sends',
    topology(before, { s1: both }),
    topology({ p1: [...(before.p1 ?? []), 'app.notes'], p2: ['app.notes'] }, { s1: ['p2'] }),
  ],
  [
    'and both publications get one that is new, of which the subscription gives up one',
    topology(before, { s1: both }),
    topology({ p1: ['customers', 'events'], p2: ['app.notes', 'events'] }, { s1: ['p2'] }),
  ],
];

test.each(cases)('a table moves %s', (_what, from, to) => {
  const servers = untouchedServers({ a: 180004, b: 180004, c: 180004 });
  const start = simulateSteps(servers, planOf(from, servers).steps);
  const plan = planOf(to, start);
  expect(plan.applyable).toBe(true);
  const picks = fc.array(fc.nat(), { minLength: 30, maxLength: 30 });
  fc.assert(
    fc.property(picks, (order) => {
      let live = start;
      for (const step of asNodesMayEndThem(plan.steps, order)) {
        live = simulateStep(live, step);
        const { unexpected } = comparePlans(plan, planOf(to, live));
        expect({ after: step.id, unexpected }).toEqual({ after: step.id, unexpected: [] });
      }
    }),
    { numRuns: 30 },
  );
});

test('publish_via_partition_root of the other publication matters to partitioned tables alone', () => {
  const viaRoot = (tables: Tables): DesiredState => {
    const state = topology(tables, { s1: both });
    const publications = state.publications.map((it) => ({
      ...it,
      viaPartitionRoot: it.name === 'p2',
    }));
    return { ...state, publications };
  };
  const changes = (table: string): readonly string[] => {
    const servers = untouchedServers({ a: 180004, b: 180004, c: 180004 });
    const from = viaRoot({ p1: [table, 'customers'], p2: ['app.notes'] });
    const start = simulateSteps(servers, planOf(from, servers).steps);
    const to = viaRoot({ p1: ['customers'], p2: ['app.notes', table] });
    return planOf(to, start).steps.map(({ id }) => id);
  };
  expect(changes('orders')).toEqual([
    'alter-publication a/publication.p2',
    'wait-for-slot b/subscription.s1 moved',
    'alter-publication a/publication.p1 moved',
  ]);
  expect(changes('events')).not.toContain('alter-publication a/publication.p1 moved');
});
