// The state machine of the initial copy is in the model and in the database: the same in both.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { moveInit } from '../../../src/metadata/init/init-state.ts';
import { initPhases } from '../../../src/model/copy/init-phase.ts';
import { canTransition, initStates } from '../../../src/model/copy/init-state.ts';
import { audited, database, init, node, put, session, stateOf } from './init-world.ts';

const pairs = initStates.flatMap((from) => initStates.map((to) => ({ from, to })));

test('can_transition() agrees with the model on all 64 pairs', async () => {
  const rows = await database.query(
    `SELECT p.from_state AS "from", p.to_state AS "to", steep_repl.can_transition(p.from_state, p.to_state) AS can
       FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS p (from_state, to_state, n) ORDER BY p.n`,
    [pairs.map(({ from }) => from), pairs.map(({ to }) => to)],
  );
  expect(rows).toEqual(pairs.map(({ from, to }) => ({ from, to, can: canTransition(from, to) })));
  expect(rows).toHaveLength(64);
});

test('is_init_state() knows the states of the model, and no other', async () => {
  const rows = await database.query<{ readonly state: string }>(
    'SELECT state FROM unnest($1::text[]) AS s (state) WHERE steep_repl.is_init_state(state)',
    [[...initStates, 'initializing', 'ready', '']],
  );
  expect(rows.map(({ state }) => state)).toEqual(initStates);
});

test('init_progress takes the phases of the model, and no other', async () => {
  for (const phase of initPhases) {
    await database.query(
      `INSERT INTO steep_repl.init_progress (node_id, subscription, run_id, phase) VALUES ('n', $1, 'r', $1)`,
      [phase],
    );
  }
  await expect(
    database.query(`UPDATE steep_repl.init_progress SET phase = 'resting'`),
  ).rejects.toThrow('init_progress_phase_check');
});

describe('random walks', () => {
  const walks = fc.array(fc.constantFrom(...initStates), { minLength: 1, maxLength: 12 });

  test('moveInit() goes where the model goes, and leaves one line in the audit log for each move', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...initStates), walks, async (begin, walk) => {
        await put(begin);
        const before = (await audited()).length;
        let state = begin;
        let moves = 0;
        for (const to of walk) {
          const move = moveInit(session, { ...init, to });
          if (to === state) expect(await move).toBe(false);
          else if (canTransition(state, to)) {
            expect(await move).toBe(true);
            state = to;
            moves += 1;
            expect(await node()).toMatchObject({ init_state: state });
          } else await expect(move).rejects.toMatchObject({ code: 'INIT_TRANSITION' });
          expect(await stateOf()).toBe(state);
        }
        expect(await audited()).toHaveLength(before + moves);
      }),
      { numRuns: 30 },
    );
  });

  test('update_node_state() goes where the model goes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...initStates), walks, async (begin, walk) => {
        await database.query('UPDATE steep_repl.nodes SET init_state = $1', [begin]);
        let state = begin;
        for (const to of walk) {
          const moved = database.query(`SELECT steep_repl.update_node_state('n', $1)`, [to]);
          if (to === state || canTransition(state, to)) {
            await moved;
            state = to;
          } else await expect(moved).rejects.toThrow(`cannot go from ${state} to ${to}`);
          expect(await node()).toMatchObject({ init_state: state });
        }
      }),
      { numRuns: 30 },
    );
  });
});
