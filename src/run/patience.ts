// Statements that PostgreSQL refuses for a moment, while a worker or a walsender has not ended yet.

import type { Patience, RunContext } from '../executors/executor.ts';
import { sqlState } from '../postgres/failures.ts';

const patienceMs = 20_000;

/** Tries again while the refusal is the one that passes by itself, for at most 20 s. */
export const withPatience = async (
  patience: Patience | undefined,
  context: RunContext,
  body: () => Promise<void>,
): Promise<void> => {
  const deadline = context.clock() + patienceMs;
  for (;;) {
    try {
      await body();
      return;
    } catch (error) {
      if (patience === undefined || sqlState(error) !== patience.sqlState) throw error;
      if (context.clock() > deadline) throw error;
      context.progress(`${patience.reason}; trying again`);
      await context.sleep(context.limits.pollMs);
    }
  }
};
