// A run that loses its lock ends at once, whatever it waits for: what is in its way here stays until it has ended. The
// same command continues afterwards.

import { expect, test } from 'vitest';
import type { RunningCli } from '../../support/cli.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { reportOf } from '../../support/report.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createEdge, type Edge, items } from '../../support/worlds/edge.ts';

// Held transactions delay the creation of every slot of a server: that one is not shared.
const server = await cluster.privateServer(newestMajor);

/** Returns what takes it out of the way again. */
type Obstacle = (edge: Edge) => Promise<() => Promise<unknown>>;

const applied = async ({ project }: Edge): Promise<void> => {
  const { code, stdout, stderr } = await project.steep('apply', '--auto-approve');
  expect(code, stdout + stderr).toBe(0);
};

const held = async (database: TestDatabase, statement: string) => {
  const holder = await holdTransaction(database, statement);
  return () => holder.commit();
};

const waiting =
  (end: 'publisher' | 'subscriber', condition: string) =>
  (edge: Edge): Promise<unknown> =>
    waitFor('a session of the run to wait', async () => {
      const found = await edge[end].query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database()
            AND application_name LIKE 'steep %' AND ${condition}`,
      );
      return found.length > 0;
    });

const oneMoreTable: Obstacle = async (edge) => {
  for (const database of [edge.publisher, edge.subscriber]) {
    await database.query('CREATE TABLE more (id int PRIMARY KEY)');
  }
  await applied(edge);
  await edge.project.describe({
    ...edge.topology,
    publications: { items: { node: 'publisher', tables: ['items', 'more'] } },
  });
  return held(edge.publisher, 'LOCK TABLE more IN ACCESS EXCLUSIVE MODE');
};

const takes = (seconds: number): string =>
  `CREATE OR REPLACE FUNCTION slow(int) RETURNS int IMMUTABLE LANGUAGE plpgsql
    AS 'BEGIN PERFORM pg_sleep(${seconds}); RETURN $1; END'`;

/** Large enough that its indexes are made after its rows. */
const slowIndex: Obstacle = async ({ publisher, subscriber }) => {
  await publisher.query(
    `INSERT INTO items SELECT n, repeat(md5(n::text), 20) FROM generate_series(101, 20000) n`,
  );
  await subscriber.query(`${takes(1)}; CREATE INDEX items_slow ON items (slow(id))`);
  return () => subscriber.query(takes(0));
};

const workerHeldUp: Obstacle = async (edge) => {
  await applied(edge);
  const release = await held(edge.subscriber, 'LOCK TABLE items IN SHARE MODE');
  await edge.publisher.query('INSERT INTO items VALUES (0)');
  await edge.project.describe({
    ...edge.topology,
    subscriptions: { items: { ...edge.topology.subscriptions?.items, options: { binary: true } } },
  });
  return release;
};

const lockLost: unknown = expect.arrayContaining([
  expect.objectContaining({
    error: expect.objectContaining({ code: 'RUN_LOCK_LOST' }) as unknown,
  }),
]);

test.each<{
  readonly name: string;
  readonly obstacle: Obstacle;
  readonly waits: (edge: Edge, run: RunningCli) => Promise<unknown>;
  readonly ends: object;
}>([
  {
    name: 'a statement that waits for a lock',
    obstacle: oneMoreTable,
    waits: waiting('publisher', `wait_event_type = 'Lock'`),
    ends: { outcome: 'failed', steps: lockLost },
  },
  {
    name: 'the build of an index',
    obstacle: slowIndex,
    waits: waiting('subscriber', `query LIKE '%CREATE INDEX%' AND wait_event = 'PgSleep'`),
    ends: { outcome: 'partial', steps: lockLost },
  },
  {
    name: 'convergence',
    obstacle: workerHeldUp,
    waits: (_edge, run) => run.until(({ event }) => event === 'run.converging'),
    ends: {
      outcome: 'not-converged',
      behind: [
        expect.stringContaining('the run lock was lost'),
        expect.stringContaining('every step of the plan is done'),
      ],
    },
  },
])('$name does not keep a run that has lost its lock', async ({ obstacle, waits, ends }) => {
  const edge = await createEdge({ publisher: server, subscriber: server });
  const remove = await obstacle(edge);
  const run = edge.project.start('apply', '--auto-approve', '--json', '--lock-timeout', '600s');
  await waits(edge, run);
  const ended = await edge.subscriber.query(
    `SELECT DISTINCT pg_terminate_backend(pid) AS ended FROM pg_locks JOIN pg_database AS d ON d.oid = database
      WHERE locktype = 'advisory' AND datname IN ('${edge.publisher.name}', '${edge.subscriber.name}')`,
  );
  expect(ended).toEqual([{ ended: true }]);
  expect(reportOf(await run.result)).toMatchObject(ends);
  await remove();
  await applied(edge);
  await waitForSameRows(edge.publisher, edge.subscriber, [items]);
});
