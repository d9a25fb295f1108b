// The rows of every subscription that steep manages, for drift.

import { setTimeout as delay } from 'node:timers/promises';
import type { VerifiedEdge } from '../../model/report/verification.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import type { EdgesToCompare } from './compared-edge.ts';
import { verifyEdge } from './verify-edge.ts';
import type { VerificationOptions } from './verify-options.ts';

const settleMs = 60_000;

/** As steep verify does it unless told otherwise. A subscription that is not there is drift of its definition. */
export const verifyManaged = async (
  world: EdgesToCompare,
  { clock, interrupt }: RuntimeEnvironment,
): Promise<readonly VerifiedEdge[]> => {
  const signal = interrupt ?? new AbortController().signal;
  const options: VerificationOptions = {
    tables: null,
    fast: false,
    jobs: 1,
    settleMs,
    onRow: () => undefined,
    reading: () => async () => undefined,
    clock,
    sleep: (ms) => delay(ms, undefined, { signal }),
    signal,
  };
  const there = world.desired.subscriptions.filter(({ node, name }) =>
    world.live.nodes[node]?.resources.some(
      (found) => found.kind === 'subscription' && found.name === name,
    ),
  );
  const edges: VerifiedEdge[] = [];
  for (const subscription of there) edges.push(await verifyEdge(subscription, world, options));
  return edges;
};
