// The source crashes right after an apply: what its slots say afterwards is what they had on disk. Replication
// must go on from there, also where publications got other names meanwhile.

import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { RunContext } from '../../../src/executors/executor.ts';
import { untilSlotSaved } from '../../../src/executors/until-slot-saved.ts';
import { openSession } from '../../../src/postgres/session.ts';
import { sql } from '../../../src/postgres/sql.ts';
import { cluster } from '../../support/cluster.ts';
import { createEdge, items } from '../../support/edge.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { majors, newestMajor } from '../../support/majors.ts';
import { fakeRun } from '../../support/run-context.ts';
import { holderName, holdTransaction } from '../../support/transaction.ts';
import { startWriter } from '../../support/writer.ts';

const feedOf = (publication: string) => ({
  publications: { [publication]: { node: 'publisher', tables: ['items'] } },
});

test.each(majors)('%i: a publication was renamed under a writer', async (major) => {
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

test('the transaction that keeps the position of a slot from being saved is named', async () => {
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
  const holder = `held back by pid ${held.pid} (${holderName})`;
  await expect(
    untilSlotSaved({ ...position, timeoutMs: 3000 }, session, context),
  ).rejects.toMatchObject({ code: 'NOT_CONVERGED', message: expect.stringContaining(holder) });
  expect(said).toContainEqual(expect.stringContaining(holder));
  await held.commit();
  await untilSlotSaved({ ...position, timeoutMs: 60_000 }, session, context);
  await session.close();
});
