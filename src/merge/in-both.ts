// Work on both nodes of a merge at once.

import type { MergeSide } from '../model/state/merge.ts';

/** Both have come to their end before an error is thrown: that of the first node, where both fail. */
export const inBoth = async <T>(
  body: (side: MergeSide) => Promise<T>,
): Promise<Readonly<Record<MergeSide, T>>> => {
  const [a, b] = await Promise.allSettled([body('a'), body('b')]);
  if (a.status === 'rejected') throw a.reason;
  if (b.status === 'rejected') throw b.reason;
  return { a: a.value, b: b.value };
};
