// Waits until a subscriber has confirmed the WAL up to a point.

import { readSlotLag } from '../catalog/read-progress.ts';
import type { WaitForSlot } from '../model/step.ts';
import type { Executor, RunContext } from './executor.ts';
import { slotGone, untilSlotPasses } from './until-slot-passes.ts';

/** The LSN to wait for: the end of WAL now, or where the other slot starts. */
const targetOf = async (step: WaitForSlot, context: RunContext): Promise<string> => {
  const slot = step.untilSlot ?? step.slot;
  const lag = await readSlotLag(context.session(step.node), slot);
  const lsn = step.untilSlot === null ? lag?.currentLsn : lag?.confirmedFlushLsn;
  if (lsn === undefined || lsn === null) throw slotGone(step.node, slot);
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
  run: async ({ node, slot, ...step }, context) => {
    const target = await targetOf({ node, slot, ...step }, context);
    const timeoutMs = context.limits.waitTimeoutMs;
    await untilSlotPasses({ node, slot, target, timeoutMs }, context.session(node), context);
  },
};
