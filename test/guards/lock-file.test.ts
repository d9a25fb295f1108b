// npm ci works on every platform: the lock file holds the optional packages of all of them.
// A registry with the packages of one platform only leaves the others out: npm run lock puts them in.

import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockEntry {
  readonly integrity?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  readonly packages: Readonly<Record<string, LockEntry>>;
};

/** Whether npm finds a package from a folder: next to it, or further up. */
const isFound = (from: string, name: string): boolean => {
  const parts = from.split('/node_modules/');
  const folders = parts.map((_, index) =>
    parts.slice(0, parts.length - index).join('/node_modules/'),
  );
  return [...folders, ''].some(
    (folder) => packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`] !== undefined,
  );
};

test('every optional dependency has an entry', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !isFound(path, name))
      .map((name) => `${name}, which ${path} wants`),
  );
  expect(missing).toEqual([]);
});

test('every package that is installed here is pinned by its hash', () => {
  const unpinned = Object.entries(packages)
    .filter(([path, { integrity }]) => path !== '' && !(integrity ?? '').startsWith('sha512-'))
    .map(([path]) => path)
    .filter((path) => existsSync(path));
  expect(unpinned).toEqual([]);
});
