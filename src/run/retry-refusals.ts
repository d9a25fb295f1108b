// Statements that PostgreSQL refuses for a moment, while a worker or a walsender has not ended yet.

import type { PassingRefusal, RunContext } from '../executors/executor.ts';
import { pausesOf } from '../executors/executor.ts';
import { sqlState } from '../postgres/failures.ts';

const retryMs = 20_000;

/** Tries again while the refusal is the one that passes by itself, for at most 20 s. */
export const retryRefusals = async (
  retried: PassingRefusal | undefined,
  context: RunContext,
  body: () => Promise<void>,
): Promise<void> => {
  const deadline = context.clock() + retryMs;
  const pause = pausesOf(context);
  for (;;) {
    try {
      await body();
      return;
    } catch (error) {
      if (retried === undefined || sqlState(error) !== retried.sqlState) throw error;
      if (context.clock() > deadline) throw error;
      context.progress(`${retried.reason}; trying again`);
      await pause();
    }
  }
};
