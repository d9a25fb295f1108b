// Why updates of a published table would fail, and a cure for that very reason.

import { expect, test } from 'vitest';
import {
  desiredState,
  liveState,
  nodeState,
  planOf,
  select,
  table,
  wantPublication,
} from '../../../support/worlds/worlds.ts';

const hazardOf = (selection: object, facts: object) => {
  const desired = desiredState(['primary'], {
    publications: [
      wantPublication('primary', 'sales', { tables: [{ ...select('orders'), ...selection }] }),
    ],
  });
  const live = liveState(nodeState('primary', { tables: [{ ...table('orders'), ...facts }] }));
  const plan = planOf(desired, live);
  const found = plan.steps
    .flatMap(({ hazards }) => hazards)
    .find(({ code }) => code === 'REPLICA_IDENTITY_MISSING');
  return { remedy: found?.remedy, message: Object.values(plan.observed.hazards).join(' ') };
};

test.each([
  [
    'a row filter',
    { where: "note <> ''" },
    {},
    'row filter reads note, which its replica identity does not include',
    'Use only columns of the replica identity (id) in the row filter',
  ],
  [
    'a column list',
    { columns: ['note'] },
    {},
    'column list leaves out id of its replica identity',
    'Add id to the columns of the table in steep.yaml',
  ],
  [
    'no identity',
    {},
    { identityColumns: null, keyColumns: null },
    'neither a primary key nor another replica identity',
    'Add a primary key',
  ],
])('%s', (_what, selection, facts, why, cure) => {
  const { message, remedy } = hazardOf(selection, facts);
  expect(message).toContain(why);
  expect(remedy).toContain(cure);
});
