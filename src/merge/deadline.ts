// The locks of a merge are held for a limited time: when it is over before the first commit, nothing is changed.

import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import { formatDuration } from '../model/quantity.ts';
import type { Session } from '../postgres/session.ts';

/** @throws SteepError MERGE_LOCK_TIME (exit 5). The body calls its argument last, before anything is committed. */
export const withDeadline = async (
  { maxLockMs }: { readonly maxLockMs: number | null },
  sessions: readonly Session[],
  body: (checkTime: () => void) => Promise<void>,
): Promise<void> => {
  if (maxLockMs === null) return body(() => undefined);
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    for (const session of sessions) session.cancel().catch(() => undefined);
  }, maxLockMs);
  try {
    await body(() => {
      clearTimeout(timer);
      if (isOver) throw tooLong(maxLockMs);
    });
  } catch (error) {
    throw isOver ? tooLong(maxLockMs, error) : error;
  } finally {
    clearTimeout(timer);
  }
};

const tooLong = (maxLockMs: number, cause?: unknown): SteepError =>
  new SteepError(
    'MERGE_LOCK_TIME',
    `The merge was not done within ${formatDuration(maxLockMs)}, which max_lock allows it to hold its locks. Nothing was changed on either node.`,
    {
      exit: ExitCode.locked,
      suggestions: ['Merge when fewer rows differ, or allow more time with max_lock.'],
      cause,
    },
  );
