// The end of an operation is written, also where the first attempt fails while the worker lives: nobody else would take an
// operation whose lease is held.

import { expect, test } from 'vitest';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { testDatabase } from '../../support/servers/test-database.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { installMetadata } from '../catalog/metadata.ts';
import { call, createQueueWorld, endsOf, operationOf, waitForStatus } from './queue-world.ts';

test('a statement that is cancelled is sent again', async () => {
  const { project, reporting } = await createQueueWorld(newestMajor);
  const blocker = await holdTransaction(reporting, 'LOCK TABLE orders IN EXCLUSIVE MODE');
  const id = await call(reporting, 'start_init()');
  const worker = project.start('worker', '--node', 'reporting');
  await waitFor('the copy to wait for the table', async () => {
    const waiting = await reporting.query(
      `SELECT FROM pg_locks WHERE relation = 'orders'::regclass AND NOT granted`,
    );
    return waiting.length > 0;
  });
  const row = await holdTransaction(reporting, 'SELECT FROM steep_repl.work_queue FOR UPDATE');
  await blocker.commit();
  const cancelled = await waitFor('the worker to write the end', async () => {
    const [found] = await reporting.query<{ readonly done: boolean }>(
      `SELECT pg_cancel_backend(pid) AS done FROM pg_stat_activity
        WHERE query LIKE '%ended_at = pg_catalog.clock_timestamp()%' AND wait_event_type = 'Lock' AND datname = current_database()`,
    );
    return found?.done ?? false;
  });
  expect(cancelled).toBe(true);
  await row.commit();
  await waitForStatus(reporting, id, 'complete');
  expect(await endsOf(reporting, id, 'work.complete')).toBe(1);
  worker.kill('SIGTERM');
  await worker.result;
});

test('a reason that the encoding of the queue cannot hold is written in escapes', async () => {
  const { project, primary } = await createQueueWorld(newestMajor);
  const name = `${primary.name}_latin`;
  await primary.query(`CREATE DATABASE ${name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`);
  const latin = testDatabase(primary.conninfo.with({ dbname: name }), name);
  onTestFinished(async () => {
    await latin.close();
    await primary.query(`DROP DATABASE ${name} WITH (FORCE)`);
  });
  await installMetadata(latin);
  await latin.query(`SELECT steep_repl.register_node('latin', 'latin')`);
  const id = await call(latin, 'start_apply()');
  const other = project.with({ latin: latin.url });
  await other.describe({
    publications: { orders: { node: 'primary', tables: ['заказы'] } },
  });
  const worker = await other.steep('worker', '--once', '--node', 'latin');
  expect(worker.code, worker.stdout + worker.stderr).toBe(0);
  expect(await operationOf(latin, id)).toMatchObject({
    status: 'failed',
    error: expect.stringContaining('\\u0437\\u0430'),
  });
});
