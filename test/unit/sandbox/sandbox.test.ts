// What a sandbox decides without a server.

import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBinaries } from '../../../src/sandbox/binaries.ts';
import { readSandboxFile } from '../../../src/sandbox/sandbox-file.ts';
import { findHome } from '../../../src/sandbox/sandbox-home.ts';
import { canEnter } from '../../../src/sandbox/server-user.ts';
import { bringUp } from '../../../src/workflows/demo/sandbox.ts';

let directory: string;

beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'steep-unit-')));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

test('binaries that are not installed are named, with the cure', async () => {
  await expect(findBinaries(9, null, directory)).rejects.toMatchObject({
    code: 'SANDBOX_BINARIES_MISSING',
    message: expect.stringContaining('PostgreSQL 9'),
    suggestions: ['npm install --include=optional'],
  });
});

test('a user enters a directory only when each above it is open', async () => {
  const stranger = { name: 'stranger', uid: 54_321, gid: 54_321 };
  const inner = join(directory, 'inner');
  await mkdir(inner, { mode: 0o755 });
  await chmod(directory, 0o700);
  expect(await canEnter(inner, stranger)).toBe(false);
  await chmod(directory, 0o711);
  expect(await canEnter(inner, stranger)).toBe(true);
  expect(await canEnter(inner, null)).toBe(true);
});

test('a home that another user may write to is not taken again', async () => {
  const home = await mkdtemp(join(tmpdir(), 'steep-unit-home-'));
  await writeFile(join(home, 'steep-sandbox'), directory);
  const findAgain = async (mode: number): Promise<boolean> => {
    await chmod(home, mode);
    await chmod(directory, 0o711);
    return (await findHome(directory, home)) === home;
  };
  expect([await findAgain(0o755), await findAgain(0o777)]).toEqual([true, false]);
  await rm(home, { recursive: true });
});

describe('sandbox.json', () => {
  test.each([
    ['of another program', '{"nodes": []}'],
    ['that is no JSON', 'nodes: []'],
    ['with a name that leads out', '{"format": "steep-sandbox-1", "nodes": [{"name": "../x"}]}'],
  ])('a file %s is refused', async (_, content) => {
    await writeFile(join(directory, 'sandbox.json'), content);
    await expect(readSandboxFile(directory)).rejects.toMatchObject({ code: 'SANDBOX_NOT_OURS' });
  });

  test('no file is no sandbox', async () => {
    expect(await readSandboxFile(join(directory, 'nowhere'))).toBeNull();
  });
});

test.each([
  ['a major without binaries', { nodes: undefined, pg: '12' }],
  ['no number', { nodes: undefined, pg: 'newest' }],
  ['fewer nodes than majors', { nodes: 1, pg: '14,18' }],
])('%s is wrong usage', async (_, wishes) => {
  const wrong = bringUp({ directory: join(directory, 'none'), ...wishes }, new Date());
  await expect(wrong).rejects.toMatchObject({ code: 'USAGE', exit: 64 });
});
