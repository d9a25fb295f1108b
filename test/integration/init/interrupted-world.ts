// Three tables that an initial copy by steep fills one after the other, so that it can be stopped when some are
// complete.

import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { createProject, type Project } from '../../support/worlds/project.ts';

export const names = ['items', 'orders', 'refunds'];
export const tables = names.map((name) => ({ schema: 'public', name }));

export interface World {
  readonly project: Project;
  readonly publisher: TestDatabase;
  readonly subscriber: TestDatabase;
  readonly slot: string;
}

/** Each of the first two is too large for one transaction with others; the last is small, and is copied last. */
const fill = async (database: TestDatabase): Promise<void> => {
  for (const name of names) {
    const note = name === 'refunds' ? "'first'" : "repeat('first', 400)";
    await database.query(`INSERT INTO ${name} SELECT n, ${note} FROM generate_series(1, 6000) n`);
  }
};

export const createTables = async (database: TestDatabase): Promise<void> => {
  for (const name of names) {
    await database.query(`CREATE TABLE ${name} (id int PRIMARY KEY, note text NOT NULL);
      ALTER TABLE ${name} ALTER note SET STORAGE PLAIN`);
  }
};

export const topologyOf = (slot: string) => ({
  publications: { sales: { node: 'publisher', tables: names } },
  subscriptions: {
    feed: {
      node: 'subscriber',
      source: 'publisher',
      publications: ['sales'],
      slot,
      init: { parallel_workers: 1 },
    },
  },
});

export const createWorld = async (from: number, to = newestMajor): Promise<World> => {
  const publisher = await (await cluster.server(from)).createDatabase();
  const subscriber = await (await cluster.server(to)).createDatabase();
  onTestFinished(async () => {
    await subscriber.drop();
    await publisher.drop();
  });
  for (const database of [publisher, subscriber]) await createTables(database);
  await fill(publisher);
  const slot = `feed_${publisher.name}`;
  const connections = { publisher: publisher.url, subscriber: subscriber.url };
  const project = await createProject(connections, topologyOf(slot));
  return { project, publisher, subscriber, slot };
};

/** A copy that waits for the rows of one table: some others are complete. */
export const midway = async ({ project, subscriber }: World) => {
  const lock = await holdTransaction(subscriber, 'LOCK TABLE refunds IN SHARE MODE');
  const run = project.start('apply', '--auto-approve', '--json', '--lock-retries', '100');
  await run.until(({ event }) => event === 'init.table_complete');
  return { run, lock };
};

/** A copy that was killed when some of its tables were complete. */
export const killed = async (world: World): Promise<void> => {
  const { run, lock } = await midway(world);
  run.kill('SIGKILL');
  await run.result;
  await lock.commit();
  for (const database of [world.publisher, world.subscriber]) {
    await database.query(
      `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE 'steep %'`,
    );
  }
};
