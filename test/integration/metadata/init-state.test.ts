// The state machine of the first copy stands in the model and in the database: the same in both.

import { expect, test } from 'vitest';
import { canTransition, initStates } from '../../../src/model/init-state.ts';
import { cluster } from '../../support/cluster.ts';
import { newestMajor } from '../../support/majors.ts';
import { installMetadata } from '../catalog/metadata.ts';

const pairs = initStates.flatMap((from) => initStates.map((to) => ({ from, to })));

test('can_transition() agrees with the model on all 64 pairs', async () => {
  const database = await cluster.database(newestMajor);
  await installMetadata(database);
  const rows = await database.query(
    `SELECT p.from_state AS "from", p.to_state AS "to", steep_repl.can_transition(p.from_state, p.to_state) AS can
       FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS p (from_state, to_state, n) ORDER BY p.n`,
    [pairs.map(({ from }) => from), pairs.map(({ to }) => to)],
  );
  expect(rows).toEqual(pairs.map(({ from, to }) => ({ from, to, can: canTransition(from, to) })));
  expect(rows).toHaveLength(64);
});

test('is_init_state() knows the states of the model, and no other', async () => {
  const database = await cluster.database(newestMajor);
  await installMetadata(database);
  const rows = await database.query<{ readonly state: string }>(
    'SELECT state FROM unnest($1::text[]) AS s (state) WHERE steep_repl.is_init_state(state)',
    [[...initStates, 'initializing', 'ready', '']],
  );
  expect(rows.map(({ state }) => state)).toEqual(initStates);
});
