// Waits until a subscriber has confirmed the WAL up to a point.

import { readSlotLag } from '../catalog/read-progress.ts';
import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/exit-code.ts';
import { lsnDistance } from '../model/lsn.ts';
import { formatSize } from '../model/quantity.ts';
import type { WaitForSlot } from '../model/step.ts';
import type { Executor, RunContext } from './executor.ts';

const slotGone = (step: WaitForSlot, slot: string): SteepError =>
  new SteepError('SLOT_MISSING', `Slot ${slot} on node ${step.node} is gone or lost.`, {
    suggestions: ['steep explain SLOT_MISSING'],
  });

/** The LSN to wait for: the end of WAL now, or where the other slot starts. */
const targetOf = async (step: WaitForSlot, context: RunContext): Promise<string> => {
  const slot = step.untilSlot ?? step.slot;
  const lag = await readSlotLag(context.session(step.node), slot);
  const lsn = step.untilSlot === null ? lag?.currentLsn : lag?.confirmedFlushLsn;
  if (lsn === undefined || lsn === null) throw slotGone(step, slot);
  return lsn;
};

export const waitForSlot: Executor<WaitForSlot> = {
  transactional: false,
  reversible: true,
  sql: () => [],
  note: (step) =>
    step.untilSlot === null
      ? `-- wait until slot ${step.slot} has confirmed all WAL up to now`
      : `-- wait until slot ${step.slot} has passed the start of slot ${step.untilSlot}`,
  run: async (step, context) => {
    const target = await targetOf(step, context);
    const deadline = context.clock() + context.limits.waitTimeoutMs;
    for (;;) {
      const lag = await readSlotLag(context.session(step.node), step.slot);
      if (lag === null || lag.walStatus === 'lost') throw slotGone(step, step.slot);
      const behind = lsnDistance(lag.confirmedFlushLsn ?? '0/0', target);
      if (behind <= 0) return;
      if (context.clock() > deadline) {
        throw new SteepError(
          'NOT_CONVERGED',
          `Slot ${step.slot} on node ${step.node} is still ${formatSize(behind)} behind ${target}${lag.active ? '' : ', and nobody reads it'}.`,
          {
            suggestions: ['steep status', 'Then run the same command again.'],
            exit: ExitCode.notConverged,
          },
        );
      }
      context.progress(`${formatSize(behind)} to go${lag.active ? '' : ', nobody reads the slot'}`);
      await context.sleep(context.limits.pollMs);
    }
  },
};
