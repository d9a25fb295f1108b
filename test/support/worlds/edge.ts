// The smallest topology that replicates: one table, from one node to another. Eight steps from nothing.

import type { CliEvent } from '../cli.ts';
import { onTestFinished } from '../servers/clean-up.ts';
import { cluster, type TestDatabase, type TestServer } from '../servers/cluster.ts';
import { newestMajor } from '../servers/majors.ts';
import { waitFor } from '../servers/wait.ts';
import { createProject, type Project, type Topology } from './project.ts';

export interface Edge {
  readonly project: Project;
  readonly publisher: TestDatabase;
  readonly subscriber: TestDatabase;
  /** Slots are names of the whole server: each edge has its own. */
  readonly slot: string;
  /** What steep.yaml says. */
  readonly topology: Topology;
}

export interface EdgeOptions {
  /** Made before the tests of a file, for all of them; otherwise it is gone after its test. */
  readonly lasting?: boolean;
  /** The shared servers of the newest major unless told. */
  readonly publisher?: TestServer;
  readonly subscriber?: TestServer;
  /** Who copies the rows; steep unless told. */
  readonly copy?: 'native';
}

export const items = { schema: 'public', name: 'items' } as const;

/** Table `items`: a hundred rows on the publisher, none on the subscriber. Nothing is applied yet. */
export async function createEdge(options: EdgeOptions = {}): Promise<Edge> {
  const shared = await cluster.server(newestMajor);
  const publisher = await (options.publisher ?? shared).createDatabase();
  const subscriber = await (options.subscriber ?? shared).createDatabase();
  for (const database of [publisher, subscriber]) {
    await database.query('CREATE TABLE items (id int PRIMARY KEY, note text)');
  }
  await publisher.query(`INSERT INTO items SELECT n, 'note ' || n FROM generate_series(1, 100) n`);
  const slot = `slot_${publisher.name}`;
  if (options.lasting !== true) {
    // A server has workers for a few subscriptions only.
    onTestFinished(async () => {
      await subscriber.drop();
      await publisher.drop();
    });
  }
  const topology = edgeTopology(slot, options.copy);
  const connections = { publisher: publisher.url, subscriber: subscriber.url };
  return {
    project: await createProject(connections, topology),
    publisher,
    subscriber,
    slot,
    topology,
  };
}

const edgeTopology = (slot: string, copy: EdgeOptions['copy']): Topology => ({
  publications: { items: { node: 'publisher', tables: ['items'] } },
  subscriptions: {
    items: {
      node: 'subscriber',
      source: 'publisher',
      publications: ['items'],
      slot,
      ...(copy !== undefined && { init: { copy } }),
    },
  },
});

/** Whether an event of a run says that this step starts. */
export const startOf =
  (id: string) =>
  ({ event, step }: CliEvent): boolean =>
    event === 'run.step_started' && step === id;

/** Until the server really waits: for a transaction that another session holds. */
export const waitForSlotCreation = (publisher: TestDatabase): Promise<number> =>
  waitFor('the creation of the slot to wait', async () => {
    const [found] = await publisher.query<{ readonly pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database()
          AND query ILIKE '%create%replication_slot%' AND wait_event_type = 'Lock'`,
    );
    return found?.pid;
  });

/** Until a run has asked for the run lock that another one holds. */
export const waitForLockRequest = (database: TestDatabase): Promise<boolean> =>
  waitFor('a run to ask for the run lock', async () => {
    const found = await database.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database()
          AND application_name LIKE 'steep %' AND query LIKE '%pg_try_advisory_lock%'`,
    );
    return found.length > 0;
  });

/** The steps that create an edge from nothing, by kind and node. */
export const edgeSteps = {
  createPublication: 'create-publication publisher/publication.items',
  createSlot: (edge: Edge): string => `create-slot publisher/slot.${edge.slot}`,
  createSubscription: 'create-subscription subscriber/subscription.items',
  copyTables: 'copy-tables subscriber/subscription.items',
  waitForCopy: 'wait-for-copy subscriber/subscription.items',
} as const;
