// How an initial copy moves from state to state, and who follows: the node, the audit log, listeners, events.

import { expect, test } from 'vitest';
import { readInits } from '../../../src/catalog/copies/read-inits.ts';
import { endInit } from '../../../src/metadata/init/init-end.ts';
import {
  advanceInit,
  cancelInit,
  divergeInit,
  failInit,
  moveInit,
  reinit,
  startInit,
} from '../../../src/metadata/init/init-state.ts';
import { migrationsBetween } from '../../../src/metadata/migrations.ts';
import {
  canTransition,
  type InitState,
  initialTransitions,
  initStates,
  isInitializing,
  worstFirst,
} from '../../../src/model/copy/init-state.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { installMetadata } from '../catalog/metadata.ts';
import {
  audited,
  database,
  events,
  init,
  node,
  open,
  put,
  session,
  start,
  stateOf,
} from './init-world.ts';

test.each(initStates)('an initial copy starts again from %s, in both ways', async (from) => {
  for (const until of ['preparing', 'copying'] as const) {
    await put(from);
    const before = (await audited()).length;
    await session.transaction({}, () => startInit(session, { ...start, until }));
    const end = initialTransitions(from, until).at(-1) ?? from;
    expect(await stateOf()).toBe(end);
    const states = (await audited()).slice(before).map((line) => line.split(' '));
    let state: string | undefined = from;
    for (const [, before, after] of states) {
      expect(before).toBe(state);
      expect(canTransition(before as InitState, after as InitState)).toBe(true);
      state = after;
    }
    expect(state).toBe(end);
    expect(states.filter(([, , after]) => after === 'failed')).toEqual([]);
  }
});

test('how far the last copy was is nothing that a new one has done', async () => {
  const percents = async () =>
    (await readInits(session, 'n')).map(({ progress }) => progress?.percent ?? null);
  await put('synchronized');
  await database.query(
    `INSERT INTO steep_repl.init_progress (node_id, subscription, run_id, phase, overall_percent)
     VALUES ('n', 's', 'run-0', 'done', 100)`,
  );
  expect(await percents()).toEqual([100]);
  await session.transaction({}, () => startInit(session, { ...start, until: 'preparing' }));
  expect(await percents()).toEqual([null]);
});

test('a copy from its start to its end: states, the node, the audit log and the events', async () => {
  await session.transaction({}, () => startInit(session, { ...start, until: 'preparing' }));
  expect(await node()).toEqual({
    init_state: 'preparing',
    init_source_node: 'p',
    started: true,
    completed: false,
  });
  // Repeated by a run that continues, now with the position of the slot.
  const again = {
    ...start,
    runId: 'run-2',
    until: 'preparing',
    consistentLsn: '0/16B3748',
  } as const;
  await session.transaction({}, () => startInit(session, again));
  for (const to of ['copying', 'catching_up', 'synchronized'] as const) {
    expect(await moveInit(session, { ...init, to })).toBe(true);
    expect(await moveInit(session, { ...init, to })).toBe(false);
  }
  expect(await node()).toMatchObject({ init_state: 'synchronized', completed: true });
  expect(await audited()).toEqual([
    's - uninitialized',
    's uninitialized preparing',
    's preparing copying',
    's copying catching_up',
    's catching_up synchronized',
  ]);
  expect(events.map(({ event }) => event)).toEqual([
    'init.state_change',
    'init.state_change',
    'init.started',
    'init.state_change',
    'init.state_change',
    'init.state_change',
    'init.completed',
  ]);
  const [reading] = await readInits(session, 'n');
  expect(reading).toMatchObject({ method: 'parallel', source: 'p', runId: 'run-1', error: null });
});

test('a copy that fails says why, without its passwords; it can begin again or be given up', async () => {
  await put('copying');
  const error = 'connection to "host=db password=hunter2" failed. Look at its log.';
  await failInit(session, { ...init, error });
  expect(await node()).toMatchObject({ init_state: 'failed' });
  const [reading] = await readInits(session, 'n');
  expect(reading?.error).toContain('password=***');
  expect(JSON.stringify([reading, events, await audited()])).not.toContain('hunter2');
  await reinit(session, init);
  expect(await readInits(session, 'n')).toMatchObject([{ state: 'reinitializing', error: null }]);
  await cancelInit(session, init);
  expect(events.map(({ event }) => event).filter((name) => name !== 'init.state_change')).toEqual([
    'init.failed',
    'init.started',
    'init.cancelled',
  ]);
});

test('what is in step or on its way there diverges; nothing else does', async () => {
  await put('synchronized');
  await divergeInit(session, { ...init, error: 'the slot is lost' });
  expect(await stateOf()).toBe('diverged');
  await put('copying');
  await divergeInit(session, { ...init, error: 'the publisher was set back' });
  expect((await audited()).slice(-3)).toEqual([
    's copying catching_up',
    's catching_up synchronized',
    's synchronized diverged the publisher was set back',
  ]);
  await put('uninitialized');
  await expect(divergeInit(session, { ...init, error: 'x' })).rejects.toMatchObject({
    code: 'INIT_TRANSITION',
    message:
      'The initial copy of s on node n is in state uninitialized, which cannot change to diverged.',
  });
});

test('a subscription of which nothing is known cannot move', async () => {
  await expect(moveInit(session, { ...init, to: 'copying' })).rejects.toMatchObject({
    code: 'INIT_TRANSITION',
  });
});

test.each(initStates)('a copy that PostgreSQL makes, seen from %s', async (from) => {
  for (const to of ['copying', 'catching_up', 'synchronized'] as const) {
    await put(from);
    await advanceInit(session, init, to);
    const order: readonly (InitState | undefined)[] = ['copying', 'catching_up', 'synchronized'];
    const moves = from === 'failed' || isInitializing(from);
    const expected = moves && order.indexOf(from) < order.indexOf(to) ? to : from;
    expect(await stateOf()).toBe(expected);
  }
});

test('a node is as far as the worst of its subscriptions', async () => {
  await put('preparing');
  const worst = (states: readonly InitState[]): InitState | undefined =>
    worstFirst.find((state) => states.includes(state));
  for (const other of initStates) {
    await put(other, 'other');
    await moveInit(session, { ...init, to: 'copying' });
    expect(await node()).toMatchObject({ init_state: worst(['copying', other]) });
    await put('preparing');
  }
  await endInit(session, { node: 'n', subscription: 'other', runId: 'r' });
  expect(await node()).toMatchObject({ init_state: 'preparing' });
  await endInit(session, { node: 'n', subscription: 's', runId: 'r' });
  expect(await node()).toEqual({
    init_state: 'uninitialized',
    init_source_node: null,
    started: false,
    completed: false,
  });
});

test('two nodes of one steep_repl may have subscriptions of one name', async () => {
  await database.query(`SELECT steep_repl.register_node('m', 'm')`);
  await session.transaction({}, () => startInit(session, { ...start, until: 'preparing' }));
  await session.transaction({}, () => startInit(session, { ...start, node: 'm' }));
  expect(await stateOf()).toBe('preparing');
  expect(await node()).toMatchObject({ init_state: 'preparing' });
  expect(await readInits(session, 'm')).toMatchObject([{ node: 'm', state: 'copying' }]);
});

test('two runs move one copy: one of them does, the other is told', async () => {
  await put('copying');
  const other = await open();
  const results = await Promise.allSettled([
    moveInit(session, { ...init, to: 'catching_up' }),
    moveInit(other, { ...init, to: 'uninitialized' }),
  ]);
  const state = await stateOf();
  // The second may follow on the first: catching up is given up too, but what was given up does not catch up.
  expect(state).toBe('uninitialized');
  const lines = await audited();
  expect(lines.length).toBe(results.filter(({ status }) => status === 'fulfilled').length);
});

test('each transition is told to listeners when it is committed, and not before', async () => {
  await put('uninitialized');
  const listener = await open();
  let heard = 0;
  await listener.listen('steep_repl_progress', () => {
    heard += 1;
  });
  await expect(
    session.transaction({}, async () => {
      await startInit(session, start);
      throw new Error('rolled back');
    }),
  ).rejects.toThrow('rolled back');
  await moveInit(session, { ...init, to: 'preparing' });
  await waitFor('a notification', async () => heard > 0);
  expect(heard).toBe(1);
});

test('an older steep_repl is upgraded with its states: those of its node, and the node follows', async () => {
  const older = await cluster.database(newestMajor);
  await installMetadata(older, 2);
  await older.query(`
    SELECT steep_repl.register_node('m', 'm');
    SELECT steep_repl.register_node('n', 'n');
    INSERT INTO steep_repl.objects (address, kind, applied, run_id)
    VALUES ('n/subscription."Odd"', 'subscription', '{}', 'r');
    INSERT INTO steep_repl.subscriptions_init (subscription, source_node, method, state, run_id)
    VALUES ('Odd', 'p', 'snapshot', 'copying', 'r')`);
  for (const { text } of migrationsBetween(2, 3)) await older.query(text);
  expect(
    await older.query('SELECT node_id, init_state FROM steep_repl.nodes ORDER BY node_id'),
  ).toEqual([
    { node_id: 'm', init_state: 'uninitialized' },
    { node_id: 'n', init_state: 'copying' },
  ]);
  expect(await older.query('SELECT node_id, method FROM steep_repl.subscriptions_init')).toEqual([
    { node_id: 'n', method: 'native' },
  ]);
});
