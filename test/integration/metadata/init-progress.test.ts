// Progress as it is written: at most once a second, a new phase at once, the last word always; and never in the way.

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { readInits } from '../../../src/catalog/copies/read-inits.ts';
import { emitInitTable } from '../../../src/metadata/init/init-events.ts';
import { progressWriter } from '../../../src/metadata/progress-writer.ts';
import type { CopyProgress } from '../../../src/model/copy/init-progress.ts';
import type { RunEventBody } from '../../../src/model/event.ts';
import { openSession, type Session } from '../../../src/postgres/session.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { installMetadata } from '../catalog/metadata.ts';

const GB = 1024 ** 3;

const copy: CopyProgress = {
  phase: 'copying',
  percent: 31.07,
  tablesTotal: 12,
  tablesDone: 3,
  rowsCopied: 5_000_000,
  bytesCopied: 12.8 * GB,
  bytesTotal: 41 * GB,
  rowsPerSecond: 32_000.4,
  bytesPerSecond: 84 * 1024 ** 2,
  etaSeconds: 340.2,
  workers: 4,
  lagBytes: null,
  tables: [
    {
      table: 'public."Odd Orders"',
      syncState: 'd',
      rowsDone: 1_000_000,
      bytesDone: 2 * GB,
      bytesTotal: 4 * GB,
      percent: 50,
      rowsPerSecond: 8000,
      bytesPerSecond: 21 * 1024 ** 2,
      etaSeconds: 98,
    },
  ],
};

let database: TestDatabase;
let reader: Session;
const opened: Session[] = [];

const open = async (): Promise<Session> => {
  const session = await openSession(database.conninfo, { node: 'n', applicationName: 'steep w' });
  opened.push(session);
  return session;
};

beforeAll(async () => {
  database = await cluster.database(newestMajor);
  await installMetadata(database);
  await database.query(`
    CREATE TABLE written (at timestamptz, phase text, percent float8);
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO public.written VALUES (clock_timestamp(), NEW.phase, NEW.overall_percent); RETURN NEW; END $$;
    INSERT INTO steep_repl.subscriptions_init (node_id, subscription, source_node, method, state, run_id)
    VALUES ('n', 's', 'p', 'parallel', 'copying', 'run-1')`);
  reader = await open();
});
afterAll(() => reader.close());

const events: RunEventBody[] = [];
beforeEach(async () => {
  events.length = 0;
  await database.query('TRUNCATE written, steep_repl.init_progress');
});
afterEach(() =>
  expect(opened.filter((session) => session !== reader && !session.closed)).toEqual([]),
);

const options = {
  node: 'n',
  source: 'p',
  subscription: 's',
  runId: 'run-1',
  emit: (event: RunEventBody) => void events.push(event),
  clock: () => performance.now(),
};

const written = () =>
  database.query<{ readonly phase: string; readonly percent: number }>(
    'SELECT phase, percent FROM written ORDER BY at',
  );

const progressNow = async () => (await readInits(reader, 'n'))[0]?.progress;

test('what the engine tells is in the row, and stays there at the end', async () => {
  const writer = progressWriter(open, options);
  writer.report(copy);
  const first = await waitFor('the row', async () => progressNow());
  expect(first).toEqual({
    ...copy,
    rowsPerSecond: 32_000,
    bytesCopied: Math.round(12.8 * GB),
    etaSeconds: 340,
    lagBytes: null,
    tables: [{ ...copy.tables[0], table: 'public."Odd Orders"', syncState: 'd' }],
  });
  expect(await database.query('SELECT * FROM steep_repl.get_progress()')).toMatchObject([
    { current_table: 'public."Odd Orders"', current_table_percent: '50.00', run_id: 'run-1' },
  ]);
  expect(await database.query('SELECT steep_repl.is_operation_active() AS it')).toEqual([
    { it: true },
  ]);
  await writer.finish('failed');
  expect(await progressNow()).toMatchObject({
    phase: 'failed',
    percent: 31.07,
    tables: [],
    workers: 0,
  });
  expect(await database.query('SELECT steep_repl.is_operation_active() AS it')).toEqual([
    { it: false },
  ]);
});

test('at most one row a second, and the last one always; a phase at once', async () => {
  // What is written, and when, as the server saw it.
  await database.query(
    'CREATE TRIGGER note AFTER INSERT OR UPDATE ON steep_repl.init_progress FOR EACH ROW EXECUTE FUNCTION note()',
  );
  /** When each row was sent, and when each phase began: by the clock of this process. */
  const sent: { readonly phase: string; readonly at: number }[] = [];
  const begun = new Map<string, number>();
  const emit = (event: RunEventBody): void => {
    events.push(event);
    const at = performance.now();
    if (event.event === 'init.phase_started') begun.set(event.phase, at);
    if (event.event === 'init.progress') sent.push({ phase: event.phase, at });
  };
  const writer = progressWriter(open, { ...options, emit });
  for (let percent = 0; percent < 23; percent += 1) {
    writer.report({ ...copy, percent });
    await delay(100);
  }
  await waitFor('all that was sent', async () => (await written()).length === sent.length);
  writer.report({ ...copy, phase: 'indexing', percent: 99 });
  await waitFor('the phase', async () => (await written()).at(-1)?.phase === 'indexing');
  await writer.finish('catching_up');
  await writer.finish('done');
  // steep does not read tables that have a trigger of others.
  await database.query('DROP TRIGGER note ON steep_repl.init_progress');
  const rows = await written();
  expect(rows).toHaveLength(sent.length);
  expect(rows.at(-1)).toMatchObject({ phase: 'catching_up', percent: 100 });
  const copying = sent.filter(({ phase }) => phase === 'copying').map(({ at }) => at);
  expect(copying.length).toBeGreaterThanOrEqual(2);
  for (const [index, at] of copying.slice(1).entries()) {
    expect(at - (copying[index] ?? 0)).toBeGreaterThan(990);
  }
  const indexing = sent.find(({ phase }) => phase === 'indexing')?.at ?? 0;
  expect(indexing - (begun.get('indexing') ?? 0)).toBeLessThan(900);
  const phases = events.filter(({ event }) => event.startsWith('init.phase'));
  expect(phases).toMatchObject([
    { event: 'init.phase_started', phase: 'copying', node_id: 'n', source_node: 'p' },
    { event: 'init.phase_completed', phase: 'copying', duration_ms: expect.any(Number) },
    { event: 'init.phase_started', phase: 'indexing' },
    { event: 'init.phase_completed', phase: 'indexing' },
    { event: 'init.phase_started', phase: 'catching_up' },
  ]);
});

test('the one who locks the table, or ends the session, holds up nothing', async () => {
  const writer = progressWriter(open, options);
  const lock = await holdTransaction(database, 'LOCK TABLE steep_repl.init_progress');
  writer.report(copy);
  await waitFor('the writer to wait', async () => {
    const [row] = await database.query<{ readonly n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'steep w' AND wait_event_type = 'Lock'`,
    );
    return row?.n === 1;
  });
  await lock.commit();
  await waitFor('the row', async () => progressNow());
  await database.query(`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'steep w' AND pid <> ${reader.pid}`);
  writer.report({ ...copy, percent: 50 });
  await waitFor('another row', async () => (await progressNow())?.percent === 50, {
    timeoutMs: 5000,
  });
  await writer.finish('done');
  expect(await progressNow()).toMatchObject({ phase: 'done', percent: 100 });
});

test('a server that cannot be reached fails nothing', async () => {
  const writer = progressWriter(() => Promise.reject(new Error('no route')), options);
  writer.report(copy);
  await writer.finish('done');
  expect(events.map(({ event }) => event)).toContain('init.progress');
});

test('a table as events, with the share of the whole', () => {
  const subject = { node_id: 'n', source_node: 'p', subscription: 's' };
  const table = { schema: 'public', name: 'Odd' };
  const done = { rows: 5, bytes: 40, durationMs: 12.4 };
  for (const kind of ['started', 'completed', 'failed'] as const) {
    emitInitTable(options.emit, subject, { kind, table, ...done, error: 'full' }, 62);
  }
  const shared = { ...subject, table: 'public."Odd"', phase: 'copying', overall_progress: 0.62 };
  expect(events).toEqual([
    { event: 'init.table_started', ...shared },
    { event: 'init.table_complete', ...shared, rows_copied: 5, bytes_copied: 40, duration_ms: 12 },
    { event: 'init.table_failed', ...shared, error: 'full' },
  ]);
});
