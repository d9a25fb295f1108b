// A table of many rows and one of few, between two nodes that steep reaches through proxies.

import { expect } from 'vitest';
import type { RunningCli } from '../../support/cli.ts';
import {
  type FaultProxy,
  type Link,
  startFaultProxy,
  type Way,
} from '../../support/fakes/fault-proxy.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster, type PrivateServer, type TestDatabase } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createProject, type Project } from '../../support/worlds/project.ts';

const usualBoundMs = 6000;
const tables = ['large', 'small'].map((name) => ({ schema: 'public', name }));

export interface World {
  readonly project: Project;
  readonly publisher: TestDatabase;
  readonly subscriber: TestDatabase;
  readonly toPublisher: FaultProxy;
  readonly toSubscriber: FaultProxy;
}

let own: Promise<PrivateServer> | null = null;

/**
 * Of the test file: a session in the middle of COPY FROM STDIN whose client is silent takes no ProcSignalBarrier, so DROP
 * DATABASE waits for it, and every new slot of the server for that. For the same reason no database of it is dropped.
 */
const ownServer = (): Promise<PrivateServer> => {
  own ??= cluster.privateServer(newestMajor);
  return own;
};

/** steep's own connections pass the proxies; the servers reach each other without them. */
export async function createWorld(boundMs = usualBoundMs): Promise<World> {
  const server = await ownServer();
  const [publisher, subscriber] = [await server.createDatabase(), await server.createDatabase()];
  for (const database of [publisher, subscriber]) {
    await database.query(`
      CREATE TABLE large (id int PRIMARY KEY, note text); CREATE INDEX ON large (note);
      CREATE TABLE small (id int PRIMARY KEY, note text)`);
  }
  await publisher.query(`
    INSERT INTO large SELECT n, repeat(md5(n::text), 30) FROM generate_series(1, 60000) n;
    INSERT INTO small SELECT n, 'note' FROM generate_series(1, 100) n`);
  const [toPublisher, toSubscriber] = [
    await startFaultProxy(publisher.conninfo),
    await startFaultProxy(subscriber.conninfo),
  ];
  onTestFinished(async () => {
    await toPublisher.close();
    await toSubscriber.close();
    await subscriber.dropSubscriptions();
  });
  const through = ({ url }: TestDatabase, { port }: FaultProxy): string =>
    url.replace(/:\d+\//, `:${port}/`).concat(`?tcp_user_timeout=${boundMs}`);
  const connections = {
    publisher: through(publisher, toPublisher),
    subscriber: through(subscriber, toSubscriber),
  };
  const project = await createProject(connections, {
    nodes: {
      publisher: { replication_connection: publisher.url },
      subscriber: { replication_connection: subscriber.url },
    },
    publications: { feed: { node: 'publisher', tables: tables.map(({ name }) => name) } },
    subscriptions: {
      feed: {
        node: 'subscriber',
        source: 'publisher',
        publications: ['feed'],
        slot: `feed_${publisher.name}`,
        init: { parallel_workers: 1 },
      },
    },
    policy: { max_lag: '1GB' },
  });
  return { project, publisher, subscriber, toPublisher, toSubscriber };
}

const mark = 1_000_000;

/** The first connection that so many bytes have passed is paused there: a worker's, in the middle of its rows. */
export async function pauseInMiddle(proxy: FaultProxy, way: Way): Promise<Link> {
  let paused: Link | null = null;
  proxy.onLink((link) => {
    if (paused === null) link.pauseAfter(mark, way);
  });
  const find = () => proxy.links().find(({ bytes }) => bytes[way] >= mark) ?? null;
  paused = await waitFor('the rows to stop', async () => find(), { timeoutMs: 60_000 });
  return paused;
}

export const start = ({ project }: World): RunningCli =>
  project.start('apply', '--auto-approve', '--json', '--wait-for-lock', '30s');

export async function expectSame(world: World): Promise<void> {
  await waitForSameRows(world.publisher, world.subscriber, tables);
  expect((await world.project.steep('plan')).stdout).toMatch(/^No changes\. /m);
}

export async function expectToFinish(world: World): Promise<void> {
  const again = await start(world).result;
  expect(again.code, again.stderr + again.stdout).toBe(0);
  await expectSame(world);
}

export const chunksLeft = ({ subscriber }: World) =>
  subscriber.query('SELECT 1 FROM steep_repl.copy_chunks UNION ALL SELECT 1 FROM large');

export const slots = ({ publisher }: World) =>
  publisher.query(`SELECT 1 FROM pg_replication_slots WHERE slot_name = 'feed_${publisher.name}'`);

export const ends = [
  { node: 'publisher', way: 'down' },
  { node: 'subscriber', way: 'up' },
] as const;

export const proxyOf = (world: World, node: 'publisher' | 'subscriber'): FaultProxy =>
  node === 'publisher' ? world.toPublisher : world.toSubscriber;
