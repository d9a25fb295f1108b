// A snapshot that is killed in the middle, again and again, is continued by the same command: exact at the moment of
// the first run. Once its exported snapshot is lost, it says so, and starts again only where that is asked for.

import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readJournal } from '../../../src/snapshot/manifest/journal.ts';
import { openStorage } from '../../../src/snapshot/storage/open-storage.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { startWriter } from '../../support/worlds/writer.ts';
import { type CopyStage, names, stage } from '../copy/copy-under-test.ts';
import { rows, schema, write } from '../copy/oracle-data.ts';
import {
  dropSnapshotSlots,
  follow,
  load,
  newDirectory,
  takeSnapshot,
} from './snapshot-under-test.ts';

const program = fileURLToPath(new URL('fixture/generate.ts', import.meta.url));
const kills = process.env.STEEP_TEST_NIGHTLY === '1' ? 25 : 4;

interface Run {
  readonly killed: boolean;
  readonly said: string;
}

/** Kills it when so many chunks are on record; `null`: lets it end. */
const run = async (
  { source, slot }: CopyStage,
  directory: string,
  at: number | null,
): Promise<Run> => {
  const child = execFile(process.execPath, [program, source.url, directory, `${slot}_anchor`]);
  let said = '';
  child.stdout?.on('data', (text: string) => (said += text));
  child.stderr?.on('data', (text: string) => (said += text));
  const ended = new Promise<boolean>((resolve) => {
    child.on('close', (_code, signal) => resolve(signal === 'SIGKILL'));
  });
  void (async () => {
    while (at !== null && child.exitCode === null && !child.killed) {
      if ((await storedChunks(directory)) >= at) child.kill('SIGKILL');
      await delay(2);
    }
  })();
  return { killed: await ended, said };
};

const storedChunks = async (directory: string): Promise<number> => {
  const text = await readFile(join(directory, 'journal.jsonl'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { readonly chunks?: readonly unknown[] })
    .reduce((total, { chunks = [] }) => total + chunks.length, 0);
};

test('killed again and again, it continues from what is stored', async () => {
  const it = await stage(schema);
  onTestFinished(async () => void (await dropSnapshotSlots(it.source)));
  await it.source.query(rows);
  const writer = await startWriter(it.source, write);
  const directory = await newDirectory();
  let stored = 0;
  let killed = 0;
  for (let turn = 0; turn < kills; turn += 1) {
    const step = 1 + Math.floor(Math.random() * 6);
    const ended = await run(it, directory, stored + step);
    if (!ended.killed) break;
    killed += 1;
    const now = await storedChunks(directory);
    expect(now, 'nothing that was stored is lost').toBeGreaterThanOrEqual(stored);
    stored = now;
  }
  expect(killed).toBeGreaterThan(1);
  const last = await run(it, directory, null);
  expect(last.said).toMatch(/Kept \d+ of \d+ chunks[\s\S]*read\n$/);
  await load(it, directory);
  await follow(it);
  await writer.stop();
  await waitForSameRows(it.source, it.target, names('accounts', 'log', 'parts'));
});

test('a chunk that was damaged meanwhile is written again', async () => {
  const it = await stage(schema);
  onTestFinished(async () => void (await dropSnapshotSlots(it.source)));
  await it.source.query(rows);
  const directory = await newDirectory();
  await run(it, directory, 3);
  const storage = await openStorage(directory, { create: false });
  const journal = await readJournal(storage);
  const file = journal?.chunks[0]?.stored.file;
  await rm(join(directory, file ?? ''));
  await run(it, directory, null);
  await load(it, directory);
  await waitForSameRows(it.source, it.target, names('accounts', 'log', 'parts'));
});

test('without its exported snapshot it says what must be made again, and makes it where that is asked for', async () => {
  const it = await stage(schema);
  onTestFinished(async () => void (await dropSnapshotSlots(it.source)));
  await it.source.query(rows);
  const directory = await newDirectory();
  await run(it, directory, 3);
  await it.source.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'steep snapshot % export'`,
  );
  await waitFor('the slot is free', async () => {
    const [slot] = await it.source.query<{ active: boolean }>(
      `SELECT active FROM pg_replication_slots WHERE slot_name = '${it.slot}_anchor'`,
    );
    return slot?.active === false;
  });
  const changes = { compression: 'lz4' };
  await expect(takeSnapshot(it, directory, changes)).rejects.toMatchObject({
    code: 'SNAPSHOT_GONE',
    exit: 3,
    message: expect.stringMatching(
      /Stored so far: \d+ of \d+ chunks; .* all 4 tables must be read again/,
    ),
  });
  await expect(takeSnapshot(it, directory, { compression: 'none' })).rejects.toMatchObject({
    code: 'SNAPSHOT_OTHER',
  });
  await it.source.query(`INSERT INTO accounts VALUES (999999, 1, 'after the first moment')`);
  await takeSnapshot(it, directory, { ...changes, restart: true });
  await load(it, directory);
  await waitForSameRows(it.source, it.target, names('accounts', 'log', 'parts'));
});

test('the process that holds the moment ends by itself when nobody comes back', async () => {
  const it = await stage(schema);
  await it.source.query(rows);
  const directory = await newDirectory();
  const stop = new AbortController();
  const interrupted = takeSnapshot(it, directory, {
    holdMs: 1000,
    signal: stop.signal,
    onEvent: ({ event }) => event === 'snapshot.table_started' && stop.abort(130),
  });
  await expect(interrupted).rejects.toMatchObject({ code: 'INTERRUPTED', exit: 130 });
  const holders = () =>
    it.source.query(
      `SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE 'steep snapshot % export'`,
    );
  expect(await holders()).toHaveLength(1);
  await waitFor('the holder ends', async () => (await holders()).length === 0);
});

test('a directory with something else in it is left alone', async () => {
  const it = await stage(schema);
  const directory = fileURLToPath(new URL('.', import.meta.url));
  await expect(takeSnapshot(it, directory)).rejects.toMatchObject({
    code: 'SNAPSHOT_OCCUPIED',
    exit: 3,
  });
  expect(
    await it.source.query(`SELECT FROM pg_replication_slots WHERE database = current_database()`),
  ).toEqual([]);
});

test('again, when it is complete: nothing is done', async () => {
  const it = await stage(schema);
  await it.source.query(rows);
  const directory = await newDirectory();
  const first = await takeSnapshot(it, directory);
  const again = await takeSnapshot(it, directory);
  expect(again).toMatchObject({ unchanged: true, snapshot: first.snapshot, rows: first.rows });
});
