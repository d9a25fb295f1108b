// Waiting, as a run does between two looks at a server: an interrupt ends it at once.

import { setTimeout as delay } from 'node:timers/promises';
import { interruption } from '../model/plan/interruption.ts';

/** Resolves after so many milliseconds, or rejects with SteepError INTERRUPTED. */
export const interruptibleSleep =
  (signal: AbortSignal) =>
  async (ms: number): Promise<void> => {
    try {
      await delay(ms, undefined, { signal });
    } catch (cause) {
      throw interruption(signal, cause);
    }
  };
