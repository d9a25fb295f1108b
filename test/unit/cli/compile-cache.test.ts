// Where compiled code is kept: never where another user could plant some.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const module = pathToFileURL(join(import.meta.dirname, '../../../bin/compile-cache.js')).href;

/** What steep would choose with this cache home; null: it keeps nothing. */
const chosen = (cacheHome: string): unknown =>
  JSON.parse(
    execFileSync(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `import { compileCache } from ${JSON.stringify(module)};
         process.stdout.write(JSON.stringify(compileCache(process.env)));`,
      ],
      { env: { ...process.env, XDG_CACHE_HOME: cacheHome }, encoding: 'utf8' },
    ),
  );

let home = '';
beforeAll(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'steep-cache-')));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const inside = (name: string): string => {
  const folder = join(home, name);
  mkdirSync(folder);
  return folder;
};

test('a folder of its own, which no other user can read', () => {
  const folder = chosen(inside('fresh'));
  expect(folder).toBe(join(home, 'fresh', 'steep', 'compiled'));
  expect(statSync(String(folder)).mode & 0o777).toBe(0o700);
});

test('nothing is kept where others may write', () => {
  const open = inside('open');
  mkdirSync(join(open, 'steep', 'compiled'), { recursive: true });
  chmodSync(join(open, 'steep', 'compiled'), 0o777);
  expect(chosen(open)).toBeNull();
});

test('nothing is kept below a folder in which others may replace it', () => {
  const shared = inside('shared');
  chmodSync(shared, 0o777);
  expect(chosen(shared)).toBeNull();
});

test('a link to a folder that others may write to is followed, and refused', () => {
  const linked = inside('linked');
  const planted = inside('planted');
  chmodSync(planted, 0o777);
  mkdirSync(join(linked, 'steep'));
  symlinkSync(planted, join(linked, 'steep', 'compiled'));
  expect(chosen(linked)).toBeNull();
});

test('a file in its place is no reason to fail', () => {
  const file = join(home, 'file');
  execFileSync('touch', [file]);
  expect(chosen(file)).toBeNull();
});
