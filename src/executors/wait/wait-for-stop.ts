// Waits until no session reads a slot: the walsender of a disabled subscription has ended, and with it the list of
// publications that it was started with.

import { readSlotLag } from '../../catalog/copies/read-progress.ts';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { WaitForStop } from '../../model/step/step.ts';
import type { Executor } from '../executor.ts';
import { pausesOf } from '../executor.ts';

export const waitForStopExecutor: Executor<WaitForStop> = {
  transactional: false,
  reversible: true,
  sql: () => [],
  note: (step) => [`wait until nobody reads slot ${step.slot}`],
  run: async (step, context) => {
    const deadline = context.clock() + context.limits.waitTimeoutMs;
    const pause = pausesOf(context);
    for (;;) {
      const slot = await readSlotLag(context.session(step.node), step.slot);
      if (slot?.active !== true) return;
      if (context.clock() > deadline) {
        throw new SteepError(
          'NOT_CONVERGED',
          `Slot ${step.slot} on node ${step.node} is still read, although its subscription is disabled.`,
          {
            suggestions: ['steep status', 'Then run the same command again.'],
            exit: ExitCode.notConverged,
          },
        );
      }
      context.progress('the slot is still read');
      await pause();
    }
  },
};
