// How far a copy is that PostgreSQL makes, from what can be seen of it.

import { expect, test } from 'vitest';
import { etaOf, lookAgain, type PaceLook, paceOf } from '../../../../src/model/copy/pace.ts';
import { reduceProgress, unseenProgress } from '../../../../src/model/copy/reduce-progress.ts';
import { type NativeCopy, nativeLook } from '../../../../src/model/state/native-copy.ts';

const atFirst = (copy: NativeCopy) => reduceProgress(unseenProgress, nativeLook(copy, 0)).progress;

const table = (name: string, syncState: string, bytesDone = 0, rowsDone = 0) => ({
  table: name,
  syncState,
  bytesDone,
  rowsDone,
});

const sizes = new Map([
  ['a', 6000],
  ['b', 3000],
  ['c', 1000],
]);
const seen = new Map([['b', { rows: 40 }]]);

test('tables that wait, run and are ready; rates and times at the second look', () => {
  let state = unseenProgress;
  const look = (bytesDone: number, rowsDone: number, at: number) => {
    state = reduceProgress(
      state,
      nativeLook(
        {
          tables: [table('a', 'i'), table('b', 'd', bytesDone, rowsDone), table('c', 'r')],
          sizes,
          seen,
        },
        at,
      ),
    );
    return state.progress;
  };
  expect(look(1000, 10, 0)).toMatchObject({
    percent: 20,
    tablesTotal: 3,
    tablesDone: 1,
    bytesCopied: 2000,
    bytesTotal: 10_000,
    bytesPerSecond: null,
    etaSeconds: null,
    workers: 1,
  });
  const second = look(2000, 30, 2000);
  expect(second).toMatchObject({
    percent: 30,
    bytesPerSecond: 500,
    etaSeconds: 14,
    rowsCopied: 40,
  });
  expect(second.tables).toEqual([
    {
      ...table('b', 'd', 2000, 30),
      bytesTotal: 3000,
      percent: (2000 / 3000) * 100,
      rowsPerSecond: 10,
      bytesPerSecond: 500,
      etaSeconds: 2,
    },
  ]);
});

test('COPY may send more than the table has: never more than all of it', () => {
  const copy = { tables: [table('b', 'd', 5000)], sizes, seen };
  const progress = atFirst(copy);
  expect(progress).toMatchObject({ percent: 100, bytesCopied: 3000 });
  expect(progress.tables[0]).toMatchObject({ percent: 100, bytesDone: 5000 });
});

test('without the sizes of all tables, the percentage is that of tables', () => {
  const tables = [table('a', 'r'), table('x', 'd', 70), table('y', 'i'), table('z', 'i')];
  const progress = atFirst({ tables, sizes, seen: new Map() });
  expect(progress).toMatchObject({ percent: 25, bytesTotal: null });
  expect(progress.tables[0]).toMatchObject({ bytesTotal: null, percent: null, etaSeconds: null });
});

test('empty tables, and none at all', () => {
  const none = atFirst({ tables: [], sizes, seen });
  expect(none).toMatchObject({ percent: 100, tablesTotal: 0 });
  const empty = new Map([['e', 0]]);
  const tables = [table('e', 'd')];
  expect(atFirst({ tables, sizes: empty, seen })).toMatchObject({
    percent: 0,
    bytesTotal: 0,
  });
});

test('a pace looks back ten seconds, and forgets what started again', () => {
  let looks: readonly PaceLook[] = [];
  const pace = (amount: number, at: number) => {
    looks = lookAgain(looks, { amount, at });
    return paceOf(looks);
  };
  expect(pace(0, 0)).toBeNull();
  expect(pace(10, 100)).toBeNull();
  expect(pace(100, 1000)).toBe(100);
  expect(pace(100, 11_000)).toBe(0);
  expect(pace(500, 12_000)).toBe(400);
  expect(pace(10, 13_000)).toBeNull();
  expect(etaOf(10, 110, 20)).toBe(5);
  expect(etaOf(10, 110, 0)).toBeNull();
  expect(etaOf(120, 110, 20)).toBe(0);
});
