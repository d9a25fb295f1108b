// Looks at the slot while the copy runs: where it is lost, or another one, every further row would be copied without
// success.

import type { SteepError } from '../../model/errors.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { AttemptDoubt } from '../../model/state/noted-attempt.ts';
import type { Session } from '../../postgres/session.ts';
import { slotChanged } from '../copy-failures.ts';

const everyMs = 2000;

/** Whether the slot of a copy is still the one that it began with; null: it is. */
export type CheckSlot = (source: Session) => Promise<AttemptDoubt | null>;

export interface SlotWatch {
  readonly source: NodeName;
  readonly open: () => Promise<Session>;
  readonly check: CheckSlot;
  readonly onLost: (failure: SteepError) => void;
}

/** Returns what ends the watch. A look that fails says nothing about the slot: the next one is on a new session. */
export const watchSlot = ({ source, open, check, onLost }: SlotWatch): (() => Promise<void>) => {
  let session: Session | null = null;
  let looking: Promise<void> | null = null;
  const look = async (): Promise<void> => {
    if (session === null || session.closed) session = await open();
    const doubt = await check(session);
    if (doubt !== null) onLost(slotChanged(source, doubt));
  };
  const tick = (): void => {
    looking ??= look()
      .catch(() => undefined)
      .finally(() => {
        looking = null;
      });
  };
  const timer = setInterval(tick, everyMs);
  tick();
  return async () => {
    clearInterval(timer);
    await looking;
    await session?.close();
  };
};
