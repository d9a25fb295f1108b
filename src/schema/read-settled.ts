// Reads definitions again while tables are altered. Functions like pg_get_indexdef() look at the present, whatever the
// snapshot of their query: of an index that ALTER TABLE has dropped and made again since, they say nothing, or fail.

import { sqlState } from '../postgres/failures.ts';

const mostReads = 5;

/** @param isWhole Whether the server could spell all of a row; one that is not may remain where tables are altered all the time. */
export const readSettled = async <T>(
  read: () => Promise<readonly T[]>,
  isWhole: (row: T) => boolean = () => true,
): Promise<readonly T[]> => {
  let failure: unknown = null;
  for (let turn = 1; ; turn += 1) {
    try {
      const rows = await read();
      if (turn === mostReads || rows.every(isWhole)) return rows;
    } catch (error) {
      // In a transaction, the first failure is also that of every later read.
      failure ??= error;
      if (turn === mostReads || !isOfDropped(error)) throw failure;
    }
  }
};

/** The server never translates these texts. */
const isOfDropped = (error: unknown): boolean =>
  sqlState(error) === 'XX000' &&
  error instanceof Error &&
  /^(?:cache lookup failed for|could not open relation with OID) /.test(error.message);
