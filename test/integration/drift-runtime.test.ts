// Drift of what runs, made on real servers: lost and missing slots, workers that end, tables that do not get ready,
// lag, subscriptions that disabled themselves, slots without a reader.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DriftFinding } from '../../src/model/report/drift.ts';
import { cluster } from '../support/servers/cluster.ts';
import { firstByDay, majors, newestMajor, pairs } from '../support/servers/majors.ts';
import { waitFor } from '../support/servers/wait.ts';
import { createDriftWorld, type DriftWorld } from '../support/worlds/drift-world.ts';

const brief = ({ address, code }: DriftFinding) => [address, code];
const tested = pairs.filter(([from, to]) => (from === 14 || from === 18) && to === 18);

describe.each(firstByDay(tested))('PostgreSQL %i to %i', (from, to) => {
  let world: DriftWorld;
  let subscription: string;

  beforeEach(async () => {
    world = await createDriftWorld(await cluster.server(from), await cluster.server(to));
    subscription = `reporting/subscription.${world.feed}`;
  });

  afterEach(() => Promise.all([world.reporting.drop(), world.primary.drop()]));

  const found = async () => (await world.drift(['runtime'])).findings.map(brief);

  const waitUntilDisabled = () =>
    waitFor('the subscription to disable itself', async () => {
      const [row] = await world.reporting.query<{ readonly subenabled: boolean }>(
        'SELECT subenabled FROM pg_subscription WHERE subname = $1',
        [world.feed],
      );
      return row?.subenabled === false;
    });

  test('a worker that cannot connect', async () => {
    await world.reporting.query(
      `ALTER SUBSCRIPTION ${world.feed} CONNECTION 'host=127.0.0.1 port=1'`,
    );
    await waitFor('the worker to end', async () => {
      const rows = await world.reporting.query(
        'SELECT 1 FROM pg_stat_subscription WHERE subname = $1 AND pid IS NOT NULL',
        [world.feed],
      );
      return rows.length === 0;
    });
    expect(await found()).toEqual([[subscription, 'WORKER_DOWN']]);
  });

  test('a change that cannot be applied, with and without disable_on_error', async () => {
    await world.reporting.query('INSERT INTO customers VALUES (1)');
    await world.primary.query('INSERT INTO customers VALUES (1)');
    await waitFor('an error to be counted', async () => {
      const [row] = await world.reporting.query<{ readonly errors: string }>(
        'SELECT apply_error_count AS errors FROM pg_stat_subscription_stats WHERE subname = $1',
        [world.feed],
      );
      return Number(row?.errors) > 0;
    });
    expect(await found()).toContainEqual([subscription, 'APPLY_FAILING']);
    await world.reporting.query(`ALTER SUBSCRIPTION ${world.feed} SET (disable_on_error = true)`);
    await waitUntilDisabled();
    expect(await found()).toEqual([[subscription, 'DISABLED_BY_ERROR']]);
    const { findings } = await world.drift(['topology']);
    expect(findings[0]?.summary).toContain('disabled itself');
  });

  test('a table whose copy fails', async () => {
    await world.reporting.query('INSERT INTO extra VALUES (1)');
    await world.primary.query('INSERT INTO extra VALUES (1)');
    await world.reporting.query(`ALTER SUBSCRIPTION ${world.feed} SET PUBLICATION sales, spare`);
    const report = await world.drift(['runtime']);
    expect(report.findings.map(brief)).toContainEqual([subscription, 'TABLE_NOT_READY']);
    const notReady = report.findings.find(({ code }) => code === 'TABLE_NOT_READY');
    expect(notReady?.details).toMatchObject([{ field: 'public.extra', before: 'ready' }]);
    // The idle slot of that copy is no left-over.
    expect(report.findings.filter(({ code }) => code === 'ORPHAN_SLOT')).toEqual([]);
  });

  test('lag above policy.max_lag', async () => {
    await world.describe({ policy: { max_lag: '1kB' } });
    await world.reporting.query('BEGIN; LOCK TABLE customers IN ACCESS EXCLUSIVE MODE');
    await world.primary.query(
      `INSERT INTO customers SELECT n, repeat('x', 100) FROM generate_series(1, 1000) n`,
    );
    const findings = await found();
    await world.reporting.query('ROLLBACK');
    expect(findings).toEqual([
      [subscription, 'APPLY_WAITS_FOR_LOCK'],
      [subscription, 'LAG_ABOVE_POLICY'],
    ]);
  });

  test('a slot that is missing, and a left-over of table synchronization', async () => {
    await world.reporting.query(`ALTER SUBSCRIPTION ${world.feed} DISABLE`);
    await waitFor('the slot to be dropped', () =>
      world.primary
        .query('SELECT pg_drop_replication_slot($1)', [world.feed])
        .then(() => true)
        .catch(() => false),
    );
    const [row] = await world.reporting.query<{ readonly id: string }>(
      'SELECT system_identifier::text AS id FROM pg_control_system()',
    );
    const ours = `pg_99999_sync_16384_${row?.id}`;
    const foreign = 'pg_99999_sync_16384_7000000000000000000';
    for (const name of [ours, foreign]) {
      await world.primary.query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [
        name,
      ]);
    }
    expect(await found()).toEqual([
      [`primary/slot.${ours}`, 'ORPHAN_SLOT'],
      [subscription, 'SLOT_MISSING'],
    ]);
  });
});

/** Oldest and newest. */
const ends = [...new Set([Math.min(...majors), newestMajor])];

test.each(ends)('a slot that is lost on %i', async (major) => {
  const publisher = await cluster.privateServer(major, { max_slot_wal_keep_size: '1MB' });
  const world = await createDriftWorld(publisher, await cluster.server(newestMajor));
  await world.reporting.query(`ALTER SUBSCRIPTION ${world.feed} DISABLE`);
  await waitFor('the slot to be lost', async () => {
    await world.primary.query('CREATE TABLE wal AS SELECT 1; DROP TABLE wal');
    await world.primary.query('SELECT pg_switch_wal()');
    await world.primary.query('CHECKPOINT');
    const [slot] = await world.primary.query<{ readonly wal_status: string }>(
      'SELECT wal_status FROM pg_replication_slots WHERE slot_name = $1',
      [world.feed],
    );
    return slot?.wal_status === 'lost';
  });
  const { findings } = await world.drift(['runtime']);
  expect(findings.map(brief)).toEqual([[`reporting/subscription.${world.feed}`, 'SLOT_LOST']]);
  await world.reporting.drop();
});
