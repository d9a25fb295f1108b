// Waits until the reader of a slot has confirmed the WAL up to a position.

import { readDecoded, readSlotLag } from '../../catalog/copies/read-progress.ts';
import type { SlotLag } from '../../model/edge/edge-reading.ts';
import { SteepError } from '../../model/errors.ts';
import { lsnDistance } from '../../model/lsn.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { formatSize } from '../../model/quantity.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { Session } from '../../postgres/session.ts';
import type { RunContext } from '../executor.ts';
import { pausesOf } from '../executor.ts';

export interface SlotPosition {
  readonly node: NodeName;
  readonly slot: string;
  /** The LSN to be confirmed. */
  readonly target: string;
  readonly timeoutMs: number;
  /** It is enough that apply stops: its worker ends again and again, and nothing is confirmed. */
  readonly orStopped?: boolean;
}

/** An apply worker that was only cut off continues with its next start. */
const endsWithoutProgress = 2;

/** Says after each look whether the slot was read, and let go again, so often without getting further. */
const watchEnds = (): ((lag: SlotLag, decoded: number) => boolean) => {
  let seen: string | null = null;
  let known = 0;
  let ends = 0;
  return ({ confirmedFlushLsn, active }, decoded) => {
    if (confirmedFlushLsn !== seen) {
      seen = confirmedFlushLsn;
      known = decoded;
      ends = 0;
    }
    // It may have been read for a moment only: what was decoded tells.
    if (!active && decoded > known) {
      known = decoded;
      ends += 1;
    }
    return ends >= endsWithoutProgress;
  };
};

export const slotGone = (node: NodeName, slot: string): SteepError =>
  new SteepError('SLOT_MISSING', `Slot ${slot} on node ${node} is gone or lost.`, {
    suggestions: ['steep explain SLOT_MISSING'],
  });

/** @throws SteepError SLOT_MISSING, or NOT_CONVERGED when the time is over. */
export const untilSlotPasses = async (
  { node, slot, target, timeoutMs, orStopped = false }: SlotPosition,
  session: Session,
  context: RunContext,
): Promise<void> => {
  const isStopped = watchEnds();
  const deadline = context.clock() + timeoutMs;
  const pause = pausesOf(context);
  for (;;) {
    const lag = await readSlotLag(session, slot);
    if (lag === null || lag.walStatus === 'lost') throw slotGone(node, slot);
    const behind = lsnDistance(lag.confirmedFlushLsn ?? '0/0', target);
    if (behind <= 0) return;
    if (orStopped && isStopped(lag, await readDecoded(session, slot))) return;
    if (context.clock() > deadline) {
      throw new SteepError(
        'NOT_CONVERGED',
        `Slot ${slot} on node ${node} is still ${formatSize(behind)} behind ${target}${lag.active ? '' : ', and nobody reads it'}.`,
        {
          suggestions: ['steep status', 'Then run the same command again.'],
          exit: ExitCode.notConverged,
        },
      );
    }
    context.progress(
      `${formatSize(behind)} remaining${lag.active ? '' : ', nobody reads the slot'}`,
    );
    await pause();
  }
};
