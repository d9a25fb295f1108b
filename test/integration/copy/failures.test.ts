// A copy in which something breaks: what it survives, how it stops, and what is there afterwards.

import { Client } from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { CopyRequest } from '../../../src/copy/copy-tables.ts';
import { undoCopy } from '../../../src/copy/undo-copy.ts';
import type { TestDatabase } from '../../support/cluster.ts';
import { hashesOf } from '../../support/hashes.ts';
import { waitFor } from '../../support/wait.ts';
import {
  type CopyStage,
  copy,
  hold,
  names,
  open,
  settle,
  smallTuning,
  stage,
  subscription,
} from './copy-under-test.ts';

const schema = `
  CREATE TABLE large (id int PRIMARY KEY, note text);
  CREATE TABLE small (id int PRIMARY KEY, note text);
  CREATE INDEX ON large (note);`;

const rows = `
  INSERT INTO large SELECT n, repeat('x', 100) FROM generate_series(1, 20000) n;
  INSERT INTO small SELECT n, repeat('y', 100) FROM generate_series(1, 3000) n;`;

const tables = names('large', 'small');

async function filled(): Promise<CopyStage> {
  const it = await stage(schema);
  await it.source.query(rows);
  return it;
}

/** Until release(), nobody stores or reads a row of this table. */
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
  AND application_name LIKE 'steep %' AND wait_event_type = 'Lock' AND query LIKE 'COPY%'`;

const sourceWorkers = `SELECT pid FROM pg_stat_activity WHERE datname = current_database()
  AND application_name = 'steep source' AND backend_type = 'client backend' AND query LIKE 'COPY%'`;

/** A copy that has come to a table and cannot store its rows. */
async function stuck(it: CopyStage, table: string, changes: Partial<CopyRequest> = {}) {
  const release = await lock(it.target, table);
  const snapshot = await hold(it);
  // Whoever holds the table would be in the way of its indexes too.
  const tuning = { ...smallTuning, postponeFromBytes: table === 'large' ? 1e9 : 1e6 };
  const run = copy(it, snapshot, tables, { workers: 1, tuning, ...changes });
  // Whoever waits for it hears of it.
  run.catch(() => undefined);
  const waiting = (): Promise<boolean> =>
    waitFor('the copy to wait', async () => (await it.target.query(waitsForLock)).length > 0);
  await waiting();
  return { run, release, snapshot, waiting };
}

async function expectExact(it: CopyStage): Promise<void> {
  expect(await hashesOf(it.target, tables)).toEqual(await hashesOf(it.source, tables));
  const [ledger] = await it.target.query(
    `SELECT sum(rows)::int AS rows, count(*)::int = sum(DISTINCT chunks)::int AS complete FROM steep_repl.copy_chunks`,
  );
  expect(ledger).toEqual({ rows: 23000, complete: true });
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
    onProgress: () => undefined,
  };
  await undoCopy(request);
  await undoCopy(request);
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
    message: expect.stringContaining('was dropped') as unknown,
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

describe('nothing is changed', () => {
  const cases = [
    {
      change: 'INSERT INTO small VALUES (-1), (-2)',
      back: 'TRUNCATE small',
      code: 'COPY_TARGET_NOT_EMPTY',
      text: 'public.small (2 rows)',
    },
    {
      change: 'ALTER TABLE small RENAME note TO other',
      back: 'ALTER TABLE small RENAME other TO note',
      code: 'COPY_UNFIT',
      text: 'public.small lacks note',
    },
    {
      change: `ALTER TABLE small DROP note, ADD note text GENERATED ALWAYS AS ('n') STORED`,
      back: 'ALTER TABLE small ALTER note DROP EXPRESSION',
      code: 'COPY_UNFIT',
      text: 'public.small generates note itself',
    },
    {
      change: 'ALTER TABLE small SET UNLOGGED',
      back: 'ALTER TABLE small SET LOGGED',
      code: 'COPY_UNFIT',
      text: 'public.small is unlogged',
    },
    {
      change: 'ALTER TABLE small RENAME TO elsewhere',
      back: 'ALTER TABLE elsewhere RENAME TO small',
      code: 'COPY_UNFIT',
      text: 'public.small is missing',
    },
    {
      change: `INSERT INTO steep_repl.copy_chunks VALUES ('${subscription}', 'public', 'small', 0, 1, '', 0, 0, '', 'run-0')`,
      back: 'TRUNCATE steep_repl.copy_chunks',
      code: 'COPY_BEGUN',
      text: subscription,
    },
  ];

  test('where a table does not fit, is not empty, or was begun before', async () => {
    const it = await filled();
    const snapshot = await hold(it);
    for (const { change, back, code, text } of cases) {
      await it.target.query(change);
      await expect(copy(it, snapshot, tables), change).rejects.toMatchObject({
        code,
        message: expect.stringContaining(text) as unknown,
      });
      await it.target.query(back);
      expect(await it.target.query('SELECT 1 FROM large')).toEqual([]);
      expect(await it.target.query('SELECT 1 FROM steep_repl.copy_postponed')).toEqual([]);
    }
    await copy(it, snapshot, tables);
    await expectExact(it);
  });

  test('where triggers would fire, since the role may not switch them off', async () => {
    const it = await filled();
    const role = `copier_${it.target.name}`;
    await it.target.query(`
      CREATE ROLE ${role} LOGIN PASSWORD 'x'; GRANT ALL ON SCHEMA public TO ${role};
      ALTER TABLE large OWNER TO ${role}; ALTER TABLE small OWNER TO ${role};
      GRANT USAGE ON SCHEMA steep_repl TO ${role}; GRANT ALL ON ALL TABLES IN SCHEMA steep_repl TO ${role};
      CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
      CREATE TRIGGER fires BEFORE INSERT ON small FOR EACH ROW EXECUTE FUNCTION fire()`);
    onTestFinished(() =>
      it.target.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`).then(() => undefined),
    );
    const openTarget = () => open(it.target.conninfo.with({ user: role, password: 'x' }), 'target');
    await expect(copy(it, await hold(it), tables, { openTarget })).rejects.toMatchObject({
      code: 'COPY_TRIGGERS',
      message: expect.stringContaining('public.small (fires)') as unknown,
    });
    await it.target.query('DROP TRIGGER fires ON small');
    const again = { ...it, slot: `${it.slot}_2` };
    await copy(again, await hold(again), tables, { openTarget });
    await expectExact(it);
  });
});
