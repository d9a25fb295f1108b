// What --log-file of the snapshot commands holds: every event as the schema describes it, and how each run ended.

import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CliEvent } from '../../support/cli.ts';
import { faultsOf } from '../../support/documents.ts';
import { runCommandsAlone } from '../../support/hosted-cli.ts';
import { jsonLines } from '../../support/report.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { createProject, type Project } from '../../support/worlds/project.ts';
import { installMetadata } from '../catalog/metadata.ts';
import { readMade } from './commands-world.ts';
import { dropSnapshotSlots, newDirectory } from './snapshot-under-test.ts';

runCommandsAlone();

interface World {
  readonly project: Project;
  readonly source: TestDatabase;
  readonly target: TestDatabase;
  /** Where the snapshot goes. */
  readonly place: string;
}

const createWorld = async (): Promise<World> => {
  const source = await cluster.database(newestMajor);
  const target = await cluster.database(newestMajor);
  onTestFinished(async () => void (await dropSnapshotSlots(source)));
  await source.query(`
    CREATE TABLE orders (id int PRIMARY KEY, note text);
    INSERT INTO orders SELECT n, 'note ' || n FROM generate_series(1, 100) n;
    CREATE PUBLICATION sales FOR TABLE orders`);
  await installMetadata(source);
  return {
    source,
    target,
    project: await createProject({ primary: source.url, reporting: target.url }, {}),
    place: join(await newDirectory(), 'january'),
  };
};

interface Logged extends CliEvent {
  readonly event: string;
  readonly phase?: string;
}

let logs = 0;

/** What the log of the command holds of the snapshot. */
const eventsOf = async (
  { project }: World,
  code: number,
  ...args: readonly string[]
): Promise<readonly Logged[]> => {
  logs += 1;
  const log = `log-${logs}.jsonl`;
  const result = await project.steep('snapshot', ...args, '--log-file', log);
  expect(result.code, result.stdout + result.stderr).toBe(code);
  const lines = jsonLines({ stdout: await project.read(log) }) as readonly Logged[];
  expect(lines.map((line) => faultsOf('events', line)).join('')).toBe('');
  return lines.filter(({ event }) => event.startsWith('snapshot.'));
};

const generateArgs = ({ place }: World) =>
  ['generate', '--node', 'primary', '--publication', 'sales', '--output', place] as const;

const applyArgs = ({ place }: World) => ['apply', '--node', 'reporting', '--input', place] as const;

/** In the order in which each is first heard of: how often depends on how fast the machine is. */
const namesOf = (events: readonly Logged[]): readonly unknown[] => [
  ...new Set(events.map(({ event, phase }) => (phase === undefined ? event : `${event} ${phase}`))),
];

/** All of them are of one run, on this snapshot. */
const expectSubject = (events: readonly Logged[], subject: CliEvent): void => {
  const [first] = events;
  for (const event of events) expect(event).toMatchObject({ ...subject, run_id: first?.run_id });
};

const audited = ({ source }: World): Promise<readonly unknown[]> =>
  source.query(`SELECT event, run_id, subject AS snapshot_id FROM steep_repl.audit_log
                 WHERE event LIKE 'snapshot.%' ORDER BY id`);

test('generate, apply and delete, each from its beginning to its end', async () => {
  const world = await createWorld();
  const { place } = world;
  const made = await eventsOf(world, 0, ...generateArgs(world));
  const { snapshotId, slot, lsn } = await readMade(place);
  expect(namesOf(made)).toEqual([
    'snapshot.started',
    'snapshot.progress copying',
    'snapshot.table_started',
    'snapshot.table_complete',
    'snapshot.completed',
  ]);
  const subject = { snapshot_id: snapshotId, location: place };
  expectSubject(made, { ...subject, operation: 'generate', node_id: 'primary' });
  expect(made[0]).toMatchObject({ slot, lsn, tables_total: 1, resumed: false, level: 'info' });
  expect(made.at(-2)).toMatchObject({ table: 'public.orders', rows_copied: 100 });
  const whole = { tables_total: 1, rows_copied: 100, stored_bytes: expect.any(Number) };
  expect(made.at(-1)).toMatchObject(whole);

  const again = await eventsOf(world, 0, ...generateArgs(world));
  expect(namesOf(again)).toEqual(['snapshot.unchanged']);
  expectSubject(again, { ...subject, operation: 'generate', node_id: 'primary' });

  const applied = await eventsOf(world, 0, ...applyArgs(world), '--schema-sync', 'auto');
  expect(namesOf(applied)).toEqual([
    'snapshot.started',
    'snapshot.verifying',
    'snapshot.progress preparing',
    'snapshot.progress copying',
    'snapshot.table_started',
    'snapshot.table_complete',
    'snapshot.progress indexing',
    'snapshot.progress finishing',
    'snapshot.completed',
  ]);
  expectSubject(applied, { ...subject, operation: 'apply', node_id: 'reporting' });
  expect(applied.at(-1)).toMatchObject({ ...whole, stored_bytes: null });
  const reapplied = await eventsOf(world, 0, ...applyArgs(world));
  expect(reapplied[0]).toMatchObject({ event: 'snapshot.started', resumed: true });
  expect(reapplied.at(-1)).toMatchObject({ event: 'snapshot.completed', rows_copied: 0 });
  expect(
    await world.target.query(
      `SELECT subject FROM steep_repl.audit_log WHERE event = 'operation.completed'`,
    ),
  ).toEqual([{ subject: 'snapshot apply' }, { subject: 'snapshot apply' }]);

  const deleted = await eventsOf(world, 0, 'delete', place, '--auto-approve');
  expect(namesOf(deleted)).toEqual(['snapshot.deleted']);
  expectSubject(deleted, { ...subject, operation: 'delete', node_id: 'primary', slot });
  expect(deleted[0]).toMatchObject({ files: 4, bytes: expect.any(Number) });

  const recorded = [made[0], made.at(-1), deleted[0]];
  expect(await audited(world)).toEqual(
    recorded.map((event) => ({
      event: event?.event,
      run_id: event?.run_id,
      snapshot_id: snapshotId,
    })),
  );
});

test('a snapshot that cannot be written', async () => {
  const world = await createWorld();
  const { source } = world;
  await source.query(`
    INSERT INTO orders VALUES (0, 'the filter divides by it');
    ALTER PUBLICATION sales SET TABLE orders WHERE (1 / id >= 0)`);
  const failed = await eventsOf(world, 1, ...generateArgs(world));
  expect(namesOf(failed)).toEqual([
    'snapshot.started',
    'snapshot.progress copying',
    'snapshot.table_started',
    'snapshot.table_failed',
    'snapshot.failed',
  ]);
  const error = expect.stringContaining('division by zero');
  expect(failed.at(-2)).toMatchObject({ level: 'error', table: 'public.orders', error });
  expect(failed.at(-1)).toMatchObject({ level: 'error', error });
  const runs = [failed[0], failed.at(-1)].map((event) => event?.run_id);
  expect(await audited(world)).toMatchObject([
    { event: 'snapshot.started', run_id: runs[0] },
    { event: 'snapshot.failed', run_id: runs[1] },
  ]);
});

test('a snapshot that cannot be loaded', async () => {
  const world = await createWorld();
  const { place, target } = world;
  await eventsOf(world, 0, ...generateArgs(world), '--compression', 'none');
  const { snapshotId, tables } = await readMade(place);
  await target.query('CREATE TABLE orders (id int PRIMARY KEY CHECK (id < 50), note text)');

  const refused = await eventsOf(world, 3, ...applyArgs(world));
  expect(namesOf(refused)).toEqual(['snapshot.started', 'snapshot.failed']);
  expect(refused.at(-1)).toMatchObject({ code: 'SNAPSHOT_SCHEMA', snapshot_id: snapshotId });

  const failed = await eventsOf(world, 1, ...applyArgs(world), '--schema-sync', 'manual');
  expect(namesOf(failed).slice(-3)).toEqual([
    'snapshot.table_started',
    'snapshot.table_failed',
    'snapshot.failed',
  ]);
  expect(failed.at(-1)).toMatchObject({ error: expect.stringContaining('check constraint') });

  await truncate(join(place, tables[0]?.chunks[0]?.file ?? ''), 10);
  const damaged = await eventsOf(world, 3, ...applyArgs(world));
  expect(damaged.at(-1)).toMatchObject({ event: 'snapshot.failed', level: 'error' });
});

test('what fails before anything is known says so, and no secret', async () => {
  const world = await createWorld();
  const { place, project, source } = world;
  const secret = 'Kq7Wva';
  const away = `postgresql://stranger:${secret}@127.0.0.1:1/none`;
  const unread = { ...world, project: project.with({ primary: away }) };
  const unknown = { snapshot_id: null, location: null, node_id: 'primary' };
  for (const args of [generateArgs(world), ['generate', '-c', away, '--output', place]]) {
    const events = await eventsOf(unread, 7, ...args);
    expect(namesOf(events)).toEqual(['snapshot.failed']);
    const [failed] = events;
    expect(failed).toMatchObject({ code: 'NODE_UNREADABLE', snapshot_id: null, location: null });
    expect(JSON.stringify(failed)).not.toContain(secret);
  }
  const bucket = await eventsOf(world, 64, ...generateArgs({ ...world, place: `s3://${secret}` }));
  expect(bucket).toMatchObject([{ ...unknown, code: 'STORAGE_LOCATION' }]);
  expect(JSON.stringify(bucket)).not.toContain(secret);
  const missing = await eventsOf(world, 3, 'delete', 'nothing_1', '--auto-approve');
  expect(missing).toMatchObject([{ event: 'snapshot.failed', code: 'SNAPSHOT_UNKNOWN' }]);
  expect(await source.query('SELECT FROM steep_repl.snapshots')).toEqual([]);
});
