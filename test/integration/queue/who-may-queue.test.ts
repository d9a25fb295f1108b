// Who may add which operation to the queue from psql, what an operation may hold, and who may cancel it.

import { describe, expect, test } from 'vitest';
import { readMetadataVersion } from '../../../src/catalog/metadata/read-metadata.ts';
import { openSession } from '../../../src/postgres/session.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { lastByDay, majors } from '../../support/servers/majors.ts';
import { testDatabase } from '../../support/servers/test-database.ts';
import { installMetadata } from '../catalog/metadata.ts';
import { value as readValue, refusal } from '../metadata/sql-functions-world.ts';

const value = async (database: TestDatabase, call: string): Promise<string | null> => {
  const found = await readValue(database, `${call}::text`);
  return typeof found === 'string' ? found : null;
};

const queueOn = async (major: number): Promise<TestDatabase> => {
  const database = await cluster.database(major);
  await installMetadata(database);
  await database.query(`SELECT steep_repl.register_node('reporting', 'reporting')`);
  return database;
};

/** A role that may look into steep_repl, with more rights on it. */
const roleOn = async (database: TestDatabase, name: string, rights: readonly string[]) => {
  const role = `${name}_${database.name}`;
  await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'queue';
    GRANT USAGE ON SCHEMA steep_repl TO ${role};
    GRANT SELECT ON ALL TABLES IN SCHEMA steep_repl TO ${role}`);
  for (const right of rights) await database.query(`GRANT ${right} TO ${role}`);
  const as = testDatabase(database.conninfo.with({ user: role, password: 'queue' }), database.name);
  onTestFinished(async () => {
    await as.close();
    await database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });
  return { as, role };
};

const verifies = 'EXECUTE ON FUNCTION steep_repl.start_verify';
const adds = 'INSERT ON steep_repl.work_queue';
const cancels = [
  'UPDATE (cancel_requested_at) ON steep_repl.work_queue',
  'EXECUTE ON FUNCTION steep_repl.cancel_work',
];

describe.each(lastByDay(majors))('PostgreSQL %i', (major) => {
  test('each function queues what it says; nobody may but who is granted that function', async () => {
    const database = await queueOn(major);
    const ids = [
      await value(database, `start_snapshot('s3://backups/app', p_publications => ARRAY['sales'])`),
      await value(database, `start_apply()`),
      await value(database, `start_init('reporting', 'primary', 'parallel', 8)`),
      await value(database, `start_verify('sales', ARRAY['public.orders'])`),
      await value(database, `start_merge('primary', p_strategy => 'prefer-node-a')`),
    ];
    expect(ids).toEqual(['1', '2', '3', '4', '5']);
    expect(
      await database.query(
        `SELECT operation, node_id, status, params, has_worker FROM steep_repl.list_operations('pending')`,
      ),
    ).toEqual([
      {
        operation: 'snapshot',
        node_id: 'reporting',
        status: 'pending',
        params: {
          path: 's3://backups/app',
          compression: 'zstd',
          parallel: 4,
          publications: ['sales'],
        },
        has_worker: false,
      },
      expect.objectContaining({ operation: 'apply', params: { verify: true } }),
      expect.objectContaining({
        operation: 'init',
        params: { source: 'primary', method: 'parallel', parallel: 8 },
      }),
      expect.objectContaining({
        operation: 'verify',
        params: { subscription: 'sales', tables: ['public.orders'], fast: false },
      }),
      expect.objectContaining({
        operation: 'merge',
        params: { peer: 'primary', strategy: 'prefer-node-a', dry_run: false },
      }),
    ]);
    const { as, role } = await roleOn(database, 'pipeline', [`${verifies}`, adds]);
    expect(await value(as, 'start_verify()')).toBe('6');
    expect(await refusal(as, 'start_init()')).toMatchObject({ code: '42501' });
    await expect(
      as.query(
        `INSERT INTO steep_repl.work_queue (operation, node_id) VALUES ('init', 'reporting')`,
      ),
    ).rejects.toMatchObject({
      code: '42501',
      hint: `GRANT EXECUTE ON FUNCTION steep_repl.start_init(text,text,text,integer,text[],integer) TO ${role};`,
    });
    // What only a worker knows cannot be made up.
    await as.query(`INSERT INTO steep_repl.work_queue (operation, node_id, status, queued_by, attempts, error)
      VALUES ('verify', 'reporting', 'complete', 'postgres', 9, 'made up')`);
    expect(
      await database.query(
        'SELECT status, queued_by, attempts, error FROM steep_repl.work_queue WHERE id > 6',
      ),
    ).toEqual([{ status: 'pending', queued_by: role, attempts: 0, error: null }]);
    // Such a role does not make steep_repl less trusted.
    const session = await openSession(database.conninfo, { node: 'n', applicationName: 'test' });
    onTestFinished(() => session.close());
    expect(await readMetadataVersion(session)).toBe(5);
  });

  test('an operation is about a node of this database, and holds no connection', async () => {
    const database = await queueOn(major);
    for (const call of [
      `start_verify(p_node => 'primary')`,
      `start_init('postgresql://10.0.0.4/app')`,
      `start_init(p_source => 'postgresql://app:pw@10.0.0.4/app')`,
      `start_init(p_source => 'host=10.0.0.4 dbname=app')`,
      `start_snapshot('s3://key:secret@bucket/app')`,
      `start_snapshot('/backup', p_tables => ARRAY['password = x'])`,
      `start_verify(p_max_attempts => 0)`,
    ]) {
      expect(await refusal(database, call), call).toMatchObject({
        code: expect.stringMatching(/^22023|23514$/),
      });
    }
    await database.query(`SELECT steep_repl.register_node('other', 'other')`);
    expect(await refusal(database, 'start_verify()')).toMatchObject({
      hint: 'Name the node: other, reporting.',
    });
    expect(await database.query('SELECT FROM steep_repl.list_operations()')).toEqual([]);
  });

  test('a role cancels what it has queued, and the owner everything', async () => {
    const database = await queueOn(major);
    const { as } = await roleOn(database, 'pipeline', [verifies, adds, ...cancels]);
    const id = await value(as, 'start_verify()');
    const other = await value(database, 'start_verify()');
    expect(await refusal(as, `cancel_work(${other})`)).toMatchObject({ code: '42501' });
    expect([
      await value(as, `cancel_work(${id})`),
      await value(as, `cancel_work(${id})`),
      await value(database, `cancel_work(${other})`),
      await value(database, 'cancel_work(99)'),
    ]).toEqual(['cancelled', 'cancelled', 'cancelled', null]);
    // Nobody runs it any more: there is no worker to ask.
    const lost = await value(database, 'start_verify()');
    await database.query(
      `UPDATE steep_repl.work_queue SET status = 'running', lease = 7 WHERE id = ${lost}`,
    );
    expect(await value(database, `cancel_work(${lost})`)).toBe('cancelled');
    await database.query(`UPDATE steep_repl.work_queue SET status = 'complete' WHERE id = ${lost}`);
    expect(await value(database, `cancel_work(${lost})`)).toBe('complete');
  });
});
