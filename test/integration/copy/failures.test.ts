// A copy in which something breaks: what it survives, how it stops, and what is there afterwards.

import { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import { runsAnything } from '../../../src/copy/check/code-guard.ts';
import type { CopyRequest } from '../../../src/copy/copy-tables.ts';
import { undoTableCopy } from '../../../src/copy/undo-copy.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import type { TestDatabase } from '../../support/servers/cluster.ts';
import { waitFor } from '../../support/servers/wait.ts';
import {
  type CopyStage,
  copy,
  endless,
  hold,
  names,
  open,
  settle,
  smallTuning,
  subscription,
} from './copy-under-test.ts';
import { expectExact, filled, tables } from './two-tables.ts';

/** Until release(), no session stores or reads a row of this table. */
async function lock(database: TestDatabase, table: string): Promise<() => Promise<void>> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`BEGIN; LOCK TABLE ${table} IN SHARE MODE`);
  let released = false;
  const release = async (): Promise<void> => {
    if (released) return;
    released = true;
    await client.end();
  };
  onTestFinished(release);
  return release;
}

const waitsForLock = `SELECT pid FROM pg_stat_activity WHERE datname = current_database()
  AND application_name LIKE 'steep %' AND wait_event_type = 'Lock' AND query LIKE 'LOCK TABLE%'`;

const sourceWorkers = `SELECT pid FROM pg_stat_activity WHERE datname = current_database()
  AND application_name = 'steep source' AND backend_type = 'client backend' AND query LIKE 'COPY%'`;

/** A copy that has reached a table and cannot store its rows. */
async function stuck(it: CopyStage, table: string, changes: Partial<CopyRequest> = {}) {
  const release = await lock(it.target, table);
  const snapshot = await hold(it);
  // A session that holds the table would be blocking its indexes too.
  const tuning = { ...smallTuning, deferFromBytes: table === 'large' ? 1e9 : 1e6 };
  const run = copy(it, snapshot, tables, { workers: 1, tuning, ...changes });
  // The one that waits for it gets the error.
  run.catch(() => undefined);
  const waiting = (): Promise<boolean> =>
    waitFor('the copy to wait', async () => (await it.target.query(waitsForLock)).length > 0);
  await waiting();
  return { run, release, snapshot, waiting };
}

const sessionsLeft = (database: TestDatabase) =>
  database.query(`SELECT pid, query FROM pg_stat_activity WHERE datname = current_database()
    AND application_name LIKE 'steep %' AND backend_type = 'client backend'`);

describe('a connection that breaks', () => {
  test.each(['source', 'target'] as const)(
    'of a worker to the %s: its chunk is tried again',
    async (end) => {
      const it = await filled();
      const { run, release } = await stuck(it, 'large');
      const query = end === 'target' ? waitsForLock : sourceWorkers;
      const killed = await it[end].query(
        `SELECT pg_terminate_backend(w.pid) AS done FROM (${query}) AS w`,
      );
      expect(killed).toEqual([{ done: true }]);
      await release();
      await run;
      await expectExact(it);
    },
  );

  test('of the snapshot: the copy stops, and what was complete stays', async () => {
    const it = await filled();
    const before = await it.target.query(
      `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`,
    );
    const { run, release } = await stuck(it, 'small');
    await it.source.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'walsender' AND datname = current_database()`,
    );
    await expect(run).rejects.toMatchObject({
      code: 'SNAPSHOT_LOST',
      suggestions: [expect.stringContaining('Run the same command again') as unknown],
    });
    await release();
    const [large] = await it.target.query('SELECT count(*)::int AS n FROM large');
    expect(large).toEqual({ n: 20000 });
    expect(
      await it.target.query(`SELECT 1 FROM steep_repl.copy_chunks WHERE table_name = 'small'`),
    ).toEqual([]);
    // The slot is still good.
    expect(
      await it.source.query(
        `SELECT 1 AS one FROM pg_replication_slots WHERE slot_name = '${it.slot}'`,
      ),
    ).toHaveLength(1);
    await settle(it, names('small'));
    await settle(it, names('small'));
    expect(
      await it.target.query(
        `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`,
      ),
    ).toEqual(before);
    expect(await it.target.query('SELECT count(*)::int AS n FROM large')).toEqual([large]);
  });
});

test('an interrupt ends the copy and its sessions within seconds; cancelling leaves nothing', async () => {
  const it = await filled();
  const interrupt = new AbortController();
  const before = await it.target.query(
    `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`,
  );
  const { run, release, snapshot } = await stuck(it, 'small', { signal: interrupt.signal });
  const began = performance.now();
  interrupt.abort();
  await expect(run).rejects.toMatchObject({ code: 'INTERRUPTED', exit: 130 });
  expect(performance.now() - began).toBeLessThan(10_000);
  await snapshot.release();
  await waitFor('the sessions to end', async () => (await sessionsLeft(it.target)).length === 0);
  await waitFor('the sessions to end', async () => (await sessionsLeft(it.source)).length === 0);
  await release();
  const request = {
    node: 'target',
    subscription,
    openTarget: () => open(it.target.conninfo, 'target'),
    signal: new AbortController().signal,
    locks: endless,
    guard: runsAnything,
    onProgress: () => undefined,
  };
  await undoTableCopy(request);
  await undoTableCopy(request);
  expect(
    await it.target.query(
      'SELECT 1 FROM large UNION ALL SELECT 1 FROM small UNION ALL SELECT 1 FROM steep_repl.copy_chunks',
    ),
  ).toEqual([]);
  expect(
    await it.target.query(
      `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`,
    ),
  ).toEqual(before);
});

test('a slot that is lost ends the copy', async () => {
  const it = await filled();
  const { run } = await stuck(it, 'large');
  await it.source.query(`SELECT pg_drop_replication_slot('${it.slot}')`);
  await expect(run).rejects.toMatchObject({
    code: 'COPY_SLOT_LOST',
    message: expect.stringContaining('is gone') as unknown,
  });
});

describe('while it is copied, a table', () => {
  test('that ALTER TABLE rewrites stops the copy', async () => {
    const it = await filled();
    const { run, release } = await stuck(it, 'large');
    await it.source.query('ALTER TABLE small ALTER id TYPE bigint');
    await release();
    await expect(run).rejects.toMatchObject({
      code: 'COPY_REWRITTEN',
      message: expect.stringContaining('public.small') as unknown,
    });
    expect(await it.target.query('SELECT 1 FROM small')).toEqual([]);
  });

  test.each(['VACUUM FULL small', 'CLUSTER small USING small_pkey'])(
    '%s is copied all the same',
    async (statement) => {
      const it = await filled();
      const { run, release } = await stuck(it, 'large');
      await it.source.query(statement);
      await release();
      await run;
      await expectExact(it);
    },
  );
});

test('rows that a trigger of the subscriber leaves out are noticed, and rolled back', async () => {
  const it = await filled();
  await it.target.query(`
    CREATE FUNCTION leave_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
    CREATE TRIGGER leaves BEFORE INSERT ON small FOR EACH ROW WHEN (NEW.id = 7) EXECUTE FUNCTION leave_out();
    ALTER TABLE small ENABLE REPLICA TRIGGER leaves`);
  await expect(copy(it, await hold(it), tables)).rejects.toMatchObject({
    code: 'COPY_MISCOUNTED',
    message: expect.stringContaining('public.small') as unknown,
  });
  expect(await it.target.query('SELECT 1 FROM small WHERE id = 6')).toEqual([]);
});

test('what was confirmed and is gone at the end is noticed', async () => {
  const it = await filled();
  const { run, release } = await stuck(it, 'small');
  // As a failover would do it, to a standby that lagged.
  await it.target.query(
    `DELETE FROM steep_repl.copy_chunks WHERE table_name = 'large' AND chunk = 1`,
  );
  await release();
  await expect(run).rejects.toMatchObject({
    code: 'COPY_INCOMPLETE',
    message: expect.stringContaining('public.large') as unknown,
  });
});
