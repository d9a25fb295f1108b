// The estimate of a copy on real servers: a rate that is measured, WAL that is kept, and consent to too much of it.

import { expect, test } from 'vitest';
import { toCamelKeys } from '../../src/model/key-case.ts';
import type { Plan } from '../../src/model/plan/plan.ts';
import type { CliResult } from '../support/cli.ts';
import { cluster } from '../support/servers/cluster.ts';
import { newestMajor } from '../support/servers/majors.ts';
import { holdTransaction } from '../support/servers/transaction.ts';
import { waitFor } from '../support/servers/wait.ts';
import { createEdge, type Edge } from '../support/worlds/edge.ts';

const MB = 1024 ** 2;

const planOf = async ({ project }: Edge, ...flags: readonly string[]): Promise<Plan> => {
  const { stdout, stderr } = await project.steep('plan', '--json', ...flags);
  expect(stderr).toBe('');
  return toCamelKeys(JSON.parse(stdout)) as Plan;
};

const address = 'subscriber/subscription.items';

const measured = `SELECT detail FROM steep_repl.audit_log WHERE event = 'init.copy_measured'`;

/** What the only copy that was measured took, of table items. */
const measurement = async ({ subscriber }: Edge) => {
  const found = await subscriber.query<{ readonly bytes: number; readonly duration: number }>(`
    SELECT (detail ->> 'bytes')::float8 AS bytes, (detail ->> 'duration_ms')::float8 AS duration,
           pg_table_size('items')::float8 AS size, detail ->> 'node' AS node
      FROM steep_repl.audit_log WHERE event = 'init.copy_measured'`);
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} measurements`);
  expect(only).toMatchObject({ node: 'subscriber', size: only.bytes });
  expect(only.duration).toBeGreaterThan(0);
  return only;
};

/** Rows of about a kilobyte that TOAST does not shrink. */
const fill = (table: string, megabytes: number): string => `
  INSERT INTO ${table} SELECT n, (SELECT string_agg(md5(n::text || m), '') FROM generate_series(1, 31) m)
    FROM generate_series(1001, 1000 + ${megabytes * 1024}) n`;

/** Applies; no row is copied into this table before steep has begun to watch. */
const applyWatched = async ({ project, subscriber }: Edge, table: string): Promise<CliResult> => {
  const lock = await holdTransaction(subscriber, `LOCK TABLE ${table} IN SHARE MODE`);
  const run = project.start('apply', '--auto-approve', '--json');
  await run.until(({ event }) => event === 'run.step_progress');
  await lock.commit();
  return run.result;
};

/** The same edge with one more table, which has rows on the publisher. */
const addTable = async (edge: Edge, name: string, megabytes: number): Promise<void> => {
  for (const database of [edge.publisher, edge.subscriber]) {
    await database.query(`CREATE TABLE ${name} (id int PRIMARY KEY, note text)`);
  }
  await edge.publisher.query(fill(name, megabytes));
  const { publications } = edge.topology;
  await edge.project.describe({
    ...edge.topology,
    publications: { items: { ...publications?.items, tables: ['items', name] } },
  });
};

test('an initial copy is measured, and the next plan estimates by it', async () => {
  const edge = await createEdge();
  await edge.publisher.query(fill('items', 12));
  const before = await planOf(edge, '--no-probe');
  expect(before.observed.estimate).toMatchObject({ tables: 1, seconds: null });
  expect(before.observed.hazards[`RESYNC_COPY ${address}`]).toContain('time unknown');

  const tried = await waitFor('a look that is over in time', async () => {
    const made = await planOf(edge);
    return made.observed.estimate.seconds === null ? null : made;
  });
  expect(tried.observed.estimate).toMatchObject({
    seconds: { low: expect.any(Number) },
    edges: { [address]: { rate: { origin: 'probed' } } },
  });
  expect(tried.observed.hazards[`RESYNC_COPY ${address}`]).toMatch(/1\d\.\d MB, .* probed\)/);
  expect(tried.planId).toBe(before.planId);

  expect((await applyWatched(edge, 'items')).code).toBe(0);
  const { bytes, duration } = await measurement(edge);
  await addTable(edge, 'more', 20);
  const made = await planOf(edge);
  const estimate = made.observed.estimate.edges[address];
  expect(estimate?.rate?.origin).toBe('measured');
  const milliseconds = ((estimate?.bytes ?? 0) / bytes) * duration;
  expect(estimate?.seconds?.low).toBeCloseTo(0.75e-3 * milliseconds);
  expect(estimate?.seconds?.high).toBeCloseTo(1.25e-3 * milliseconds);
  const { stdout } = await edge.project.steep('plan');
  expect(stdout).toContain(`, measured ${estimate?.rate?.measuredAt?.slice(0, 10)})`);
  expect(stdout).toMatch(/\nCopies: 1 table, .* rows, (19|2\d)\.\d MB, .*\d+ s; /);
});

test('a refresh is measured too; what is small, and what a run did not begin, is not', async () => {
  const edge = await createEdge();
  await edge.project.steep('apply', '--auto-approve');
  expect(await edge.subscriber.query(measured)).toEqual([]);

  await addTable(edge, 'refreshed', 12);
  expect((await applyWatched(edge, 'refreshed')).code).toBe(0);
  expect(await edge.subscriber.query(measured)).toHaveLength(1);

  await addTable(edge, 'continued', 12);
  const lock = await holdTransaction(edge.subscriber, 'LOCK TABLE continued IN SHARE MODE');
  expect((await edge.project.steep('apply', '--auto-approve', '--no-wait')).code).toBe(0);
  const run = edge.project.start('apply', '--auto-approve', '--json');
  await run.until(({ event }) => event === 'run.step_progress');
  await lock.commit();
  expect((await run.result).code).toBe(0);
  expect(await edge.subscriber.query(measured)).toHaveLength(1);
});

test('what a subscription copies that is enabled is measured from then on', async () => {
  const edge = await createEdge();
  const items = { ...edge.topology.subscriptions?.items, enabled: false };
  await edge.project.describe({ ...edge.topology, subscriptions: { items } });
  await edge.publisher.query(fill('items', 12));
  expect((await edge.project.steep('apply', '--auto-approve')).code).toBe(0);
  await edge.project.describe(edge.topology);
  expect((await applyWatched(edge, 'items')).code).toBe(0);
  expect(await edge.subscriber.query(measured)).toHaveLength(1);
});

test('a copy whose WAL would not fit under the cap is a danger, and the id of the plan does not hang on it', async () => {
  const publisher = await cluster.privateServer(newestMajor, { max_slot_wal_keep_size: '64MB' });
  const edge = await createEdge({ publisher });
  await edge.project.describe({ ...edge.topology, policy: { copy_rate: 1 } });
  await edge.publisher.query(fill('items', 16));

  const risky = await waitFor('the rate of the WAL to be known', async () => {
    const made = await planOf(edge);
    return made.observed.estimate.edges[address]?.wal?.rate === null ? null : made;
  });
  const wal = risky.observed.estimate.edges[address]?.wal;
  expect(wal).toMatchObject({ publisher: 'publisher', cap: 64 * MB });
  expect(wal?.bytes?.low).toBeGreaterThan(64 * MB);
  expect(risky.observed.hazards[`WAL_RETENTION ${address}`]).toContain(
    'max_slot_wal_keep_size is 64.0 MB: a slot may be lost before the copy ends',
  );

  const refused = await edge.project.steep('apply', '--auto-approve');
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain(`--allow-hazard WAL_RETENTION=${address}`);

  await edge.publisher.query(`ALTER SYSTEM SET max_slot_wal_keep_size = -1`);
  await edge.publisher.query('SELECT pg_reload_conf()');
  const safe = await waitFor('the new cap', async () => {
    const made = await planOf(edge);
    return made.observed.estimate.edges[address]?.wal?.cap === null ? made : null;
  });
  expect(safe.observed.hazards[`WAL_RETENTION ${address}`]).toBeUndefined();
  expect(safe.observed.hazards[`RESYNC_COPY ${address}`]).toContain('limited by the disk only');
  expect(safe.planId).toBe(risky.planId);
});
