// Listens to what the runs of steep notify. Anybody may notify on the channel: who floods it must not keep steep watch busy.

import type { Session } from '../../postgres/session.ts';

const channel = 'steep_repl_progress';

/** Notifications between two looks; each run of steep sends at most four a second. */
const mostHeard = 1000;

/** Milliseconds that a channel which is flooded is left alone. */
const leftAlone = 60_000;

export interface ProgressListener {
  /** Listens, or no longer where too much was heard since the last call: the node is then read as often as without. */
  readonly keep: () => Promise<void>;
}

/** `clock`: milliseconds since any fixed point. */
export const makeListener = (
  metadata: Session,
  wake: () => void,
  clock: () => number,
): ProgressListener => {
  let heard = 0;
  let listens = false;
  let listenAt = Number.NEGATIVE_INFINITY;
  const hear = (): void => {
    heard += 1;
    wake();
  };
  const keep = async (): Promise<void> => {
    const isFlooded = heard > mostHeard;
    heard = 0;
    if (listens && isFlooded) {
      listens = false;
      listenAt = clock() + leftAlone;
      await metadata.listen(channel, null);
    } else if (!listens && clock() >= listenAt) {
      listens = true;
      // A standby cannot listen: it is read all the same.
      await metadata.listen(channel, hear).catch(() => undefined);
    }
  };
  return { keep };
};
