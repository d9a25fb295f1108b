// Workers killed at random moments, with initial copies, snapshots, verifications and merges in the queue: each operation ends
// exactly once, and no row is lost or there twice. And many workers on many small operations. A seed chooses the moments;
// STEEP_TEST_NIGHTLY=1 kills more often.

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openSession } from '../../../src/postgres/session.ts';
import { sql } from '../../../src/postgres/sql/sql.ts';
import { randomNumbers } from '../../support/plans/random-numbers.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createMerge, mergeOf, notesOf } from '../../support/worlds/merge.ts';
import type { Project } from '../../support/worlds/project.ts';
import { installMetadata } from '../catalog/metadata.ts';
import {
  call,
  createQueueWorld,
  endsOf,
  operationOf,
  operationsOf,
  type QueueWorld,
} from './queue-world.ts';

const isNight = process.env.STEEP_TEST_NIGHTLY !== undefined;
const kills = isNight ? 40 : 3;
const small = isNight ? 200 : 40;
const seed = Number(process.env.STEEP_TEST_SEED ?? 1);

const openOf = async ({ primary, reporting }: QueueWorld): Promise<number> => {
  const all = [...(await operationsOf(primary)), ...(await operationsOf(reporting))];
  return all.filter(({ status }) => status === 'pending' || status === 'running').length;
};

/** Workers, of which each is killed at a random moment after it has taken an operation; the last one ends what is left. */
const killWorkers = async (
  project: Project,
  flags: readonly string[],
  { random, isLeft }: { readonly random: () => number; readonly isLeft: () => Promise<boolean> },
): Promise<void> => {
  for (let kill = 0; kill < kills && (await isLeft()); kill += 1) {
    const worker = project.start('worker', ...flags);
    await worker.said('attempt');
    await delay(random() * 2500);
    worker.kill('SIGKILL');
    await worker.result;
  }
  const last = await project.steep('worker', '--once', ...flags);
  expect(last.code, last.stderr).toBe(0);
};

describe(`PostgreSQL ${newestMajor}`, () => {
  test('each operation ends exactly once, whoever is killed', { timeout: 600_000 }, async () => {
    const world = await createQueueWorld(newestMajor, 60_000);
    const { project, primary, reporting, backups } = world;
    const random = randomNumbers(seed).next;
    // Killed after its slot was made and before that was noted, a run leaves a slot that may be anybody's: it asks first.
    const consent = `SLOT_DROP=primary/slot.feed_${primary.name}`;
    const policy = `policy: { allow_hazards: [${consent}] }\n`;
    await project.write('steep.yaml', `${await project.read('steep.yaml')}${policy}`);
    await call(reporting, `start_init('reporting', p_parallel => 2, p_max_attempts => 100)`);
    await call(reporting, 'start_verify(p_max_attempts => 100)');
    await call(
      primary,
      `start_snapshot('${join(backups, 'kills')}', p_tables => ARRAY['orders'], p_max_attempts => 100)`,
    );
    await killWorkers(project, ['--snapshots', backups, '--concurrency', '1'], {
      random,
      isLeft: async () => (await openOf(world)) > 0,
    });
    for (const database of [primary, reporting]) {
      for (const { id, status, error } of await operationsOf(database)) {
        expect(status, `${id}: ${error}`).toBe('complete');
        expect(await endsOf(database, id, 'work.complete')).toBe(1);
      }
    }
    expect(
      await reporting.query(
        'SELECT count(*)::int AS n, count(DISTINCT id)::int AS keys FROM orders',
      ),
    ).toEqual([{ n: 60_000, keys: 60_000 }]);
    expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
  });

  test('merges end exactly once, whoever is killed', { timeout: 600_000 }, async () => {
    const { us, eu, name, project } = await createMerge({ strategy: 'prefer-node-a' });
    for (const [node, database] of Object.entries({ us, eu })) {
      await installMetadata(database);
      await call(database, `register_node('${node}', '${node}')`);
    }
    const policy = { allow_hazards: ['MERGE_LOCKS', 'MERGE_OVERWRITES'] };
    await project.describe({ ...mergeOf(name, { strategy: 'prefer-node-a' }), policy });
    const id = await call(
      us,
      `start_merge('eu', p_allow_hazards => ARRAY['MERGE_LOCKS=us/subscription.${name}_from_eu',
        'MERGE_OVERWRITES=us/table.public.orders'], p_max_attempts => 100)`,
    );
    const { next: random } = randomNumbers(seed);
    const isLeft = async () => (await operationOf(us, id)).status !== 'complete';
    await killWorkers(project, ['--node', 'us', '--concurrency', '1'], { random, isLeft });
    expect(await operationOf(us, id)).toMatchObject({ status: 'complete', error: null });
    expect(await endsOf(us, id, 'work.complete')).toBe(1);
    const merged = '5 us, 6 us, 7 us, 8 us, 9 us, 200 only us, 301 only eu, 302 only eu';
    expect([await notesOf(us), await notesOf(eu)]).toEqual([merged, merged]);
    const lost = 'SELECT FROM steep_repl.merge_audit_log';
    expect([(await us.query(lost)).length, (await eu.query(lost)).length]).toEqual([0, 5]);
    expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
  });

  test('the server ends the sessions of a worker that cannot be reached within 30 seconds', async () => {
    const { reporting } = await createQueueWorld(newestMajor, 1);
    const session = await openSession(reporting.conninfo, {
      node: 'reporting',
      applicationName: 'test',
      leased: true,
    });
    onTestFinished(() => session.close());
    const settings = await session.query<{ readonly ms: number }>(sql`
      SELECT 1000 * (current_setting('tcp_keepalives_idle')::int + current_setting('tcp_keepalives_interval')::int
                     * current_setting('tcp_keepalives_count')::int) AS ms
       UNION SELECT current_setting('tcp_user_timeout')::int`);
    expect(settings).toEqual([{ ms: 25_000 }]);
  });

  test('20 workers share many small operations: each is begun and ended once', {
    timeout: 600_000,
  }, async () => {
    const { project, reporting } = await createQueueWorld(newestMajor, 10);
    expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
    await reporting.query(
      `SELECT steep_repl.start_verify('feed', ARRAY['public.refunds']) FROM generate_series(1, ${small})`,
    );
    const workers = [1, 2, 3, 4].map(() =>
      project.start('worker', '--node', 'reporting', '--concurrency', '5'),
    );
    await waitFor(
      'all operations to be over',
      async () => {
        const rows = await reporting.query(
          `SELECT FROM steep_repl.work_queue WHERE status IN ('pending', 'running')`,
        );
        return rows.length === 0;
      },
      { timeoutMs: 500_000, everyMs: 500 },
    );
    for (const worker of workers) worker.kill('SIGTERM');
    await Promise.all(workers.map(({ result }) => result));
    expect(
      await reporting.query(`
        SELECT q.status, q.attempts, count(*)::int AS n, count(DISTINCT q.worker)::int AS workers
          FROM steep_repl.work_queue AS q GROUP BY 1, 2`),
    ).toEqual([{ status: 'complete', attempts: 1, n: small, workers: 4 }]);
    expect(
      await reporting.query(`
        SELECT event, count(*)::int AS n, count(DISTINCT subject)::int AS operations
          FROM steep_repl.audit_log WHERE subject LIKE 'operation %' GROUP BY 1 ORDER BY 1`),
    ).toEqual([
      { event: 'work.complete', n: small, operations: small },
      { event: 'work.started', n: small, operations: small },
    ]);
  });
});
