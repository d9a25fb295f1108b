// Waits until the transactions that are open now have ended. One that was open when a publication was made or renamed is
// decoded, when it commits, with the catalog of its own time: only WAL from after the last of them knows the new name throughout.

import { readTransactionBounds } from '../../catalog/copies/read-progress.ts';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { RunContext } from '../executor.ts';
import { pausesOf } from '../executor.ts';
import { oldestWriter } from './until-slot-saved.ts';

/** `deadline`: on the clock of the run. @throws SteepError NOT_CONVERGED with the transaction in the way. */
export const untilTransactionsEnd = async (
  node: NodeName,
  context: RunContext,
  deadline: number,
): Promise<void> => {
  const session = context.session(node);
  const { next } = await readTransactionBounds(session);
  const pause = pausesOf(context);
  for (;;) {
    const { oldest } = await readTransactionBounds(session);
    if (oldest >= next) return;
    const who = (await oldestWriter(node, context)) ?? 'an open write transaction';
    if (context.clock() > deadline) {
      throw new SteepError(
        'NOT_CONVERGED',
        `Node ${node} still has a transaction that began before this step: ${who}.`,
        {
          suggestions: ['End it, and run the same command again.'],
          exit: ExitCode.notConverged,
        },
      );
    }
    context.progress(`waits for ${who}`);
    await pause();
  }
};
