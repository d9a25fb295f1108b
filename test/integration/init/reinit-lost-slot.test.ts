// --reinit of a whole subscription whose slot is lost or dropped: that is what it is for. And of a table that another
// session gives back to the subscription before it is emptied.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster, type TestDatabase, type TestServer } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createProject } from '../../support/worlds/project.ts';

const table = { schema: 'public', name: 'orders' };
const address = 'subscriber/subscription.feed';

/** An edge that runs. */
const createWorld = async (from: TestServer, copy: 'native' | 'parallel') => {
  const publisher = await from.createDatabase();
  const subscriber = await cluster.database(newestMajor);
  onTestFinished(async () => {
    await subscriber.drop();
    await publisher.drop();
  });
  for (const database of [publisher, subscriber]) {
    await database.query('CREATE TABLE orders (id int PRIMARY KEY, note text)');
  }
  await publisher.query("INSERT INTO orders SELECT n, 'first' FROM generate_series(1, 1000) n");
  const slot = `feed_${publisher.name}`;
  const project = await createProject(
    { publisher: publisher.url, subscriber: subscriber.url },
    {
      publications: { sales: { node: 'publisher', tables: ['orders'] } },
      subscriptions: {
        feed: {
          node: 'subscriber',
          source: 'publisher',
          publications: ['sales'],
          slot,
          init: { copy },
        },
      },
    },
  );
  const applied = await project.steep('apply', '--auto-approve');
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  return { project, publisher, subscriber, slot };
};

type World = Awaited<ReturnType<typeof createWorld>>;

/** No more changes are read, and some are written. */
const stop = async ({ publisher, subscriber, slot }: World): Promise<void> => {
  await subscriber.query('ALTER SUBSCRIPTION feed DISABLE');
  await waitFor('the slot to be released', async () => {
    const rows = await publisher.query(
      `SELECT FROM pg_replication_slots WHERE slot_name = '${slot}' AND NOT active`,
    );
    return rows.length === 1;
  });
  await publisher.query("INSERT INTO orders SELECT n, 'later' FROM generate_series(2001, 2500) n");
};

const loseWal = async (publisher: TestDatabase, slot: string): Promise<void> => {
  await publisher.query("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'");
  await publisher.query('SELECT pg_reload_conf()');
  await waitFor('the WAL of the slot to be removed', async () => {
    await publisher.query('SELECT pg_switch_wal()');
    await publisher.query('CHECKPOINT');
    const [row] = await publisher.query<{ readonly status: string }>(
      `SELECT wal_status AS status FROM pg_replication_slots WHERE slot_name = '${slot}'`,
    );
    return row?.status === 'lost';
  });
  await publisher.query('ALTER SYSTEM RESET max_slot_wal_keep_size');
  await publisher.query('SELECT pg_reload_conf()');
};

const expectReinit = async (world: World, block: string): Promise<void> => {
  const { project, publisher, subscriber } = world;
  expect((await project.steep('plan')).stdout).toMatch(new RegExp(`BLOCK +${block}`));
  const again = await project.steep(
    'apply',
    '--auto-approve',
    '--reinit',
    address,
    '--allow-hazard',
    `SUBSCRIPTION_REPLACE=${address}`,
    '--allow-hazard',
    `TARGET_TRUNCATE=${address}`,
  );
  expect(again.code, again.stdout + again.stderr).toBe(0);
  await waitForSameRows(publisher, subscriber, [table]);
  await publisher.query("INSERT INTO orders VALUES (9000, 'arrives')");
  await waitForSameRows(publisher, subscriber, [table]);
  expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
};

test.each(['native', 'parallel'] as const)('a slot that was dropped: %s', async (copy) => {
  const world = await createWorld(await cluster.server(newestMajor), copy);
  await stop(world);
  await world.publisher.query(`SELECT pg_drop_replication_slot('${world.slot}')`);
  await expectReinit(world, 'SLOT_MISSING');
});

test('a slot that has lost WAL, while its initial copy is still under way', async () => {
  const world = await createWorld(await cluster.privateServer(newestMajor), 'parallel');
  await stop(world);
  await world.subscriber.query("UPDATE steep_repl.subscriptions_init SET state = 'catching_up'");
  await loseWal(world.publisher, world.slot);
  await expectReinit(world, 'SLOT_LOST');
});

test('a table that the subscription receives again is not emptied', async () => {
  const { project, publisher, subscriber } = await createWorld(
    await cluster.server(newestMajor),
    'parallel',
  );
  const lock = await holdTransaction(subscriber, 'LOCK TABLE orders IN ACCESS SHARE MODE');
  const args = ['--reinit', 'subscriber/copy.feed:public.orders', '--lock-retries', '100'];
  const allow = ['--allow-hazard', `TARGET_TRUNCATE=${address}`];
  const run = project.start('apply', '--auto-approve', '--json', ...args, ...allow);
  await waitFor('TRUNCATE to wait', async () => {
    const found = await subscriber.query(
      `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'TRUNCATE%'`,
    );
    return found.length > 0;
  });
  await subscriber.query('ALTER SUBSCRIPTION feed SET PUBLICATION sales WITH (refresh = false)');
  await subscriber.query('ALTER SUBSCRIPTION feed ENABLE');
  await subscriber.query('ALTER SUBSCRIPTION feed REFRESH PUBLICATION WITH (copy_data = false)');
  await lock.commit();
  const { code, stdout, stderr } = await run.result;
  expect(code, stderr).toBe(6);
  expect(stdout).toContain('TABLES_STILL_SUBSCRIBED');
  await waitForSameRows(publisher, subscriber, [table]);
  const again = await project.steep('apply', '--auto-approve', ...args, ...allow);
  expect(again.code, again.stdout + again.stderr).toBe(0);
  await publisher.query("INSERT INTO orders VALUES (9000, 'arrives')");
  await waitForSameRows(publisher, subscriber, [table]);
  expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
});
