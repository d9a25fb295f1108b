// New names while the application writes: no row is missed, none arrives twice, and the slot stays.

import { expect, test } from 'vitest';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { lastByDay, newestMajor, pairs } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createEdge, type Edge } from '../../support/worlds/edge.ts';
import { startWriter, type Writer } from '../../support/worlds/writer.ts';

const named = (publication: string, subscription: string) => ({
  publications: { [publication]: { node: 'publisher', tables: ['items'] } },
  subscriptions: {
    [subscription]: { node: 'subscriber', source: 'publisher', publications: [publication] },
  },
});

const renamed = (feed: string) => ({
  renamed: [
    { from: 'publisher/publication.items', to: 'publisher/publication.goods' },
    { from: `subscriber/subscription.${feed}`, to: `subscriber/subscription.${feed}_new` },
  ],
});

/** New rows, and changes of those that are there. */
const startWriting = (database: TestDatabase): Promise<Writer> =>
  startWriter(database, (turn) =>
    turn % 2 === 0
      ? `INSERT INTO items VALUES (${1000 + turn}, 'written')`
      : `UPDATE items SET note = 'changed ${turn}' WHERE id = ${500 + turn}`,
  );

const contentOf = async (database: TestDatabase): Promise<string | undefined> => {
  const [row] = await database.query<{ readonly hash: string }>(
    `SELECT count(*) || ' ' || md5(string_agg(i::text, ',' ORDER BY id)) AS hash FROM items AS i`,
  );
  return row?.hash;
};

const waitForEquality = ({ publisher, subscriber }: Edge): Promise<boolean> =>
  waitFor(
    'both sides to hold the same rows',
    async () => (await contentOf(publisher)) === (await contentOf(subscriber)),
  );

const slotsOf = ({ publisher }: Edge) =>
  publisher.query<{ readonly slot_name: string }>(
    'SELECT slot_name::text FROM pg_replication_slots WHERE database = current_database()',
  );

/** An edge under its first names, applied; the slot has the name of the subscription. */
const begin = async (edge: Edge): Promise<string> => {
  const feed = `feed_${edge.publisher.name}`;
  await edge.project.describe(named('items', feed));
  const { code, stderr } = await edge.project.steep('apply', '--auto-approve');
  expect(code, stderr).toBe(0);
  return feed;
};

test.each(lastByDay(pairs))(
  '%i -> %i: a publication and its subscription, under a writer',
  async (from, to) => {
    const edge = await createEdge({
      publisher: await cluster.server(from),
      subscriber: await cluster.server(to),
    });
    const { project } = edge;
    const feed = await begin(edge);
    const writer = await startWriting(edge.publisher);
    await project.describe({ ...named('goods', `${feed}_new`), ...renamed(feed) });
    const { code, stderr } = await project.steep('apply', '--auto-approve');
    await writer.stop();
    expect(code, stderr).toBe(0);
    await waitForEquality(edge);
    expect(await slotsOf(edge)).toEqual([{ slot_name: feed }]);

    // The entry may go, and the slot that was kept stays.
    await project.describe(named('goods', `${feed}_new`));
    const again = await project.steep('plan', '--detailed-exitcode');
    expect(again.stdout).toContain('No changes.');
    expect(again.code).toBe(0);
  },
);

test('what was written before the rename keeps it waiting, and arrives too', async () => {
  // A held transaction delays the slots of others: the server is not shared.
  const publisher = await cluster.privateServer(newestMajor);
  const edge = await createEdge({ publisher });
  const { project } = edge;
  const feed = await begin(edge);
  const held = await holdTransaction(edge.publisher, "INSERT INTO items VALUES (5000, 'held')");
  await project.describe({ ...named('goods', `${feed}_new`), ...renamed(feed) });
  const run = project.start('apply', '--auto-approve', '--json');
  expect(await run.until(({ event }) => event === 'run.lock_wait')).toMatchObject({
    blockers: [{ pid: held.pid }],
  });
  await held.commit();
  const { code, stderr } = await run.result;
  expect(code, stderr).toBe(0);
  await waitForEquality(edge);
});

test('a slot that was kept is not given to another subscription', async () => {
  const edge = await createEdge();
  const { project } = edge;
  const feed = await begin(edge);
  const { publications, subscriptions } = named('items', `${feed}_new`);
  await project.describe({ publications, subscriptions, renamed: renamed(feed).renamed.slice(1) });
  expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
  const both = { ...subscriptions, ...named('items', feed).subscriptions };
  await project.describe({ publications, subscriptions: both });
  const plan = await project.steep('plan', '--json');
  expect(plan.stdout).toContain('SLOT_SHARED');
  expect(plan.code).not.toBe(0);
});
