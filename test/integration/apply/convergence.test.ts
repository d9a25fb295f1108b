// "Applied and converged" means it: whatever keeps changes from arriving while apply waits is reported, with exit 8,
// and the end comes once it is mended.

import { describe, expect, test } from 'vitest';
import type { CliResult, RunningCli } from '../../support/cli.ts';
import { reportOf } from '../../support/report.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createEdge, type Edge } from '../../support/worlds/edge.ts';

/** An edge of two tables, applied. Its lag never counts: other tests write to the same servers. */
const begin = async (): Promise<Edge> => {
  const edge = await createEdge();
  for (const database of [edge.publisher, edge.subscriber]) {
    await database.query('CREATE TABLE more (id int PRIMARY KEY)');
  }
  const topology = {
    ...edge.topology,
    publications: { items: { node: 'publisher', tables: ['items', 'more'] } },
    policy: { max_lag: '1TB' },
  };
  await edge.project.describe(topology);
  const { code, stderr } = await edge.project.steep('apply', '--auto-approve');
  expect(code, stderr).toBe(0);
  return { ...edge, topology };
};

/** A change that has a step, so that apply waits for convergence after it. */
const change = ({ project, topology }: Edge, options: object = { binary: true }): Promise<void> =>
  project.describe({
    ...topology,
    subscriptions: { items: { ...topology.subscriptions?.items, options } },
  });

/** A row that is on the subscriber already: applying it fails, every 5 s. */
const conflict = async ({ publisher, subscriber }: Edge): Promise<void> => {
  await subscriber.query(`INSERT INTO items VALUES (5000, 'mine')`);
  await publisher.query(`INSERT INTO items VALUES (5000, 'theirs')`);
};

const waitUntilFailing = ({ subscriber }: Edge): Promise<boolean> =>
  waitFor('apply to fail', async () => {
    const [row] = await subscriber.query<{ readonly errors: string }>(
      `SELECT apply_error_count AS errors FROM pg_stat_subscription_stats
           WHERE subid IN (SELECT s.oid FROM pg_subscription AS s JOIN pg_database AS d ON d.oid = s.subdbid WHERE datname = current_database())`,
    );
    return Number(row?.errors) > 0;
  });

const expectBehind = (result: CliResult, reason: RegExp): void => {
  expect(result.code, result.stderr + result.stdout).toBe(8);
  expect(reportOf(result)).toMatchObject({
    outcome: 'not-converged',
    exit: 8,
    behind: [expect.stringMatching(reason)],
  });
};

const applying = ({ project }: Edge, timeout: string): RunningCli =>
  project.start('apply', '--auto-approve', '--json', '--converge-timeout', timeout);

const converging = (run: RunningCli) => run.until(({ event }) => event === 'run.converging');

describe('while apply waits', () => {
  test.concurrent('apply fails every 5 s: said, until the cause is gone', async () => {
    const edge = await begin();
    await conflict(edge);
    await change(edge);
    expectBehind(await applying(edge, '12s').result, /: Apply fails repeatedly\./);
    await change(edge, { binary: false });
    const run = applying(edge, '300s');
    await converging(run);
    await edge.subscriber.query('DELETE FROM items WHERE id = 5000');
    const { code, stderr } = await run.result;
    expect(code, stderr).toBe(0);
    expect(await edge.subscriber.query('SELECT note FROM items WHERE id = 5000')).toEqual([
      { note: 'theirs' },
    ]);
  });

  test.concurrent('the subscription disables itself after an error', async () => {
    const edge = await begin();
    await conflict(edge);
    await change(edge, { disable_on_error: true });
    const reason = /: The subscription was disabled by an error: a change could not be applied\./;
    expectBehind(await applying(edge, '12s').result, reason);
  });

  test.concurrent('a worker that a lock keeps still', async () => {
    const edge = await begin();
    const lock = await holdTransaction(edge.subscriber, 'LOCK TABLE items');
    await edge.publisher.query(`INSERT INTO items VALUES (5000, 'waits')`);
    await change(edge);
    const reason = /not yet confirmed .* remaining, without progress for /;
    expectBehind(await applying(edge, '16s').result, reason);
    await lock.commit();
  });

  test.concurrent.each([
    ['the publication is dropped', 'DROP PUBLICATION items', /reads: publication items\./],
    [
      'a table leaves the publication',
      'ALTER PUBLICATION items DROP TABLE more',
      /no longer published: public\.more\./,
    ],
  ])('%s', async (_name, statement, reason) => {
    const edge = await begin();
    const lock = await holdTransaction(edge.subscriber, 'LOCK TABLE items');
    await edge.publisher.query(`INSERT INTO items VALUES (5000, 'waits')`);
    await change(edge);
    const run = applying(edge, '10s');
    await converging(run);
    await edge.publisher.query(statement);
    await lock.commit();
    expectBehind(await run.result, reason);
  });
});

describe('nothing to do, and an edge is broken', () => {
  const expectSameWords = async ({ project }: Edge, planned: string): Promise<void> => {
    const plan = await project.steep('plan');
    expect(plan.stdout).toContain(planned);
    const status = await project.steep('status', '--json');
    const { edges } = JSON.parse(status.stdout);
    expect(edges[0].verdict.health).toBe('broken');
    const { reason, cure } = edges[0].verdict;
    const applied = await project.steep('apply', '--auto-approve');
    expect(applied.code, applied.stderr).toBe(8);
    expect(applied.stdout).toContain(
      `behind: ${[`subscriber/subscription.items: ${reason}`, ...cure].join(' ')}`,
    );
  };

  test.concurrent('apply fails again and again', async () => {
    const edge = await begin();
    await conflict(edge);
    await waitUntilFailing(edge);
    await expectSameWords(edge, 'No changes.');
  });

  test.concurrent('its slot is gone', async () => {
    const edge = await begin();
    await edge.subscriber.query('ALTER SUBSCRIPTION items DISABLE');
    await waitFor('the slot to go', () =>
      edge.publisher.query('SELECT pg_drop_replication_slot($1)', [edge.slot]).then(
        () => true,
        () => false,
      ),
    );
    await edge.subscriber.query('ALTER SUBSCRIPTION items ENABLE');
    await expectSameWords(edge, 'SLOT_MISSING');
  });

  test.concurrent('what is only behind is said, and is no failure', async () => {
    const edge = await begin();
    await edge.project.describe({ ...edge.topology, policy: { max_lag: '1kB' } });
    await holdTransaction(edge.subscriber, 'LOCK TABLE items');
    await edge.publisher.query(
      `INSERT INTO items SELECT n, repeat('x', 100) FROM generate_series(1000, 2000) AS n`,
    );
    const { code, stderr } = await edge.project.steep('apply', '--auto-approve');
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('Apply waits for a lock of session');
  });
});
