// Each promise of SECURITY.md names the test that plays the attack, and each test of attacks is named there.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const [promises = ''] = readFileSync('SECURITY.md', 'utf8').split('\n## What does not hold yet');

const named = (text: string): readonly string[] =>
  [...text.matchAll(/`(test\/[^`]+\.test\.ts)`/g)].map(([, path = '']) => path);

/** Rows of the tables with three columns: attack, what steep does, test. */
const rows = promises
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.split(' | ').length >= 3)
  .filter((line) => !line.startsWith('| attack |'));

test('each attack names its test', () => {
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.filter((row) => named(row.split(' | ').at(-1) ?? '').length === 0)).toEqual([]);
});

test('the tests are there', () => {
  expect(named(promises).filter((path) => !existsSync(path))).toEqual([]);
});

/** They show that another test cannot miss anything. */
const helpers: readonly string[] = [
  'test/integration/trust/metadata-contents.test.ts',
  'test/integration/trust/foreign-code/owners.test.ts',
];

test('each test of attacks is named', () => {
  const told = new Set([...named(promises), ...helpers]);
  const tests = globSync('test/integration/trust/**/*.test.ts');
  expect(tests.filter((path) => !told.has(path))).toEqual([]);
});
