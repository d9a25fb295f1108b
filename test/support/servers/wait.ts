// Waiting for what servers do in their own time.

import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  readonly timeoutMs?: number;
  readonly everyMs?: number;
}

/**
 * Asks until the answer is neither false nor null nor undefined, and returns it.
 * @throws Error naming `what`, after two minutes unless told.
 */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | false | null | undefined>,
  { timeoutMs = 120_000, everyMs = 50 }: WaitOptions = {},
): Promise<T> {
  const giveUp = Date.now() + timeoutMs;
  for (;;) {
    const answer = await probe();
    if (answer !== false && answer !== null && answer !== undefined) return answer;
    if (Date.now() > giveUp) throw new Error(`Waited ${timeoutMs} ms without result for ${what}.`);
    await sleep(everyMs);
  }
}
