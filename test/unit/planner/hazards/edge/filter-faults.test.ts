// Row filters and column lists of partitioned tables: PostgreSQL takes them only where the root's name is sent.

import { expect, test } from 'vitest';
import {
  desiredState,
  liveState,
  nodeState,
  planOf,
  select,
  table,
  wantPublication,
} from '../../../../support/worlds/worlds.ts';

const blocked = (selection: object, viaPartitionRoot: boolean, partitioned = true): boolean => {
  const desired = desiredState(['primary'], {
    publications: [
      wantPublication('primary', 'sales', {
        tables: [{ ...select('orders'), ...selection }],
        viaPartitionRoot,
      }),
    ],
  });
  const live = liveState(nodeState('primary', { tables: [{ ...table('orders'), partitioned }] }));
  return Object.keys(planOf(desired, live).observed.hazards).some((key) =>
    key.startsWith('FILTER_INVALID '),
  );
};

test.each([
  ['a filter', { where: 'id > 5' }, false, true],
  ['a column list', { columns: ['id'] }, false, true],
  ['a filter, via the root', { where: 'id > 5' }, true, false],
  ['neither', {}, false, false],
])('%s of a partitioned table', (_what, selection, viaRoot, expected) => {
  expect(blocked(selection, viaRoot)).toBe(expected);
});

test('a filter of a plain table', () => {
  expect(blocked({ where: 'id > 5' }, false, false)).toBe(false);
});
