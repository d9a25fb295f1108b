// steep worker: operations from psql and from --queue run as their commands do, what passes is tried again, what does not has
// failed with its cure, and an operation can be cancelled in each of its states.

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import {
  call,
  createQueueWorld,
  endsOf,
  operationOf,
  operationsOf,
  waitForStatus,
} from './queue-world.ts';

describe(`PostgreSQL ${newestMajor}`, () => {
  test('a day with psql: registers, publishes, subscribes, watches, snapshots, and tears down', async () => {
    const { project, primary, reporting, backups } = await createQueueWorld(newestMajor);
    // The steep.yaml of the worker has the nodes with their connections, and nothing else.
    await project.describe({});
    const slot = `feed_${primary.name}`;
    await call(primary, `create_publication('sales', ARRAY['public.orders', 'public.refunds'])`);
    await call(primary, `create_replication_slot('${slot}')`);
    await call(
      reporting,
      `create_subscription('feed', '${primary.conninfo.text.replaceAll("'", "''")}', 'sales', '${slot}')`,
    );
    await waitFor('both tables to be ready', async () => {
      const [row] = await reporting.query<{ readonly ready: number }>(
        `SELECT tables_ready::int AS ready FROM steep_repl.subscription_status('feed') WHERE relation IS NULL`,
      );
      return row?.ready === 2;
    });
    const place = join(backups, 'daily');
    const verified = await call(reporting, `start_verify('feed')`);
    const unknown = await call(reporting, `start_verify('other')`);
    const made = await call(
      primary,
      `start_snapshot('${place}', p_publications => ARRAY['sales'])`,
    );
    const refused = await call(primary, `start_snapshot('${backups}/../elsewhere')`);
    const worker = project.start('worker', '--concurrency', '1', '--snapshots', backups);
    await waitForStatus(reporting, verified, 'complete');
    await waitForStatus(primary, made, 'complete');
    expect(await waitForStatus(reporting, unknown, 'failed')).toMatchObject({
      error_code: 'USAGE',
      attempts: 1,
      cures: ['reporting/subscription.feed'],
    });
    expect(await waitForStatus(primary, refused, 'failed')).toMatchObject({
      error_code: 'WORK_LOCATION',
      cures: ['Start the worker with --snapshots LOCATION, a directory or s3://BUCKET/PREFIX.'],
    });
    expect(
      await reporting.query(
        'SELECT table_name, outcome FROM steep_repl.verifications ORDER BY table_name',
      ),
    ).toEqual([
      { table_name: 'public.orders', outcome: 'equal' },
      { table_name: 'public.refunds', outcome: 'equal' },
    ]);
    expect(await primary.query('SELECT status, storage_path FROM steep_repl.snapshots')).toEqual([
      { status: 'complete', storage_path: place },
    ]);
    expect(await reporting.query('SELECT is_healthy FROM steep_repl.node_status()')).toEqual([
      { is_healthy: true },
    ]);
    worker.kill('SIGTERM');
    await worker.result;
    await call(reporting, `disable_subscription('feed')`);
    await reporting.query('ALTER SUBSCRIPTION feed SET (slot_name = NONE)');
    expect(await call(reporting, `drop_subscription('feed')`)).toBe('true');
    await waitFor('the slot to be free', async () => {
      const rows = await primary.query(
        `SELECT FROM steep_repl.list_replication_slots() WHERE slot_name = '${slot}' AND NOT active`,
      );
      return rows.length === 1;
    });
    expect([
      await call(primary, `drop_replication_slot('${slot}')`),
      await call(primary, `drop_publication('sales')`),
      await call(primary, `remove_node('primary')`),
    ]).toEqual(['true', 'true', 'true']);
  });

  test('commands with --queue; ops list, status, cancel, wait and purge', async () => {
    const { project, reporting, backups } = await createQueueWorld(newestMajor);
    const steep = async (...words: readonly string[]) => {
      const { code, stdout, stderr } = await project.steep(...words, '--json');
      return { code, said: JSON.parse(stdout || '{}') as Record<string, unknown>, stderr };
    };
    for (const words of [
      ['init', 'auto', 'reporting', '--from', 'primary', '--workers', '2', '--queue'],
      ['verify', 'reporting/subscription.feed', '--tables', 'orders', '--queue'],
      ['snapshot', 'generate', '--node', 'reporting', '--output', join(backups, 'x'), '--queue'],
      [
        'snapshot',
        'apply',
        '--node',
        'reporting',
        '--input',
        's3://backups/x',
        '--create-subscription',
        '--queue',
      ],
    ]) {
      const { code, said, stderr } = await steep(...words);
      expect(code, stderr).toBe(0);
      expect(said).toMatchObject({ outcome: 'queued', node: 'reporting' });
    }
    const listed = await project.steep('ops', 'list', '--node', 'reporting');
    expect(listed.stdout.split('\n').map((line) => line.split(/\s+/).slice(0, 4))).toEqual([
      ['id', 'operation', 'status', 'attempts'],
      ['1', 'init', 'pending', '0/5'],
      ['2', 'verify', 'pending', '0/5'],
      ['3', 'snapshot', 'pending', '0/5'],
      ['4', 'apply', 'pending', '0/5'],
      [''],
    ]);
    expect((await steep('ops', 'cancel', '4', '-c', reporting.url)).said).toMatchObject({
      id: 4,
      status: 'cancelled',
      params: { path: 's3://backups/x', verify: true },
    });
    expect((await steep('ops', 'wait', '4', '--node', 'reporting')).code).toBe(1);
    expect((await steep('ops', 'wait', '1', '--node', 'reporting', '--timeout', '1s')).code).toBe(
      8,
    );
    expect((await steep('ops', 'status', '9', '--node', 'reporting')).said).toMatchObject({
      error: { code: 'OBJECT_NOT_FOUND' },
    });
    await reporting.query(
      `UPDATE steep_repl.work_queue SET ended_at = now() - interval '31 days' WHERE id = 4`,
    );
    expect((await steep('ops', 'purge', '--node', 'reporting')).said).toMatchObject({ purged: 1 });
    const waiting = project.start('ops', 'wait', '1', '--node', 'reporting');
    const worker = await project.steep(
      'worker',
      '--once',
      '--node',
      'reporting',
      '--concurrency',
      '1',
      '--snapshots',
      backups,
    );
    expect(worker.code, worker.stderr).toBe(0);
    expect((await waiting.result).code).toBe(0);
    const logs = await project.steep('ops', 'logs', '1', '--node', 'reporting');
    expect(logs.stdout).toMatch(/work\.started[\s\S]*init\.state_change[\s\S]*work\.complete/);
    expect((await operationsOf(reporting)).map(({ status }) => status)).toEqual([
      'complete',
      'complete',
      'complete',
    ]);
  });

  test('one that runs is cancelled from psql; SIGTERM gives it back; --drain finishes it; another worker resumes', async () => {
    const { project, primary, reporting } = await createQueueWorld(newestMajor);
    // The slot of the copy waits for this transaction, for as long as the test wants.
    const blocker = await holdTransaction(primary, `INSERT INTO refunds VALUES (100, 'x')`);
    const worker = project.start('worker', '--node', 'reporting');
    const cancelled = await call(reporting, 'start_init()');
    await waitForStatus(reporting, cancelled, 'running');
    expect((await project.steep('worker', '--health', '--node', 'reporting')).code).toBe(0);
    expect(await call(reporting, `cancel_work(${cancelled})`)).toBe('running');
    await waitForStatus(reporting, cancelled, 'cancelled');
    const returned = await call(reporting, 'start_init()');
    await waitForStatus(reporting, returned, 'running');
    worker.kill('SIGTERM');
    expect((await worker.result).code).toBe(143);
    expect(await operationOf(reporting, returned)).toMatchObject({
      status: 'pending',
      attempts: 0,
    });
    expect((await project.steep('worker', '--health', '--node', 'reporting')).code).toBe(1);
    const draining = project.start('worker', '--node', 'reporting', '--drain');
    await waitForStatus(reporting, returned, 'running');
    draining.kill('SIGTERM');
    await draining.said('Ends when');
    await blocker.commit();
    expect((await draining.result).code).toBe(143);
    expect(await operationOf(reporting, returned)).toMatchObject({
      status: 'complete',
      attempts: 1,
    });
    expect(await endsOf(reporting, returned, 'work.complete')).toBe(1);
  });

  test('what passes is tried again, at most max_attempts; what does not is failed with its cure', async () => {
    const { project, reporting } = await createQueueWorld(newestMajor);
    await reporting.query(`INSERT INTO orders VALUES (5000, 'already here')`);
    const init = await call(reporting, 'start_init()');
    const worker = await project.steep('worker', '--once', '--node', 'reporting');
    expect(worker.code).toBe(0);
    expect(await operationOf(reporting, init)).toMatchObject({
      status: 'failed',
      attempts: 1,
      cures: expect.arrayContaining([expect.stringMatching(/./)]),
    });
    // The publisher takes no connections for a while.
    const verify = await call(reporting, 'start_verify(p_max_attempts => 2)');
    const again = await project
      .with({ primary: 'postgresql://127.0.0.1:1/app' })
      .steep('worker', '--once', '--node', 'reporting');
    expect(again.code, again.stderr).toBe(0);
    expect(await operationOf(reporting, verify)).toMatchObject({
      status: 'failed',
      attempts: 2,
      error_code: 'UNREACHABLE',
    });
  });
});
