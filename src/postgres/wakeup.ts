// A wait that can be ended early. It knows nothing of what is waited for.

import { setTimeout as delay } from 'node:timers/promises';

export interface Wakeup {
  readonly wake: () => void;
  /** Whether it rang, since it was last asked or within so many milliseconds; false: the time is over. */
  readonly wokenWithin: (ms: number) => Promise<boolean>;
}

/**
 * Its timers keep no process alive.
 * @param restMs that each wait takes at least: anybody may notify, without end.
 */
export const createWakeup = (restMs = 0): Wakeup => {
  let woken = false;
  let endWait: () => void = () => undefined;
  return {
    wake: () => {
      woken = true;
      endWait();
    },
    wokenWithin: async (ms) => {
      if (restMs > 0) await delay(restMs, undefined, { ref: false });
      if (!woken) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          timer.unref();
          endWait = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      const wasWoken = woken;
      woken = false;
      return wasWoken;
    },
  };
};
