// Publications that were replaced while PostgreSQL copied tables: what two looks at their OIDs tell.

import { expect, test } from 'vitest';
import type { Resource } from '../../../../../src/model/state/resource.ts';
import type { LiveState } from '../../../../../src/model/state/state.ts';
import { replacedMeanwhile } from '../../../../../src/planner/facts/records/replaced-meanwhile.ts';
import { again, file, orders, running } from '../../../../support/worlds/running-edges.ts';
import { planOf } from '../../../../support/worlds/worlds.ts';

const { steps } = planOf(file(), running, again(orders));

const withResources = (live: LiveState, change: (it: Resource) => Resource): LiveState => ({
  ...live,
  nodes: Object.fromEntries(
    Object.entries(live.nodes).map(([name, state]) => [
      name,
      {
        ...state,
        resources: state.resources.map(change),
        tables: state.tables.map((table, index) => ({ ...table, oid: 20_000 + index })),
      },
    ]),
  ),
});

/** After a copy of `orders`; other tables have the row in pg_subscription_rel that they had. */
const look = (oid: number, row: string): LiveState =>
  withResources(running, (it) => {
    if (it.kind === 'publication')
      return {
        ...it,
        observed: { oid, members: [1], memberOf: { 'public.orders': 1 }, rewritten: [], owner: 10 },
      };
    if (it.kind !== 'copy') return it;
    const own = it.spec.table.name === 'orders' ? row : '1';
    return { ...it, observed: { syncState: 'r', syncLsn: null, row: own } };
  });

const found = (now: LiveState, run = steps) =>
  Object.values(replacedMeanwhile({ before: look(100, '1'), now, steps: run })).flatMap((gaps) =>
    gaps.map((gap) => ('table' in gap ? [gap.kind, gap.table.name] : [gap.kind])),
  );

test('the table that was copied meanwhile, and no other', () => {
  expect(steps.some(({ kind }) => kind === 'wait-for-copy')).toBe(true);
  expect(found(look(200, '2'))).toEqual([['unsent', 'orders']]);
});

test.each([
  ['the publication is the one from before', look(100, '2'), steps],
  ['the table was not copied', look(200, '1'), steps],
  [
    'PostgreSQL copied nothing',
    look(200, '2'),
    steps.filter(({ kind }) => kind !== 'wait-for-copy'),
  ],
])('nothing where %s', (_what, now, run) => {
  expect(found(now, run)).toEqual([]);
});

test('nothing where a step of the plan has created it', () => {
  const [first] = steps;
  if (first === undefined) throw new Error('a plan without steps');
  const creating = (kind: 'create-publication' | 'alter-publication') => [
    ...steps,
    ...Object.values(running.nodes)
      .flatMap(({ resources }) => resources.filter((it) => it.kind === 'publication'))
      .map(({ address }) => ({ ...first, kind, address }) as typeof first),
  ];
  expect(found(look(200, '2'), creating('create-publication'))).toEqual([]);
  expect(found(look(200, '2'), creating('alter-publication'))).toEqual([['unsent', 'orders']]);
});
