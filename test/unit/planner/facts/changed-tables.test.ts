// An interrupted copy of which others have changed finished tables since.

import { expect, test } from 'vitest';
import type { LiveState } from '../../../../src/model/state/state.ts';
import { nameOf, planOf } from '../../../support/worlds/worlds.ts';
import { asked, killedAfter, kindsOf, servers } from '../initial-copies.ts';

/** Others have written to this table since. */
const touched = (live: LiveState, table: string): LiveState => {
  const change = { table: nameOf(table), expected: 5, found: 4, foreign: 0 };
  const nodes = Object.entries(live.nodes).map(([name, state]) => {
    const copies = (state.unfinishedCopies ?? []).map((copy) => ({ ...copy, changed: [change] }));
    return [name, { ...state, unfinishedCopies: copies }];
  });
  return { ...live, nodes: Object.fromEntries(nodes) };
};

test('a finished table that others have changed is emptied and copied again, and said to be', () => {
  const live = touched(killedAfter('create-slot', ['items', 'orders']), 'orders');
  const plan = planOf(asked(), live);
  expect(plan.steps.find(({ kind }) => kind === 'settle-copy')).toMatchObject({
    finished: [nameOf('items')],
    unfinished: [nameOf('orders')],
    changed: [nameOf('orders')],
  });
  expect(plan.changes.map(({ summary }) => summary)).toContain(
    'initial copy by PostgreSQL, again: rows are missing',
  );
});

test('where no finished table is what it was, all of it begins again', () => {
  expect(kindsOf(touched(killedAfter('create-slot', ['items']), 'items'))).toContain(
    `undo-copy us/subscription.feed`,
  );
});

test('--no-check is part of the steps that would check', () => {
  const uncheckedOf = (live: LiveState) =>
    planOf(asked(), live, { prune: false, unchecked: true }).steps.flatMap((step) =>
      'unchecked' in step ? [step.kind] : [],
    );
  expect(uncheckedOf(servers())).toEqual(['copy-tables']);
  expect(uncheckedOf(killedAfter('create-slot', ['items']))).toEqual(['settle-copy']);
});
