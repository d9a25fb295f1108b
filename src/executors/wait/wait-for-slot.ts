// Waits until a subscriber has confirmed the WAL up to a point; where that is the end of WAL now, until a crash of the
// source cannot undo it any more.

import { readSlotLag } from '../../catalog/copies/read-progress.ts';
import type { WaitForSlot } from '../../model/step/step.ts';
import type { Executor, RunContext } from '../executor.ts';
import { slotGone, untilSlotPasses } from './until-slot-passes.ts';
import { untilSlotSaved } from './until-slot-saved.ts';
import { untilTransactionsEnd } from './until-transactions-end.ts';

/** The LSN to wait for: the end of WAL now, or where the other slot starts. */
const targetOf = async (step: WaitForSlot, context: RunContext): Promise<string> => {
  const slot = step.untilSlot ?? step.slot;
  const lag = await readSlotLag(context.session(step.node), slot);
  const lsn = step.untilSlot === null ? lag?.currentLsn : lag?.confirmedFlushLsn;
  if (lsn === undefined || lsn === null) throw slotGone(step.node, slot);
  return lsn;
};

export const waitForSlotExecutor: Executor<WaitForSlot> = {
  transactional: false,
  reversible: true,
  sql: () => [],
  note: (step) =>
    step.orStopped === true
      ? [
          `wait until slot ${step.slot} has confirmed all WAL up to now, or apply stops at a new name`,
        ]
      : step.untilSlot === null
        ? [`wait until slot ${step.slot} has confirmed all WAL up to now`]
        : [`wait until slot ${step.slot} has passed the start of slot ${step.untilSlot}`],
  run: async (step, context) => {
    const { node, slot, untilSlot, orStopped = false } = step;
    const deadline = context.clock() + context.limits.waitTimeoutMs;
    if (untilSlot === null) await untilTransactionsEnd(node, context, deadline);
    const target = await targetOf(step, context);
    const session = context.session(node);
    const position = { node, slot, target, orStopped };
    await untilSlotPasses({ ...position, timeoutMs: deadline - context.clock() }, session, context);
    if (untilSlot !== null || orStopped) return;
    // What is read next is told by names that WAL from before this position does not know.
    await untilSlotSaved({ ...position, timeoutMs: deadline - context.clock() }, session, context);
  },
};
