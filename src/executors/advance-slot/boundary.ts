// Up to where WAL can be read: found by trying.

import { lsnAfter } from '../../model/lsn.ts';

/** Bytes; every record of WAL is longer. */
const granularity = 8;
const firstStep = 64;

/** Two positions, LSNs: the first transaction that cannot be read ends between them. */
export interface Boundary {
  readonly before: string;
  readonly behind: string;
}

/**
 * Where `reads` ends to hold, to some bytes. It holds up to `from`, an LSN, and ends to soon after it. Each try reads from the
 * beginning.
 */
export const boundaryOf = async (
  from: string,
  reads: (upto: string) => Promise<boolean>,
): Promise<Boundary> => {
  let low = 0;
  let high = firstStep;
  while (await reads(lsnAfter(from, high))) {
    low = high;
    high *= 2;
  }
  while (high - low > granularity) {
    const middle = Math.floor((low + high) / 2);
    if (await reads(lsnAfter(from, middle))) low = middle;
    else high = middle;
  }
  return { before: lsnAfter(from, low), behind: lsnAfter(from, high) };
};
