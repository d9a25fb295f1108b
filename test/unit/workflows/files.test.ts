// Files that steep writes where another user may have put something before.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readText, replaceText, writeText } from '../../../src/workflows/files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'steep-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const both = [
  ['writeText', writeText],
  ['replaceText', replaceText],
] as const;

test.each(both)('%s refuses a link, and leaves what it leads to', async (_name, write) => {
  const target = join(folder, 'precious');
  const link = join(folder, 'plan.json');
  writeFileSync(target, 'mine');
  for (const to of [target, join(folder, 'nothing')]) {
    symlinkSync(to, link);
    await expect(write(link, 'new')).rejects.toMatchObject({
      code: 'FILE_UNWRITABLE',
      message: expect.stringContaining('it is a symbolic link'),
    });
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    rmSync(link);
  }
  expect(readFileSync(target, 'utf8')).toBe('mine');
  expect(readdirSync(folder)).toEqual(['precious']);
});

test.each(both)('%s refuses what is no file, and leaves nothing behind', async (_name, write) => {
  const path = join(folder, 'plan.json');
  mkdirSync(path);
  await expect(write(path, 'new')).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  await expect(write(join(folder, 'no', 'plan.json'), 'new')).rejects.toMatchObject({
    message: expect.stringContaining('the file does not exist'),
  });
  expect(readdirSync(folder)).toEqual(['plan.json']);
});

test('a file is replaced: readable by its owner only, or as it was', async () => {
  const path = join(folder, 'plan.json');
  writeFileSync(path, 'old');
  chmodSync(path, 0o644);
  await writeText(path, 'new');
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  chmodSync(path, 0o640);
  await replaceText(path, 'newer');
  expect(readFileSync(path, 'utf8')).toBe('newer');
  expect(statSync(path).mode & 0o777).toBe(0o640);
  expect(readdirSync(folder)).toEqual(['plan.json']);
});

// Only root can make a file that belongs to another user.
test.runIf(process.getuid?.() === 0)('a file of another user', async () => {
  const path = join(folder, 'plan.json');
  writeFileSync(path, 'theirs');
  chownSync(path, 12_345, 12_345);
  await expect(writeText(path, 'new')).rejects.toMatchObject({
    message: expect.stringContaining('it belongs to another user'),
  });
  expect(readFileSync(path, 'utf8')).toBe('theirs');
  await replaceText(path, 'formatted');
  expect(statSync(path)).toMatchObject({ uid: 12_345, gid: 12_345 });
});

test('what is no file, or larger than any that steep writes, is not read', () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const large = join(folder, 'large');
  writeFileSync(large, '');
  truncateSync(large, 2 ** 40);
  for (const [path, why] of [
    [pipe, 'it is not an ordinary file'],
    [folder, 'it is not an ordinary file'],
    [large, 'it is larger than'],
  ] as const) {
    expect(() => readText(path, 'The plan file', 'cure')).toThrow(why);
  }
});

test('a device has no end', () => {
  expect(() => readText('/dev/zero', 'The report', 'cure')).toThrow('it is not an ordinary file');
});

test('what a shell passes as an argument is read', () => {
  const script = `import { readText } from '${fileURLToPath(new URL('../../../src/workflows/files.ts', import.meta.url))}';
    process.stdout.write(readText(process.argv[1], 'x', 'y'))`;
  const read = (command: string): string =>
    execFileSync('bash', ['-c', command, process.execPath, script], { encoding: 'utf8' });
  expect(read(`"$0" --input-type=module -e "$1" <(sleep 0.1; echo piped)`)).toBe('piped\n');
  expect(read(`echo typed | "$0" --input-type=module -e "$1" /dev/stdin`)).toBe('typed\n');
});
