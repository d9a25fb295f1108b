// Initial copies as others see them: states, progress and events of an apply, in SQL and in `steep status`.

import { expect, test } from 'vitest';
import { openSession } from '../../src/postgres/session.ts';
import { converge } from '../../src/run/converge.ts';
import type { CliEvent } from '../support/cli.ts';
import { eventsOf } from '../support/event-lines.ts';
import { fakeRun } from '../support/run-context.ts';
import { holdTransaction } from '../support/servers/transaction.ts';
import { waitFor } from '../support/servers/wait.ts';
import { createEdge, type Edge } from '../support/worlds/edge.ts';

const initEvents = (events: readonly CliEvent[]): readonly string[] =>
  events
    .filter(({ event }) => /^init\.(?!progress)/.test(String(event)))
    .map(({ event, to_state, phase, table }) =>
      [event, to_state ?? table ?? phase]
        .filter((part): part is string => typeof part === 'string')
        .join(' '),
    );

/** Copies nothing of the table until it is let go. */
const holdCopy = ({ subscriber }: Edge) =>
  holdTransaction(subscriber, 'LOCK TABLE items IN SHARE MODE');

test('an apply that PostgreSQL copies for: events, rows, status, and a user who looks on', async () => {
  const edge = await createEdge({ copy: 'native' });
  await edge.publisher.query('ANALYZE items');
  const lock = await holdCopy(edge);
  const run = edge.project.start('apply', '--auto-approve', '--json');
  await run.until(({ event }) => event === 'init.progress');

  const status = await edge.project.steep('status', '--json');
  const [seen] = (JSON.parse(status.stdout) as { readonly edges: readonly CliEvent[] }).edges;
  expect(seen).toMatchObject({
    init_state: 'copying',
    init: {
      method: 'native',
      state: 'copying',
      progress: {
        phase: 'copying',
        tables_total: 1,
        tables_done: 0,
        bytes_total: expect.any(Number),
      },
    },
  });
  const people = await edge.project.steep('status');
  expect(people.stdout).toMatch(
    /Initial copies\n {2}subscriber\/subscription\.items copying: 0% 0\.0\/\d+\.\d kB, 0 of 1 table/,
  );
  expect(await edge.subscriber.query('SELECT steep_repl.is_operation_active() AS it')).toEqual([
    { it: true },
  ]);
  expect(
    await edge.subscriber.query(
      'SELECT node_id, init_state, init_source_node FROM steep_repl.list_nodes()',
    ),
  ).toEqual([{ node_id: 'subscriber', init_state: 'copying', init_source_node: 'publisher' }]);

  const onlooker = edge.project.start('status', '--follow', '--json');
  await onlooker.until(({ event }) => event === 'init.progress');
  await lock.commit();
  const result = await run.result;
  expect(result.code, result.stderr).toBe(0);
  expect(initEvents(eventsOf(result))).toEqual([
    'init.state_change uninitialized',
    'init.state_change preparing',
    'init.started',
    'init.state_change copying',
    'init.phase_started copying',
    'init.table_started public.items',
    'init.table_complete public.items',
    'init.state_change catching_up',
    'init.phase_completed copying',
    'init.phase_started catching_up',
    'init.phase_completed catching_up',
    'init.state_change synchronized',
    'init.completed',
  ]);

  const looked = await onlooker.result;
  expect(looked.code, looked.stderr).toBe(0);
  const states = eventsOf(looked).filter(({ event }) => event === 'init.state_change');
  expect(states.at(0)).toMatchObject({ from_state: null, to_state: 'copying' });
  expect(states.at(-1)).toMatchObject({ to_state: 'synchronized', source_node: 'publisher' });
  expect(JSON.parse(looked.stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
    inits: [{ state: 'synchronized', progress: { phase: 'done', percent: 100, tables_done: 1 } }],
    unreadable: [],
  });
  expect(
    await edge.subscriber.query('SELECT phase, overall_percent FROM steep_repl.get_progress()'),
  ).toEqual([{ phase: 'done', overall_percent: '100.00' }]);
  const nothing = await edge.project.steep('status', '--follow');
  expect(nothing.code).toBe(0);
  expect(nothing.stdout).toContain('No initial copy is running.');
});

test('a run that did not stay for the end: the next apply has nothing to do, and sees that it is over', async () => {
  const { project, subscriber } = await createEdge({ copy: 'native' });
  expect((await project.steep('apply', '--auto-approve', '--no-wait')).code).toBe(0);
  const state = async () =>
    (await subscriber.query('SELECT state FROM steep_repl.subscriptions_init'))[0];
  expect(await state()).toEqual({ state: 'copying' });
  await waitFor('the next apply to see it', async () => {
    const again = await project.steep('apply', '--auto-approve');
    expect(again.code, again.stderr).toBe(0);
    return (await state())?.state === 'synchronized';
  });
});

test('a subscription in step whose slot is gone has diverged, once an apply waits for it', async () => {
  const edge = await createEdge({ copy: 'native' });
  expect((await edge.project.steep('apply', '--auto-approve')).code).toBe(0);
  await edge.subscriber.query('ALTER SUBSCRIPTION items DISABLE');
  await waitFor('the slot to go', async () => {
    const dropped = edge.publisher.query('SELECT pg_drop_replication_slot($1)', [edge.slot]);
    return dropped.then(
      () => true,
      () => false,
    );
  });
  await edge.subscriber.query('ALTER SUBSCRIPTION items ENABLE');
  const open = (node: 'publisher' | 'subscriber') =>
    openSession(edge[node].conninfo, { node, applicationName: 'steep' });
  const sessions = { publisher: await open('publisher'), subscriber: await open('subscriber') };
  const session = (node: string) => sessions[node as keyof typeof sessions];
  const { context } = fakeRun();
  const edges = [{ node: 'subscriber', subscription: 'items', source: 'publisher' }];
  const behind = await converge(
    { edges, maxLag: 0, timeoutMs: -1 },
    { ...context, session, metadata: session },
  );
  await Promise.all(Object.values(sessions).map((it) => it.close()));
  expect(behind).toEqual([
    `subscriber/subscription.items: The slot does not exist on the publisher. (slot ${edge.slot} on node publisher)`,
  ]);
  expect(
    await edge.subscriber.query('SELECT state, error FROM steep_repl.subscriptions_init'),
  ).toEqual([
    { state: 'diverged', error: expect.stringContaining('a new initial copy is needed') },
  ]);
  const status = await edge.project.steep('status', '--json');
  expect(JSON.parse(status.stdout)).toMatchObject({
    edges: [{ init_state: 'diverged', verdict: { health: 'broken' } }],
  });
});
