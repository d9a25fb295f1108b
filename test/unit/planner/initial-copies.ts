// A subscription that steep fills, and its servers when a run was killed.

import type { DesiredState, LiveState } from '../../../src/model/state/state.ts';
import { simulateSteps } from '../../support/plans/simulate.ts';
import { withFinished } from '../../support/plans/simulate-copy.ts';
import {
  desiredState,
  liveState,
  nameOf,
  nodeState,
  planOf,
  select,
  server,
  table,
  wantPublication,
  wantSubscription,
} from '../../support/worlds/worlds.ts';

export const feed = 'us/subscription.feed';
export const slot = 'eu/slot.feed';

export const asked = (options: Readonly<Record<string, string>> = {}): DesiredState =>
  desiredState(['eu', 'us'], {
    publications: [
      wantPublication('eu', 'sales', { tables: ['items', 'orders'].map((name) => select(name)) }),
    ],
    subscriptions: [
      wantSubscription('us', 'eu', 'feed', { publications: ['sales'], init: 'parallel', options }),
    ],
  });

export const servers = (
  rest: { readonly hasRows?: boolean; readonly apart?: boolean } = {},
): LiveState =>
  liveState(
    ...['eu', 'us'].map((node, index) =>
      nodeState(node, {
        tables: ['items', 'orders'].map((name) =>
          table(name, node === 'us' && rest.hasRows === true ? { hasRows: true } : {}),
        ),
        server: server({
          systemIdentifier: String(index),
          metadataDatabase: rest.apart === true ? 'postgres' : null,
        }),
      }),
    ),
  );

export const kindsOf = (live: LiveState, desired = asked(), force = false): readonly string[] =>
  planOf(desired, live, force ? { prune: false, force: true } : { prune: false })
    .steps.map(({ id }) => id)
    .filter((id) => id.includes('feed') || id.includes('steep_copied'));

/** The servers when a run was killed: right after a step, and with these tables in the copy checkpoints. */
export const killedAfter = (kind: string, finished: readonly string[] = [], desired = asked()) => {
  const { steps } = planOf(desired, servers());
  const last = steps.findIndex((step) => step.kind === kind);
  const reached = simulateSteps(servers(), steps.slice(0, last + 1));
  return finished.length === 0
    ? reached
    : withFinished(reached, 'us', 'feed', finished.map(nameOf));
};
