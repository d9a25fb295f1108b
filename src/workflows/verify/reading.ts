// Tells how much of a table is read, and keeps to a rate.

import type { VerificationProgress } from '../../model/report/verification.ts';
import type { VerificationOptions } from './verify-options.ts';

interface Meter {
  /** Bytes a second that are read of each node; null: as fast as it goes. */
  readonly maxRate: number | null;
  readonly onProgress: (progress: VerificationProgress) => void;
}

export const readingOf =
  (
    { maxRate, onProgress }: Meter,
    { clock, sleep }: Pick<VerificationOptions, 'clock' | 'sleep'>,
  ): VerificationOptions['reading'] =>
  (where) => {
    const startedAt = clock();
    let bytesDone = 0;
    return async (bytes) => {
      bytesDone += bytes;
      onProgress({ ...where, bytesDone });
      if (maxRate === null) return;
      // Both ends are read at once, each at the rate.
      const dueMs = (bytesDone / (2 * maxRate)) * 1000;
      const earlyMs = dueMs - (clock() - startedAt);
      if (earlyMs > 0) await sleep(earlyMs);
    };
  };
