// A load that is killed at random moments, again and again, ends with every row once, and with every index and
// constraint that it has deferred.

import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import type { TestDatabase } from '../../support/servers/cluster.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { names, stage } from '../copy/copy-under-test.ts';
import { rows, schema } from '../copy/oracle-data.ts';
import { newDirectory, takeSnapshot } from './snapshot-under-test.ts';

const program = fileURLToPath(new URL('fixture/load.ts', import.meta.url));
const kills = process.env.STEEP_TEST_NIGHTLY === '1' ? 25 : 5;

/** Until it ends, or until so many milliseconds after its first session. */
const run = async (target: TestDatabase, directory: string, ms: number | null): Promise<string> => {
  const child = execFile(process.execPath, [program, target.url, directory]);
  let said = '';
  child.stdout?.on('data', (text: string) => (said += text));
  child.stderr?.on('data', (text: string) => (said += text));
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => resolve());
  });
  if (ms !== null) {
    await waitFor('it works', async () => child.exitCode !== null || (await sessions(target)) > 0);
    await delay(ms);
    child.kill('SIGKILL');
  }
  await ended;
  await waitFor('the server has heard of it', async () => (await sessions(target)) === 0);
  return said;
};

const sessions = async (target: TestDatabase): Promise<number> => {
  const [row] = await target.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'steep load'`,
  );
  return row?.n ?? 0;
};

const definitions = (database: TestDatabase): Promise<readonly unknown[]> =>
  database.query(
    `SELECT indexdef AS text FROM pg_indexes WHERE schemaname = 'public'
      UNION ALL
     SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
      WHERE connamespace = 'public'::regnamespace
      ORDER BY 1`,
  );

test('killed at random moments', async () => {
  const it = await stage(schema);
  await it.source.query(rows);
  const before = await definitions(it.target);
  const directory = await newDirectory();
  await takeSnapshot(it, directory, { tuning: { chunkBytes: 64 * 1024, deferFromBytes: 1 } });
  let interrupted = 0;
  for (let turn = 0; turn < kills; turn += 1) {
    const said = await run(it.target, directory, Math.random() * 250);
    if (!said.includes('loaded')) interrupted += 1;
  }
  expect(interrupted).toBeGreaterThan(0);
  expect(await run(it.target, directory, null)).toBe('loaded\n');
  await waitForSameRows(it.source, it.target, names('accounts', 'log', 'parts'));
  expect(await definitions(it.target)).toEqual(before);
  expect(await it.target.query('SELECT FROM steep_repl.copy_postponed')).toEqual([]);
});
