// All keys of a table, in batches: what is locked or changing is tried again until the time is over, what is in the way is
// tried again once the other rows are in place.

import { backoff } from '../../postgres/retry/passing-failures.ts';
import type { RepairKey } from './read-rows.ts';
import {
  addCounts,
  nothingWritten,
  type RepairedBatch,
  type RepairedKey,
  type RepairWork,
  repairBatch,
} from './repair-batch.ts';
import type { RepairedTable } from './repaired-table.ts';
import type { WrittenRows } from './write-rows.ts';

/** Keys of a batch: their rows are locked on the publisher while it is written. */
const mostKeys = 1000;

/** Of rows that exchange values of unique constraints: these are one transaction, however many they are. */
export const mostTogether = 20_000;

export interface RepairClock {
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
}

export interface RepairPace extends RepairClock {
  /** How long a key is tried again. */
  readonly settleMs: number;
  readonly onBatch: (counts: WrittenRows) => void;
}

export interface RepairedKeys {
  readonly counts: WrittenRows;
  readonly equal: number;
  readonly inTheWay: readonly RepairKey[];
  /** Those that were not written in time, or differ otherwise than was shown, with the reason. */
  readonly left: readonly RepairedKey[];
}

/** What the batches of a table have come to, together. */
class Progress {
  counts = nothingWritten;
  equal = 0;
  readonly inTheWay: RepairKey[] = [];
  readonly notShown: RepairedKey[] = [];

  /** Returns what is for later. */
  add({ counts, keys }: RepairedBatch): readonly RepairedKey[] {
    this.counts = addCounts(this.counts, counts);
    this.equal += keys.filter(({ outcome }) => outcome === 'equal').length;
    this.inTheWay.push(
      ...keys.flatMap(({ key, outcome }) => (outcome === 'in the way' ? [key] : [])),
    );
    this.notShown.push(...keys.filter(({ outcome }) => outcome === 'not shown'));
    return keys.filter(({ outcome }) => outcome === 'later');
  }
}

/** @throws as repairBatch does; when the signal is aborted. What batches before have written stays. */
export const repairKeys = async (
  keys: readonly RepairKey[],
  table: RepairedTable,
  work: Omit<RepairWork, 'deadline'>,
  pace: RepairPace,
  size = mostKeys,
): Promise<RepairedKeys> => {
  const progress = new Progress();
  const round = async (
    some: readonly RepairKey[],
    deadline: number,
  ): Promise<readonly RepairedKey[]> => {
    const later: RepairedKey[] = [];
    for (let from = 0; from < some.length; from += size) {
      pace.signal.throwIfAborted();
      const batch = await repairBatch(some.slice(from, from + size), table, { ...work, deadline });
      later.push(...progress.add(batch));
      pace.onBatch(batch.counts);
    }
    return later;
  };
  let left = await round(keys, pace.clock() + pace.settleMs);
  const until = pace.clock() + pace.settleMs;
  for (let attempt = 0; left.length > 0 && pace.clock() < until; attempt += 1) {
    await pace.sleep(backoff(attempt));
    const again = left.map(({ key }) => key);
    left = await round(again, until);
  }
  const { counts, equal, inTheWay, notShown } = progress;
  return { counts, equal, inTheWay, left: [...left, ...notShown] };
};
