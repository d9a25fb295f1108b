// A sandbox goes up, is found again, survives the death of its servers, and goes down without a trace.

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashTables } from '../../src/compare/table-hash.ts';
import { openSession, type Session } from '../../src/postgres/session.ts';
import { sql } from '../../src/postgres/sql/sql.ts';
import { sandboxStatus } from '../../src/sandbox/registry.ts';
import { readSandboxFile } from '../../src/sandbox/sandbox-file.ts';
import { createShop, doBusiness, fillShop, shopTables } from '../../src/sandbox/shop.ts';
import { bringUp, readStatus, takeDown } from '../../src/workflows/demo/sandbox.ts';
import { majors, newestMajor } from '../support/servers/majors.ts';
import { waitFor } from '../support/servers/wait.ts';

const now = new Date('2026-01-02T03:04:05Z');
const one = { nodes: 1, pg: String(newestMajor) };
let root: string;
let directory: string;

beforeEach(async () => {
  // Where tests run as root, the servers' user may not enter: they go elsewhere by themselves.
  root = await mkdtemp(join(tmpdir(), 'steep-test-'));
  directory = join(root, `it's a "sandbox" of $HOME`);
});

afterEach(async () => {
  await takeDown(directory).catch(() => undefined);
  await rm(root, { recursive: true, force: true });
});

test('goes up, again, and down without a trace', async () => {
  const wishes = { directory, nodes: undefined, pg: [majors[0], newestMajor].join(',') };
  const up = await bringUp(wishes, now);
  expect(up).toMatchObject({ state: 'up', created: now.toISOString() });
  expect(up.nodes.map(({ name, major }) => [name, major])).toEqual([
    ['node1', majors[0]],
    ['node2', newestMajor],
  ]);
  expect(await bringUp({ directory, nodes: undefined, pg: undefined }, new Date())).toEqual(up);
  expect(await readStatus(directory)).toEqual(up);
  const home = (await readSandboxFile(directory))?.home ?? '';
  await takeDown(directory);
  expect(existsSync(directory) || existsSync(join(home, 'node1'))).toBe(false);
  expect(await readStatus(directory)).toMatchObject({ state: 'none', nodes: [] });
  expect(await takeDown(directory)).toMatchObject({ state: 'none' });
});

test('keeps its data when its servers die, as in a reboot', async () => {
  await bringUp({ directory, ...one }, now);
  await withSession((session) => session.query(sql`CREATE TABLE public.kept AS SELECT 7 AS id`));
  const pid = (await readStatus(directory)).nodes[0]?.pid;
  // 0 would be the process group of the whole test run.
  if (!pid) throw new Error('The server does not run.');
  process.kill(pid, 'SIGKILL');
  await waitFor(
    'the end of the server',
    async () => (await readStatus(directory)).state === 'stale',
  );
  await pretendReboot();
  expect(await bringUp({ directory, ...one }, now)).toMatchObject({ state: 'up' });
  expect(await withSession((session) => session.query(sql`SELECT id FROM public.kept`))).toEqual([
    { id: 7 },
  ]);
});

test('shows its password to nobody', async () => {
  const report = await bringUp({ directory, ...one }, now);
  const file = await readSandboxFile(directory);
  if (file === null) throw new Error('no sandbox.json');
  const log = await readFile(join(file.home, 'node1', 'server.log'), 'utf8');
  expect(`${JSON.stringify([report, await sandboxStatus(directory)])}${log}`).not.toContain(
    file.password,
  );
  for (const name of ['sandbox.json', 'sandbox.env']) {
    expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
  }
  expect(await readFile(report.env_file ?? '', 'utf8')).toContain(
    `export NODE1_URL='postgresql://postgres:${file.password}@${report.nodes[0]?.endpoint}'`,
  );
});

test('leaves directories alone that it did not make', async () => {
  await mkdir(directory);
  await writeFile(join(directory, 'precious'), '');
  await expect(bringUp({ directory, ...one }, now)).rejects.toMatchObject({
    code: 'SANDBOX_NOT_OURS',
  });
  await expect(takeDown(directory)).rejects.toMatchObject({ code: 'SANDBOX_NOT_OURS' });
  expect(existsSync(join(directory, 'precious'))).toBe(true);
});

test('has a shop of a million rows that continues changing', async () => {
  await bringUp({ directory, ...one }, now);
  const { before, after } = await withSession(async (session) => {
    await createShop(session);
    await withSession((other) => fillShop(session, other));
    const filled = await hashTables(session, shopTables);
    await doBusiness(session, 1);
    return { before: filled, after: await hashTables(session, shopTables) };
  });
  expect(Object.values(before).reduce((sum, { rows }) => sum + rows, 0)).toBeGreaterThan(1e6);
  for (const [table, hash] of Object.entries(before)) expect(after[table]).not.toEqual(hash);
});

/** The process id of the dead server is another program's now: this one's. */
async function pretendReboot(): Promise<void> {
  const home = (await readSandboxFile(directory))?.home ?? '';
  const pidFile = join(home, 'node1', 'data', 'postmaster.pid');
  const lines = (await readFile(pidFile, 'utf8')).split('\n');
  await writeFile(pidFile, [process.pid, ...lines.slice(1)].join('\n'));
}

async function withSession<T>(body: (session: Session) => Promise<T>): Promise<T> {
  const conninfo = (await sandboxStatus(directory))?.nodes[0]?.conninfo;
  if (!conninfo) throw new Error('no node');
  const session = await openSession(conninfo, { node: 'node1', applicationName: 'test' });
  try {
    return await body(session);
  } finally {
    await session.close();
  }
}
