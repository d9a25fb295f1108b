// Roles that may only connect, notify or queue keep workers busy, fill the queue, or hold its rows.

import { describe, expect, test } from 'vitest';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import type { TestDatabase } from '../../support/servers/cluster.ts';
import { lastByDay, majors, newestMajor } from '../../support/servers/majors.ts';
import { testDatabase, urlOf } from '../../support/servers/test-database.ts';
import { startProxy } from '../../support/statement-proxy/start-proxy.ts';
import { refusal } from '../metadata/sql-functions-world.ts';
import { call, createQueueWorld, waitForStatus } from '../queue/queue-world.ts';

const [oldestMajor = newestMajor] = majors;

const roleOn = async (database: TestDatabase, name: string, rights: readonly string[]) => {
  const role = `${name}_${database.name}`;
  await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'queue'`);
  for (const right of rights) await database.query(`GRANT ${right} TO ${role}`);
  const as = testDatabase(database.conninfo.with({ user: role, password: 'queue' }), database.name);
  onTestFinished(async () => {
    await as.close();
    await database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });
  return as;
};

const queues = [
  'USAGE ON SCHEMA steep_repl',
  'SELECT ON ALL TABLES IN SCHEMA steep_repl',
  'INSERT (operation, node_id, params, max_attempts) ON steep_repl.work_queue',
  'EXECUTE ON FUNCTION steep_repl.start_verify',
];

/** The statements of each look at the queue, and when it began. */
interface Look {
  readonly at: number;
  readonly statements: string[];
}

/** Before a server: what the session that serves the queue asks, apart from its heartbeat. */
const watchLooks = async (database: TestDatabase) => {
  const looks: Look[] = [];
  const proxy = await startProxy({
    node: 'reporting',
    port: Number(database.conninfo.get('port')),
    onPassing: async ({ side, text, link }) => {
      if (side !== 'before' || !link.application.startsWith('steep worker')) return;
      if (/FROM steep_repl.work_queue AS q\s+WHERE q.status = 'running' AND q.lease =/.test(text))
        looks.push({ at: performance.now(), statements: [] });
      if (!/heartbeat|has_table_privilege/.test(text)) looks.at(-1)?.statements.push(text);
    },
  });
  onTestFinished(() => proxy.close());
  const url = urlOf(database.conninfo.with({ host: '127.0.0.1', port: String(proxy.port) }));
  return { looks, url };
};

describe.each(lastByDay([oldestMajor, newestMajor]))('PostgreSQL %i', (major) => {
  test('who may only connect and notify does not keep a worker busy', async () => {
    const { project, reporting } = await createQueueWorld(major, 10);
    const anyone = await roleOn(reporting, 'anyone', []);
    const { looks, url } = await watchLooks(reporting);
    const worker = project.with({ reporting: url }).start('worker', '--node', 'reporting');
    const id = await call(reporting, `start_verify('nothing')`);
    await waitForStatus(reporting, id, 'failed');
    const before = looks.length;
    for (let round = 0; looks.length < before + 10; round += 1) {
      await anyone.query(
        `SELECT pg_notify('steep_repl_work', n::text) FROM generate_series(${round * 100}, ${round * 100 + 99}) AS n`,
      );
    }
    // The first and the last one may be beside the operation, and not over yet.
    const woken = looks.slice(before + 1, before + 9);
    for (const [index, { at, statements }] of woken.entries()) {
      expect(statements).toHaveLength(4);
      // It waits 250 ms once a look is over; timers of Node may be 1 ms early.
      expect(at - (woken[index - 1]?.at ?? 0)).toBeGreaterThan(248);
    }
    const next = await call(reporting, `start_verify('nothing')`);
    await waitForStatus(reporting, next, 'failed');
    worker.kill('SIGTERM');
    expect((await worker.result).code).toBe(143);
  });

  test('who may queue fills neither the queue nor an operation', async () => {
    const { reporting } = await createQueueWorld(major, 10);
    const pipeline = await roleOn(reporting, 'pipeline', queues);
    const node = `p_node => 'reporting'`;
    const limit = { code: '54000' };
    expect(await refusal(pipeline, `start_verify(repeat('x', 2000000), ${node})`)).toMatchObject({
      ...limit,
      message: 'an operation holds at most 1 MB',
    });
    await expect(
      pipeline.query(
        `INSERT INTO steep_repl.work_queue (operation, node_id) VALUES ('verify', repeat('x', 2000000))`,
      ),
    ).rejects.toMatchObject(limit);
    expect(
      await refusal(pipeline, `start_verify(n::text, ${node}) FROM generate_series(1, 1001) AS n`),
    ).toMatchObject({ ...limit, message: expect.stringContaining('has 1000 operations') });
    await pipeline.query(
      `SELECT steep_repl.start_verify(n::text, ${node}) FROM generate_series(1, 1000) AS n`,
    );
    expect(await refusal(pipeline, `start_verify('one more', ${node})`)).toMatchObject(limit);
    // The owner of steep_repl is not limited by what others do.
    expect(await call(reporting, `start_verify('feed')`)).toMatch(/^\d+$/);
    await reporting.query(
      `UPDATE steep_repl.work_queue SET status = 'cancelled' WHERE params ->> 'subscription' = '7'`,
    );
    await pipeline.query(`SELECT steep_repl.start_verify('one more', ${node})`);
  });
});
