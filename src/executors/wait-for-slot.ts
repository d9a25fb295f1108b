// Waits until a subscriber has confirmed the WAL up to a point; where that is the end of WAL now, until a crash of the
// source cannot undo it any more.

import { readSlotLag, readTransactionBounds } from '../catalog/read-progress.ts';
import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/exit-code.ts';
import type { WaitForSlot } from '../model/step.ts';
import type { Executor, RunContext } from './executor.ts';
import { slotGone, untilSlotPasses } from './until-slot-passes.ts';
import { oldestWriter, untilSlotSaved } from './until-slot-saved.ts';

/** The LSN to wait for: the end of WAL now, or where the other slot starts. */
const targetOf = async (step: WaitForSlot, context: RunContext): Promise<string> => {
  const slot = step.untilSlot ?? step.slot;
  const lag = await readSlotLag(context.session(step.node), slot);
  const lsn = step.untilSlot === null ? lag?.currentLsn : lag?.confirmedFlushLsn;
  if (lsn === undefined || lsn === null) throw slotGone(step.node, slot);
  return lsn;
};

/**
 * A transaction that was open when a publication was made or renamed is decoded, when it commits, with the
 * catalog of its own time: only WAL from after the last of them knows the new name throughout.
 */
const waitForOldTransactions = async (
  step: WaitForSlot,
  context: RunContext,
  deadline: number,
): Promise<void> => {
  const session = context.session(step.node);
  const { next } = await readTransactionBounds(session);
  for (;;) {
    const { oldest } = await readTransactionBounds(session);
    if (oldest >= next) return;
    const who = (await oldestWriter(step.node, context)) ?? 'an open write transaction';
    if (context.clock() > deadline) {
      throw new SteepError(
        'NOT_CONVERGED',
        `Node ${step.node} still has a transaction from before this step: ${who}.`,
        {
          suggestions: ['End it, and run the same command again.'],
          exit: ExitCode.notConverged,
        },
      );
    }
    context.progress(`waits for ${who}`);
    await context.sleep(context.limits.pollMs);
  }
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
    const { node, slot, untilSlot } = step;
    const deadline = context.clock() + context.limits.waitTimeoutMs;
    if (untilSlot === null) await waitForOldTransactions(step, context, deadline);
    const target = await targetOf(step, context);
    const session = context.session(node);
    const position = { node, slot, target };
    await untilSlotPasses({ ...position, timeoutMs: deadline - context.clock() }, session, context);
    if (untilSlot !== null) return;
    // What is read next is told by names that WAL from before this position does not know.
    await untilSlotSaved({ ...position, timeoutMs: deadline - context.clock() }, session, context);
  },
};
