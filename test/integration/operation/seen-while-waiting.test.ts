// Runs that wait for a slot behind an open transaction: their nodes count as seen meanwhile. STEEP_TEST_NIGHTLY=1 plays
// those that would take longer.

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createProject, type Topology } from '../../support/worlds/project.ts';
import { installMetadata } from '../catalog/metadata.ts';
import { newDirectory } from '../snapshot/snapshot-under-test.ts';

const isSeenAgain = async (database: TestDatabase): Promise<void> => {
  await database.query(`UPDATE steep_repl.nodes SET last_seen = '2001-01-01'`);
  await waitFor('the node to be seen again', async () => {
    const rows = await database.query(
      `SELECT FROM steep_repl.nodes WHERE last_seen > '2001-01-01'`,
    );
    return rows.length === 1;
  });
};

const waitsForSlot = (database: TestDatabase) =>
  waitFor('a slot to wait', async () => {
    const rows = await database.query(
      'SELECT FROM pg_replication_slots WHERE confirmed_flush_lsn IS NULL',
    );
    return rows.length === 1;
  });

const edgeWith = (init: object): Topology => ({
  publications: { all: { node: 'publisher', tables: ['items'] } },
  subscriptions: {
    feed: { node: 'subscriber', source: 'publisher', publications: ['all'], init },
  },
});

test(`PostgreSQL ${newestMajor}: initial copies, at night also prepared ones and snapshots`, async () => {
  const server = await cluster.privateServer(newestMajor);
  const [publisher, subscriber] = [await server.createDatabase(), await server.createDatabase()];
  for (const [node, database] of Object.entries({ publisher, subscriber })) {
    await database.query('CREATE TABLE items (id int PRIMARY KEY)');
    await installMetadata(database);
    await database.query(`SELECT steep_repl.register_node('${node}', '${node}')`);
  }
  const connections = { publisher: publisher.url, subscriber: subscriber.url };
  const project = await createProject(connections, edgeWith({ copy: 'parallel' }));
  const part = ['--target', 'publisher/publication.all'];
  const published = await project.steep('apply', '--auto-approve', ...part);
  expect(published.code, published.stderr).toBe(0);
  await holdTransaction(publisher, 'INSERT INTO items VALUES (1)');
  const seenBy = async (args: readonly string[], nodes: readonly TestDatabase[]): Promise<void> => {
    const run = project.start(...args);
    const failed = run.result.then(({ stdout, stderr }) => {
      throw new Error(`${stdout}${stderr}`);
    });
    await Promise.race([waitsForSlot(publisher), failed]);
    failed.catch(() => undefined);
    await Promise.all(nodes.map(isSeenAgain));
    run.kill('SIGINT');
    await run.result;
  };
  await seenBy(['apply', '--auto-approve'], [publisher, subscriber]);
  // These begin before they wait, so that it takes ten seconds until they say it again.
  if (process.env.STEEP_TEST_NIGHTLY === undefined) return;
  await project.describe(edgeWith({ method: 'manual' }));
  const prepare = ['init', 'prepare', 'subscriber', '--from', 'publisher', '--no-hold', '--renew'];
  await seenBy(prepare, [publisher]);
  const output = join(await newDirectory(), 'items');
  await seenBy(
    ['snapshot', 'generate', '--node', 'publisher', '--publication', 'all', '--output', output],
    [publisher],
  );
});
