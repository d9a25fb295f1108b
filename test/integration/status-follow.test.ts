// `steep status --follow`: a user looks on at copies that another process makes.

import { expect, test } from 'vitest';
import { progressWriter } from '../../src/metadata/progress-writer.ts';
import type { CopyProgress } from '../../src/model/copy/init-progress.ts';
import { openSession } from '../../src/postgres/session.ts';
import { waitFor } from '../support/servers/wait.ts';
import { createEdge } from '../support/worlds/edge.ts';
import { installMetadata } from './catalog/metadata.ts';

const copy: CopyProgress = {
  phase: 'copying',
  percent: 12,
  tablesTotal: 2,
  tablesDone: 0,
  rowsCopied: 10,
  bytesCopied: 1024,
  bytesTotal: 8192,
  rowsPerSecond: 5,
  bytesPerSecond: 512,
  etaSeconds: 14,
  workers: 2,
  lagBytes: null,
  tables: [],
};

/** An edge whose copy another process makes: this test. */
const copiedByOthers = async () => {
  const edge = await createEdge();
  await installMetadata(edge.subscriber);
  await edge.subscriber.query(
    `INSERT INTO steep_repl.subscriptions_init (node_id, subscription, source_node, method, state, run_id)
     VALUES ('subscriber', 'items', 'publisher', 'parallel', 'copying', 'another run')`,
  );
  const writer = progressWriter(
    () => openSession(edge.subscriber.conninfo, { node: 'subscriber', applicationName: 'steep' }),
    {
      node: 'subscriber',
      source: 'publisher',
      subscription: 'items',
      runId: 'another run',
      emit: () => undefined,
      clock: () => performance.now(),
    },
  );
  const end = (state: string, error: string | null = null): Promise<unknown> =>
    edge.subscriber.query('UPDATE steep_repl.subscriptions_init SET state = $1, error = $2', [
      state,
      error,
    ]);
  return { edge, writer, end };
};

test('what another process tells is seen within two seconds, with its NOTIFY and without', async () => {
  const { edge, writer, end } = await copiedByOthers();
  const onlooker = edge.project.start('status', '--follow', '--json');
  await onlooker.until(({ event }) => event === 'init.state_change');
  /** From the row to the line of the onlooker, both by the clock of this machine. */
  const delayOf = async (percent: number): Promise<number> => {
    const { timestamp } = await onlooker.until(
      ({ event, overall_progress }) =>
        event === 'init.progress' && overall_progress === percent / 100,
    );
    const [row] = await edge.subscriber.query<{ readonly at: Date }>(
      'SELECT updated_at AS at FROM steep_repl.init_progress',
    );
    return Date.parse(String(timestamp)) - (row?.at.getTime() ?? 0);
  };
  writer.report({ ...copy, percent: 12 });
  expect(await delayOf(12)).toBeLessThan(2000);
  writer.report({ ...copy, percent: 57, phase: 'indexing' });
  expect(await delayOf(57)).toBeLessThan(2000);
  await edge.subscriber.query(
    'UPDATE steep_repl.init_progress SET overall_percent = 75, updated_at = clock_timestamp()',
  );
  expect(await delayOf(75)).toBeLessThan(2000);

  const status = await edge.project.steep('status', '--json');
  expect(JSON.parse(status.stdout)).toMatchObject({
    edges: [{ exists: false, verdict: { health: 'copying' }, init: { progress: { workers: 2 } } }],
  });
  await writer.finish('failed');
  await end('failed', 'The disk is full. Make room.');
  const result = await onlooker.result;
  expect(result.code).toBe(1);
  const broken = await edge.project.steep('status');
  expect(broken.code).toBe(1);
  expect(broken.stdout).toContain('The initial copy failed.\n    The disk is full. Make room.');
});

test('a line per change where it is no terminal; Ctrl-C ends it', async () => {
  const { edge, writer } = await copiedByOthers();
  writer.report(copy);
  await waitFor('a row', async () => {
    const rows = await edge.subscriber.query('SELECT FROM steep_repl.init_progress');
    return rows.length > 0;
  });
  const onlooker = edge.project.start('status', '--follow', '--log-file', edge.project.path('log'));
  await waitFor('a line of the log', async () =>
    (await edge.project.read('log').catch(() => '')).includes('init.progress'),
  );
  onlooker.kill('SIGINT');
  const result = await onlooker.result;
  expect(result.code).toBe(130);
  expect(result.stdout).toMatch(
    /^\d{4}-\S+Z subscriber\/subscription\.items copying: 12% 1\.0\/8\.0 kB, 10 rows, 0 of 2 tables, 512 bytes\/s, ETA 14\.0 s, 2 workers\nInitial copies are running:\n/,
  );
  await writer.finish('cancelled');
});

test('a copy that nobody works on any more is said to be one', async () => {
  const { edge } = await copiedByOthers();
  await edge.subscriber.query(
    `UPDATE steep_repl.subscriptions_init SET updated_at = now() - interval '5 min'`,
  );
  const looked = await edge.project.steep('status', '--follow');
  expect(looked.code).toBe(1);
  expect(looked.stdout).toMatch(
    /Not done:\nsubscriber\/subscription\.items copying: no run has reported progress for 5m\d\ds; steep apply continues the copy\n/,
  );
  const status = await edge.project.steep('status', '--json');
  expect(JSON.parse(status.stdout)).toMatchObject({
    edges: [{ verdict: { health: 'broken', cure: ['steep apply'] } }],
  });
});

test('a node that cannot be read: exit 7, and the others are followed', async () => {
  const { edge, end } = await copiedByOthers();
  const project = edge.project.with({ publisher: 'postgresql://localhost:1/nowhere' });
  const onlooker = project.start('status', '--follow', '--json');
  await onlooker.until(({ event }) => event === 'init.state_change');
  await end('synchronized');
  const result = await onlooker.result;
  expect(result.code).toBe(7);
  expect(JSON.parse(result.stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
    unreadable: [{ address: 'publisher/node.publisher' }],
  });
});

test('init status --follow looks on at one node', async () => {
  const { edge, end } = await copiedByOthers();
  const { project } = edge;
  const other = await project.steep('init', 'status', 'publisher', '--follow');
  expect(other.code, other.stderr).toBe(0);
  const onlooker = project.start('init', 'status', 'subscriber', '--follow', '--json');
  await onlooker.until(({ event }) => event === 'init.state_change');
  await end('synchronized');
  const { code, stderr } = await onlooker.result;
  expect(code, stderr).toBe(0);
  const wrong = await project.steep('init', 'status', 'subscribe', '--follow');
  expect(wrong.code).toBe(64);
  expect(wrong.stderr).toContain('subscriber');
});
