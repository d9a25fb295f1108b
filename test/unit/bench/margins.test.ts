// Which ratios of a printed table are beyond their margins.

import { expect, test } from 'vitest';
import { beyond, ratiosIn } from '../../../bench/margins.ts';

const text = `
| database | steep | native copy_data | ratio | pg_dump | ratio |
| --- | --- | --- | --- | --- | --- |
| one table | 2.0 s | 1.0 s | 2.00 | 4.0 s | 0.50 |

Peak memory: 100 MB

| in sync | bare pg | ratio |
| --- | --- | --- |
| 4 | 10 ms | 1.2 |
`;

test('a ratio belongs to the peer before it, in each table', () => {
  expect(ratiosIn(text)).toEqual([
    { row: 'one table', peer: 'native copy_data', value: 2 },
    { row: 'one table', peer: 'pg_dump', value: 0.5 },
    { row: '4', peer: 'bare pg', value: 1.2 },
  ]);
});

test('beyond its margin is said; a peer that was not there is no miss', () => {
  const margins = [
    { peer: 'native copy_data', most: 1.5 },
    { peer: 'pg_dump', most: 1.5 },
    { peer: 'pgcopydb', most: 0.1 },
  ];
  expect(beyond(text, margins)).toEqual([
    'one table: 2 times native copy_data, and 1.5 is the margin.',
  ]);
  expect(ratiosIn('It has failed.')).toEqual([]);
});
