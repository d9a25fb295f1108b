// SLOT_TAKEN: names of slots are the cluster's, so a plan looks at all that are given away.

import { expect, test } from 'vitest';
import type { Plan } from '../../../../../src/model/plan/plan.ts';
import type { ForeignSlot } from '../../../../../src/model/state/surroundings.ts';
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

const tables = [table('orders')];

const held = (rest: Partial<ForeignSlot> = {}): ForeignSlot => ({
  name: 's',
  database: 'elsewhere',
  plugin: 'pgoutput',
  active: false,
  ...rest,
});

/** One table from a to b over slot s, from nothing. */
const edge = desiredState(['a', 'b'], {
  publications: [wantPublication('a', 'p', { tables: [select('orders')] })],
  subscriptions: [wantSubscription('b', 'a', 's', { publications: ['p'] })],
});

const planned = (...foreignSlots: readonly ForeignSlot[]): Plan =>
  planOf(edge, liveState(nodeState('a', { tables, foreignSlots }), nodeState('b', { tables })));

const sentences = ({ observed }: Plan): readonly string[] =>
  Object.entries(observed.hazards).flatMap(([key, text]) =>
    key.startsWith('SLOT_TAKEN ') ? [text] : [],
  );

test.each([
  [held(), 'a slot of database elsewhere (plugin pgoutput), not read right now'],
  [
    held({ database: 'app', plugin: 'wal2json', active: true }),
    'a slot of database app (plugin wal2json), read right now',
  ],
  [held({ database: null, plugin: null }), 'a physical slot, not read right now'],
] as const)('a name that is taken blocks the plan, and the holder is told: %o', (slot, holder) => {
  const plan = planned(slot);
  expect(plan.applyable).toBe(false);
  expect(sentences(plan)).toEqual([`Slot name s is taken in the cluster of node a, by ${holder}.`]);
});

test('slots of other names are nobody’s business', () => {
  expect(planned(held({ name: 'other' })).applyable).toBe(true);
});

const cluster = (database: string) => server({ systemIdentifier: '1', database });

/** c read the slot s of a, and is to read b from now on; a and b are databases of one cluster. */
const moved = (source: string, slots: readonly ForeignSlot[]): Plan =>
  planOf(
    desiredState(['a', 'b', 'c'], {
      publications: [
        wantPublication('a', 'p', { tables: [select('orders')] }),
        wantPublication('b', 'p', { tables: [select('orders')] }),
      ],
      subscriptions: [wantSubscription('c', source, 's', { publications: ['p'] })],
    }),
    liveState(
      nodeState('a', {
        server: cluster('one'),
        tables,
        resources: [resource('slot', 'a', 's', { plugin: 'pgoutput', database: 'one' })],
      }),
      nodeState('b', { server: cluster('two'), tables, foreignSlots: slots }),
      nodeState('c', {
        server: server({ systemIdentifier: '2' }),
        tables,
        resources: [
          resource('subscription', 'c', 's', {
            source: 'a',
            publications: ['p'],
            slot: 's',
            enabled: true,
            connection: 'current',
            options: {},
          }),
        ],
      }),
    ),
  );

test('a name that the plan itself gives back before is free', () => {
  const plan = moved('b', [held({ database: 'one' })]);
  const kinds = plan.steps.map(({ id }) => id);
  expect(kinds.indexOf('drop-slot a/slot.s')).toBeGreaterThan(-1);
  expect(kinds.indexOf('create-slot b/slot.s')).toBeGreaterThan(
    kinds.indexOf('drop-slot a/slot.s'),
  );
  expect(sentences(plan)).toEqual([]);
  // The same name in a third database is not.
  expect(sentences(moved('b', [held({ database: 'three' })]))).toHaveLength(1);
});

test('two databases of one cluster cannot both get the name', () => {
  const plan = planOf(
    desiredState(['a', 'b', 'c', 'd'], {
      publications: [
        wantPublication('a', 'p', { tables: [select('orders')] }),
        wantPublication('b', 'q', { tables: [select('orders')] }),
      ],
      subscriptions: [
        wantSubscription('c', 'a', 's', { publications: ['p'], slot: 'same' }),
        wantSubscription('d', 'b', 't', { publications: ['q'], slot: 'same' }),
      ],
    }),
    liveState(
      nodeState('a', { server: cluster('one'), tables }),
      nodeState('b', { server: cluster('two'), tables }),
      nodeState('c', { tables }),
      nodeState('d', { tables }),
    ),
  );
  expect(sentences(plan)).toEqual([
    'Node b is in the same cluster as node a, where this plan creates a slot same too.',
  ]);
});
