// The rights that a file needs: of the plan that is due now, and of the one as if nothing were there yet.

import { expect, test } from 'vitest';
import type { LiveState } from '../../../../src/model/state/state.ts';
import { topologyRights } from '../../../../src/planner/doctor/topology-rights.ts';
import { edge } from '../../../support/plans/one-edge.ts';
import { liveState, nodeState, table } from '../../../support/worlds/worlds.ts';

const tables = [table('orders')];
const fresh = liveState(nodeState('a', { tables }), nodeState('b', { tables }));

const kindsOn = (
  node: string,
  init: 'native' | 'manual' | 'two_phase',
  live: LiveState = fresh,
) => {
  const subscriptions = edge.subscriptions.map((sub) => ({ ...sub, init }));
  return topologyRights({ ...edge, subscriptions }, live)
    .filter((right) => right.node === node)
    .map(({ kind }) => kind);
};

test('a copy by PostgreSQL needs nothing that a copy by steep needs', () => {
  expect(kindsOn('b', 'native')).toEqual(
    expect.arrayContaining(['subscribe', 'create', 'receive', 'read-origins']),
  );
  for (const kind of ['fill', 'parameter', 'set-origins']) {
    expect(kindsOn('b', 'native')).not.toContain(kind);
  }
  expect(kindsOn('a', 'native')).not.toContain('read');
});

test('a snapshot that is not there yet is read and stored as a copy is', () => {
  expect(kindsOn('a', 'two_phase')).toEqual(expect.arrayContaining(['read', 'replication']));
  expect(kindsOn('b', 'two_phase')).toEqual(expect.arrayContaining(['fill', 'parameter']));
});

test('a manual copy is told where it begins, though no step of it is planned yet', () => {
  expect(kindsOn('b', 'manual')).toContain('set-origins');
});

test('the names of the role that is to have them are in the statements', () => {
  const statements = topologyRights(edge, fresh, () => 'new one').flatMap(({ sql }) => sql);
  expect(statements).toContain('ALTER ROLE "new one" REPLICATION;');
  expect(statements.filter((statement) => !statement.includes('"new one"'))).toEqual([]);
});
