// Rounds of tables: what is void after a file was replaced, who may begin again, and when it was too often.

import { expect, test } from 'vitest';
import type { Heap, Transfer } from '../../../../src/copy/fill/copy-table.ts';
import type { Load } from '../../../../src/copy/read/choose-transfers.ts';
import { FileReplaced } from '../../../../src/copy/read/file-replaced.ts';
import { makeRounds, mostRounds } from '../../../../src/copy/read/table-rounds.ts';

const name = { schema: 'public', name: 'large' };

/** Three ranges of a file in which the snapshot showed so many rows. */
const transferOf = (matching: number): Transfer => {
  const cut = { file: 7, rows: matching, matching };
  const heap: Heap = {
    oid: 1,
    name,
    blocks: 3,
    bytes: 300,
    file: 7,
    ranges: true,
    columns: [],
    cut,
  };
  const borders = [0, 1, 2, null] as const;
  const chunks = [0, 1, 2].map((number) => ({
    number,
    heap,
    fromBlock: number,
    toBlock: borders[number + 1] ?? null,
    bytes: 100,
  }));
  const table = { name, columns: [], filter: null, heaps: [heap], bytes: 300 };
  return { index: 0, table, format: 'binary', dumped: false, encoding: null, chunks };
};

const loadOf = (transfer: Transfer, ...numbers: readonly number[]): Load => ({
  bytes: 100,
  parts: transfer.chunks
    .filter(({ number }) => numbers.includes(number))
    .map((chunk) => ({ transfer, chunk })),
});

const none = (): null => null;

const withRows = ({ parts }: Load, rows: number) => parts.map((part) => ({ ...part, rows }));

test('a table is complete with its last chunk, when its ranges add up', () => {
  const transfer = transferOf(6);
  const rounds = makeRounds([transfer], none);
  const [two, one] = [loadOf(transfer, 0, 1), loadOf(transfer, 2)];
  rounds.arrive(withRows(two, 2));
  expect(rounds.stored(two.parts)).toEqual([]);
  rounds.arrive(withRows(one, 2));
  expect(rounds.stored(one.parts)).toEqual([transfer]);
});

test('ranges that do not add up may not be stored', () => {
  const transfer = transferOf(7);
  const rounds = makeRounds([transfer], none);
  rounds.arrive(withRows(loadOf(transfer, 0, 1), 2));
  const last = withRows(loadOf(transfer, 2), 2);
  expect(() => rounds.arrive(last)).toThrow(/ranges have 6 rows, and the source showed 7/);
});

test('chunks that an earlier attempt has brought count', () => {
  const transfer = transferOf(6);
  const rounds = makeRounds([transfer], (_transfer, chunk) => (chunk === 2 ? null : 2));
  const last = loadOf(transfer, 2);
  rounds.arrive(withRows(last, 2));
  expect(rounds.stored(last.parts)).toEqual([transfer]);
});

test('a table that was given up begins again when no session reads it any more', () => {
  const transfer = transferOf(6);
  const rounds = makeRounds([transfer], none);
  const first = rounds.enter(loadOf(transfer, 0));
  const second = rounds.enter(loadOf(transfer, 1));
  rounds.giveUp([0]);
  rounds.leave(first);
  expect(rounds.takeGivenUp()).toEqual([]);
  expect(() => rounds.arrive(withRows(second, 2))).toThrow(FileReplaced);
  expect(rounds.stored(second.parts)).toEqual([]);
  rounds.leave(second);
  expect(rounds.takeGivenUp()).toEqual([transfer]);
  expect(rounds.takeGivenUp()).toEqual([]);
  expect(rounds.enter(loadOf(transfer, 2)).parts).toEqual([]);
  const next = transferOf(6);
  rounds.begin(next);
  expect(rounds.enter(loadOf(transfer, 2)).parts).toEqual([]);
  expect(rounds.enter(loadOf(next, 2)).parts).toHaveLength(1);
  expect(rounds.transfers()).toEqual([next]);
});

test('after so many rounds the copy ends', () => {
  const rounds = makeRounds([transferOf(6)], none);
  for (let round = 1; round < mostRounds; round += 1) {
    rounds.begin(transferOf(6));
    rounds.giveUp([0]);
    expect(rounds.takeGivenUp()).toHaveLength(1);
  }
  rounds.begin(transferOf(6));
  expect(() => rounds.giveUp([0])).toThrow(
    expect.objectContaining({ code: 'COPY_FILE_REPLACED' }) as Error,
  );
});
