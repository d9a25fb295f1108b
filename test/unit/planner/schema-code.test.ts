// Code that comes with the definitions of tables, in plans: said once for each object, and wholly.

import { expect, test } from 'vitest';
import type {
  AdmittedStatement,
  RefusedStatement,
} from '../../../src/model/schema/schema-change.ts';
import {
  desiredState,
  liveState,
  nodeState,
  planOf,
  select,
  table,
  wantPublication,
  wantSubscription,
} from '../../support/worlds/worlds.ts';
import { statement } from './schema-statement.ts';

const desired = desiredState(['a', 'b'], {
  publications: [wantPublication('a', 'sales', { tables: [select('orders')] })],
  subscriptions: [
    wantSubscription('b', 'a', 'feed', { publications: ['sales'], schemaSync: 'auto' }),
  ],
});

const live = liveState(
  nodeState('a', { tables: [table('orders')] }),
  nodeState('b', { tables: [table('orders')] }),
);

const planFor = (
  statements: readonly AdmittedStatement[],
  refused: readonly RefusedStatement[] = [],
) => planOf(desired, { ...live, alignments: { b: { statements, unsupported: [], refused } } });

const hazardsIn = (made: ReturnType<typeof planFor>) =>
  [...made.standing, ...made.changes.flatMap(({ hazards }) => hazards)].filter(({ code }) =>
    code.startsWith('SCHEMA_'),
  );

test('is one danger for each object, which says all of it', () => {
  const made = planFor([
    statement('column a', { code: [{ text: 'a int DEFAULT x()', why: 'it calls x()' }] }),
    statement('column b', { code: [{ text: 'b int DEFAULT y()', why: 'it calls y()' }] }),
    statement('column c'),
  ]);
  expect(hazardsIn(made)).toMatchObject([
    { code: 'SCHEMA_CARRIES_CODE', severity: 'danger', address: 'b/table.public.orders' },
  ]);
  const message = made.observed.hazards['SCHEMA_CARRIES_CODE b/table.public.orders'];
  expect(message).toContain('a int DEFAULT x() (it calls x())');
  expect(message).toContain('b int DEFAULT y() (it calls y())');
});

test('a statement that is refused blocks the plan', () => {
  const object = { kind: 'table', name: 'public.orders' } as const;
  const made = planFor(
    [statement('column a')],
    [{ sql: 'DROP TABLE x', object, why: 'steep does not run it.', cure: 'Do it by hand.' }],
  );
  expect(hazardsIn(made)).toMatchObject([{ code: 'SCHEMA_DDL_REFUSED', severity: 'block' }]);
  expect(made.applyable).toBe(false);
});

test('statements of another role are another step', () => {
  const steps = planFor([
    statement('column a', { role: 'app' }),
    statement('column a', { role: 'other' }),
  ]).steps.filter(({ kind }) => kind === 'change-schema');
  expect(steps).toMatchObject([{ role: 'app' }, { role: 'other' }]);
});
