// Transactions that are open while publications change: what they changed before is decoded with the catalog of that time.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { lastByDay, majors, newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createEdge, items } from '../../support/worlds/edge.ts';

const notes = { schema: 'public', name: 'notes' };

/** Tables items and notes, published and subscribed to. */
const twoTables = async (major: number) => {
  const publisher = await cluster.privateServer(major);
  const edge = await createEdge({ publisher, subscriber: await cluster.server(newestMajor) });
  for (const database of [edge.publisher, edge.subscriber])
    await database.query('CREATE TABLE notes (id int PRIMARY KEY)');
  const publications = { items: { node: 'publisher', tables: ['items', 'notes'] } };
  await edge.project.describe({ ...edge.topology, publications });
  const applied = await edge.project.steep('apply', '--auto-approve');
  expect(applied.code, applied.stderr).toBe(0);
  return edge;
};

test.each(lastByDay([Math.min(...majors), newestMajor]))(
  '%i: a publication gets its new name when no transaction has changed its tables',
  async (major) => {
    const edge = await twoTables(major);
    const { project, topology } = edge;
    const { items: subscription } = topology.subscriptions ?? {};
    await project.describe({
      ...topology,
      publications: { goods: { node: 'publisher', tables: ['items', 'notes'] } },
      subscriptions: { items: { ...subscription, publications: ['goods'] } },
      renamed: [{ from: 'publisher/publication.items', to: 'publisher/publication.goods' }],
    });
    const held = await holdTransaction(edge.publisher, `INSERT INTO items VALUES (9000, 'held')`);
    const run = project.start('apply', '--auto-approve', '--json', '--lock-timeout', '1s');
    // The sender of WAL would learn the new name from this one, before it comes to the one that is open.
    const first = await run.until(
      ({ event, step }) =>
        event === 'run.lock_wait' ||
        (event === 'run.step_done' && String(step).startsWith('rename-publication')),
    );
    await edge.publisher.query('INSERT INTO notes VALUES (1)');
    await held.commit();
    expect(first).toMatchObject({ event: 'run.lock_wait' });
    const { code, stderr } = await run.result;
    expect(code, stderr).toBe(0);
    await waitForSameRows(edge.publisher, edge.subscriber, [items, notes]);
  },
);

test('a table that moves to another publication of its subscription while a transaction writes it loses nothing', async () => {
  const edge = await twoTables(newestMajor);
  const { project, topology } = edge;
  const { items: subscription } = topology.subscriptions ?? {};
  const subscriptions = { items: { ...subscription, publications: ['items', 'papers'] } };
  const papers = { node: 'publisher', tables: ['notes'] };
  const moved = {
    ...topology,
    publications: { items: { node: 'publisher', tables: ['items'] }, papers },
    subscriptions,
  };
  const held = await holdTransaction(edge.publisher, 'INSERT INTO notes VALUES (1)');
  await project.describe(moved);
  const run = project.start('apply', '--auto-approve', '--json');
  await run.until(({ event }) => event === 'run.lock_wait' || event === 'run.step_done');
  await edge.publisher.query('INSERT INTO notes VALUES (2)');
  await held.commit();
  expect((await run.result).code).toBe(0);
  await edge.publisher.query('INSERT INTO notes VALUES (3)');
  await waitForSameRows(edge.publisher, edge.subscriber, [items, notes]);
});

test('two publications of a subscription become one while it is behind: nothing that it has not read is lost', async () => {
  const edge = await createEdge({ publisher: await cluster.server(newestMajor) });
  const { project, topology } = edge;
  const { items: subscription } = topology.subscriptions ?? {};
  for (const database of [edge.publisher, edge.subscriber])
    await database.query('CREATE TABLE notes (id int PRIMARY KEY)');
  const papers = { node: 'publisher', tables: ['notes'] };
  await project.describe({
    ...topology,
    publications: { items: { node: 'publisher', tables: ['items'] }, papers },
    subscriptions: { items: { ...subscription, publications: ['items', 'papers'] } },
  });
  const first = await project.steep('apply', '--auto-approve');
  expect(first.code, first.stderr).toBe(0);
  const held = await holdTransaction(edge.subscriber, 'LOCK TABLE notes');
  for (const id of [1, 2, 3]) await edge.publisher.query(`INSERT INTO notes VALUES (${id})`);
  const joined = {
    ...topology,
    publications: { items: { node: 'publisher', tables: ['items', 'notes'] } },
  };
  await project.describe(joined);
  const run = project.start('apply', '--auto-approve', '--json');
  await run.until(({ event, step }) => {
    const [kind] = String(step).split(' ');
    if (event === 'run.step_started') return kind === 'wait-for-slot';
    return event === 'run.step_done' && kind === 'set-publications';
  });
  await held.commit();
  expect((await run.result).code).toBe(0);
  await waitForSameRows(edge.publisher, edge.subscriber, [items, notes]);
});

test('a subscription is not dropped while a transaction is prepared that only it can end', async () => {
  const edge = await createEdge({ publisher: await cluster.server(newestMajor) });
  const { project, topology } = edge;
  const { items: subscription } = topology.subscriptions ?? {};
  const options = { two_phase: true };
  await project.describe({
    ...topology,
    subscriptions: { items: { ...subscription, options } },
  });
  expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
  const gid = `open_${edge.publisher.name}`;
  await edge.publisher.query(
    `BEGIN; INSERT INTO items VALUES (9000, 'prepared'); PREPARE TRANSACTION '${gid}'`,
  );
  const prepared = `SELECT FROM pg_prepared_xacts WHERE database = current_database()`;
  await waitFor(
    'the subscriber to prepare it',
    async () => (await edge.subscriber.query(prepared)).length > 0,
  );
  const again = [
    'apply',
    '--auto-approve',
    '--reinit',
    'subscriber/subscription.items',
    ...['SUBSCRIPTION_REPLACE', 'TARGET_TRUNCATE', 'SLOT_DROP'].flatMap((code) => [
      '--allow-hazard',
      `${code}=${code === 'SLOT_DROP' ? `publisher/slot.${edge.slot}` : 'subscriber/subscription.items'}`,
    ]),
  ];
  const refused = await project.steep(...again);
  expect(refused.code, refused.stdout).toBe(3);
  expect(refused.stdout).toMatch(/BLOCK +PREPARED_TRANSACTION/);
  expect(refused.stdout).toMatch(/ROLLBACK PREPARED 'pg_gid_\d+_\d+'/);
  await edge.publisher.query(`COMMIT PREPARED '${gid}'`);
  await waitFor(
    'the subscriber to commit it',
    async () => (await edge.subscriber.query(prepared)).length === 0,
  );
  const applied = await project.steep(...again);
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  await waitForSameRows(edge.publisher, edge.subscriber, [items]);
});
