// Servers that do not answer, as lines: a run has many sessions to a node, and each says the same.

import { describeSilence, type Silence } from '../../model/silence.ts';

/** Within so many milliseconds, what another session to the same node says is no news. */
const sameNewsMs = 5000;

/** Calls `say` with what is new of a node. */
export const silenceLines = (
  say: (node: string, message: string) => void,
): ((node: string, silence: Silence) => void) => {
  const said = new Map<string, number>();
  return (node, silence) => {
    const now = performance.now();
    const key = `${silence.kind} ${node}`;
    if (now - (said.get(key) ?? Number.NEGATIVE_INFINITY) < sameNewsMs) return;
    said.set(key, now);
    say(node, describeSilence(node, silence));
  };
};
