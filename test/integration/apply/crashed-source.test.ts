// The source crashes right after an apply: what its slots say afterwards is what they had on disk. Replication must
// continue from there, also where publications got other names meanwhile.

import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { RunContext } from '../../../src/executors/executor.ts';
import { untilSlotSaved } from '../../../src/executors/wait/until-slot-saved.ts';
import { openSession } from '../../../src/postgres/session.ts';
import { sql } from '../../../src/postgres/sql/sql.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { fakeRun } from '../../support/run-context.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { lastByDay, majors, newestMajor } from '../../support/servers/majors.ts';
import { holderName, holdTransaction } from '../../support/servers/transaction.ts';
import { createEdge, items } from '../../support/worlds/edge.ts';
import { startWriter } from '../../support/worlds/writer.ts';

const tested = lastByDay(majors);

const feedOf = (publication: string) => ({
  publications: { [publication]: { node: 'publisher', tables: ['items'] } },
});

test.concurrent.each(tested)('%i: a publication was renamed under a writer', async (major) => {
  const publisher = await cluster.privateServer(major);
  const edge = await createEdge({ publisher, subscriber: await cluster.server(newestMajor) });
  const { project, topology } = edge;
  // What is not published is decoded too, and moves no position of the subscriber.
  await edge.publisher.query('CREATE TABLE notes (id int PRIMARY KEY)');
  expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
  const writer = await startWriter(edge.publisher, (turn) => `INSERT INTO notes VALUES (${turn})`);
  const { items: subscription } = topology.subscriptions ?? {};
  await project.describe({
    ...feedOf('goods'),
    subscriptions: { items: { ...subscription, publications: ['goods'] } },
    renamed: [{ from: 'publisher/publication.items', to: 'publisher/publication.goods' }],
  });
  const applied = await project.steep('apply', '--auto-approve');
  expect(applied.code, applied.stderr).toBe(0);
  await publisher.kill();
  await writer.stop().catch(() => 'it went with the server');
  await publisher.start();
  await edge.publisher.query(`INSERT INTO items VALUES (5000, 'after the crash')`);
  await waitForSameRows(edge.publisher, edge.subscriber, [items]);
});

// Its changes are decoded as of the time when they were made: to them a publication that came later does not exist.
test.concurrent('a transaction that began before the publication of a reinit loses no row', async () => {
  const publisher = await cluster.privateServer(newestMajor);
  const edge = await createEdge({ publisher });
  const { project, topology } = edge;
  for (const database of [edge.publisher, edge.subscriber])
    await database.query(
      'CREATE TABLE notes (id int PRIMARY KEY); CREATE TABLE later (id int PRIMARY KEY)',
    );
  const publications = { items: { node: 'publisher', tables: ['items', 'notes', 'later'] } };
  await project.describe({ ...topology, publications });
  expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
  const held = await holdTransaction(edge.publisher, 'INSERT INTO notes VALUES (1)');
  const run = project.start(
    'apply',
    '--auto-approve',
    '--json',
    '--reinit',
    'subscriber/copy.items:public.items',
    '--allow-hazard',
    'TARGET_TRUNCATE=subscriber/subscription.items',
  );
  // Were the new publication read before this transaction commits, its row would never be sent.
  const first = await run.until(
    ({ event, message, step }) =>
      String(message).includes(`waits for pid ${held.pid}`) ||
      (event === 'run.step_started' && String(step).startsWith('set-publications')),
  );
  expect(first).toMatchObject({ event: 'run.step_progress' });
  // The sender of WAL learns the new publication from this one, before it comes to the one that is open.
  await edge.publisher.query('INSERT INTO later VALUES (1)');
  await held.commit();
  const { code, stderr } = await run.result;
  expect(code, stderr).toBe(0);
  const others = ['notes', 'later'].map((name) => ({ schema: 'public', name }));
  await waitForSameRows(edge.publisher, edge.subscriber, [items, ...others]);
});

test.concurrent('the transaction that keeps the position of a slot from being saved is named', async () => {
  const publisher = await cluster.privateServer(newestMajor);
  const edge = await createEdge({ publisher });
  expect((await edge.project.steep('apply', '--auto-approve')).code).toBe(0);
  const held = await holdTransaction(edge.publisher, `INSERT INTO items VALUES (5000, 'held')`);
  const session = await openSession(edge.publisher.conninfo, {
    node: 'publisher',
    applicationName: 'steep',
  });
  const [now] = await session.query<{ readonly lsn: string }>(
    sql`SELECT pg_catalog.pg_current_wal_insert_lsn()::text AS lsn`,
  );
  const said: string[] = [];
  const context: RunContext = {
    ...fakeRun().context,
    observer: () => Promise.resolve(session),
    progress: (message) => void said.push(message),
    clock: () => performance.now(),
    sleep: (ms) => delay(ms),
  };
  const position = { node: 'publisher', slot: edge.slot, target: now?.lsn ?? '0/0' };
  const holder = `blocked by pid ${held.pid} (${holderName}, database ${edge.publisher.name}, `;
  await expect(
    untilSlotSaved({ ...position, timeoutMs: 3000 }, session, context),
  ).rejects.toMatchObject({ code: 'NOT_CONVERGED', message: expect.stringContaining(holder) });
  expect(said).toContainEqual(expect.stringContaining(holder));
  await held.commit();
  await untilSlotSaved({ ...position, timeoutMs: 60_000 }, session, context);
  await session.close();
});
