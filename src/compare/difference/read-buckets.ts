// The first pass: every row of a table is hashed where it is, and only the sums of buckets are sent.

import type { Session } from '../../postgres/session.ts';
import type { TableEnd } from './compared-table.ts';
import { type BlockRange, selectBuckets, selectCount } from './end-sql.ts';

/** By number of the bucket. */
export interface Buckets {
  readonly rows: Float64Array;
  /** Sums of row hashes, modulo 2^64. */
  readonly hashes: BigUint64Array;
}

export interface ReadingPace {
  /** Bytes that were read; resolves when more may be. */
  readonly onRead: (bytes: number) => Promise<void>;
  readonly signal: AbortSignal;
  /** How much of a table one query reads. Absent: 64 MB. */
  readonly rangeBytes?: number;
}

/** Rows of a bucket, about: a bucket that differs is read again. */
const rowsABucket = 256;
const bytesARow = 100;
const mostBuckets = 65_536;

/** A power of two, so that a bucket is the last bits of a hash. */
export const bucketsFor = (...ends: readonly Pick<TableEnd, 'bytes'>[]): number => {
  const wanted = Math.max(...ends.map(({ bytes }) => bytes)) / bytesARow / rowsABucket;
  return Math.min(mostBuckets, 2 ** Math.ceil(Math.log2(Math.max(1, wanted))));
};

const usualRangeBytes = 64 * 1024 * 1024;

/** Ranges of about as many bytes each; rows that were added behind the last block belong to the last one. */
const rangesOf = (
  { blocks, bytes }: Pick<TableEnd, 'blocks' | 'bytes'>,
  rangeBytes: number,
): readonly BlockRange[] => {
  const count = Math.min(Math.max(1, blocks), Math.ceil(bytes / rangeBytes) || 1);
  const step = Math.ceil(blocks / count);
  return Array.from({ length: count }, (_, index) => ({
    from: index * step,
    to: index + 1 === count ? null : (index + 1) * step,
  }));
};

interface BucketRow {
  readonly bucket: number;
  readonly rows: number;
  readonly hash: string;
}

/** With all sessions, which see the same snapshot. `buckets` 0: rows are counted, in one bucket. */
export const readBuckets = async (
  sessions: readonly Session[],
  end: TableEnd,
  buckets: number,
  { onRead, signal, rangeBytes = usualRangeBytes }: ReadingPace,
): Promise<Buckets> => {
  const found = {
    rows: new Float64Array(Math.max(1, buckets)),
    hashes: new BigUint64Array(Math.max(1, buckets)),
  };
  const ranges = rangesOf(end, rangeBytes);
  const left = [...ranges];
  const work = async (session: Session): Promise<void> => {
    for (let range = left.shift(); range !== undefined; range = left.shift()) {
      signal.throwIfAborted();
      const statement =
        buckets === 0 ? selectCount(end, range) : selectBuckets(end, buckets, range);
      add(found, await session.query<BucketRow>(statement));
      await onRead(end.bytes / ranges.length);
    }
  };
  await Promise.all(sessions.map(work));
  return found;
};

const add = ({ rows, hashes }: Buckets, found: readonly BucketRow[]): void => {
  for (const row of found) {
    rows[row.bucket] = (rows[row.bucket] ?? 0) + row.rows;
    hashes[row.bucket] = (hashes[row.bucket] ?? 0n) + BigInt.asUintN(64, BigInt(row.hash));
  }
};

/** Numbers of those that do not hold the same rows. */
export const differingBuckets = (a: Buckets, b: Buckets): readonly number[] =>
  [...a.rows.keys()].filter(
    (bucket) => a.rows[bucket] !== b.rows[bucket] || a.hashes[bucket] !== b.hashes[bucket],
  );

export const rowsIn = ({ rows }: Buckets): number => rows.reduce((sum, some) => sum + some, 0);
