// Which tables an apply takes note of.

import { expect, test } from 'vitest';
import type { TableRecord } from '../../../../src/model/state/table-record.ts';
import type { Step } from '../../../../src/model/step/step.ts';
import type { ManagedEdge } from '../../../../src/planner/drift/managed-edges.ts';
import { tablesToRecord } from '../../../../src/planner/reading/tables-to-record.ts';
import { nameOf } from '../../../support/worlds/worlds.ts';

const edge = (name: string, table: string): ManagedEdge => ({
  address: `reporting/subscription.${name}`,
  node: 'reporting',
  name,
  source: 'primary',
  publications: [`of_${name}`],
  slot: name,
  binary: false,
  sendsGenerated: false,
  tables: [{ table: nameOf(table), columns: null }],
});

const edges = [edge('a', 'x'), edge('b', 'y')];

const onRecord = (...tables: readonly string[]): ReadonlyMap<string, TableRecord> =>
  new Map(
    tables.map((name) => [
      `public.${name}`,
      { name: nameOf(name), strict: '', capturedAt: '', parent: null, partitioned: false },
    ]),
  );

const all = { primary: onRecord('x', 'y'), reporting: onRecord('x', 'y') };
const step = (kind: Step['kind'], address: string, node = 'reporting') => ({ kind, node, address });

const names = (steps: Parameters<typeof tablesToRecord>[1]['steps'], records = {}, whole = true) =>
  Object.fromEntries(
    Object.entries(tablesToRecord(edges, { steps, whole }, { ...all, ...records })).map(
      ([node, tables]) => [node, tables.map(({ name }) => name)],
    ),
  );

const touched = { primary: ['x'], reporting: ['x'] };
const none = { primary: [], reporting: [] };

test.each([
  step('record-ownership', 'reporting/subscription.a'),
  step('create-slot', 'primary/slot.a', 'primary'),
  step('alter-publication', 'primary/publication.of_a', 'primary'),
])('both ends of the edge of $address', (one) => {
  expect(names([one])).toEqual(touched);
});

test('every edge of a subscriber whose schema is changed, of a source whose identity is', () => {
  const both = { primary: ['x', 'y'], reporting: ['x', 'y'] };
  expect(names([step('change-schema', 'reporting/type.public.mood')])).toEqual(both);
  expect(names([step('set-replica-identity', 'primary/identity.public.x', 'primary')])).toEqual(
    both,
  );
});

test('nothing of what a run has nothing to do with', () => {
  expect(names([])).toEqual(none);
  expect(names([step('register-node', 'primary/node.primary', 'primary')])).toEqual(none);
});

test('what is on record nowhere, unless only a part is applied', () => {
  const records = { primary: onRecord('x') };
  expect(names([], records)).toEqual({ primary: ['y'], reporting: [] });
  expect(names([], records, false)).toEqual(none);
});

test('nothing on a node that cannot keep it', () => {
  expect(names([step('record-ownership', 'reporting/subscription.a')], { primary: null })).toEqual({
    primary: [],
    reporting: ['x'],
  });
});
