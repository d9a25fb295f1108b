// Drift of what runs: the managed subscriptions whose data does not flow, and slots without a reader. What a worker
// does between two tries is no drift: what may pass by itself must be seen twice.

import type { DriftFinding } from '../../model/report/drift.ts';
import type { AppliedOf } from '../../model/state/applied.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { LiveState } from '../../model/state/state.ts';
import type { DriftContext } from './drift-context.ts';
import { type CheckedEdge, errorsOf, healthChecks } from './health-checks.ts';
import { orphanSlots } from './orphan-slots.ts';

type Subscription = ResourceOf<'subscription'>;

export const runtimeDrift = (context: DriftContext): readonly DriftFinding[] => {
  const live = context.later ?? context.live;
  return [
    ...edgesOf(context, live).flatMap((edge) => healthChecks.flatMap((symptom) => symptom(edge))),
    ...orphanSlots(context, live),
  ];
};

/** Whether something looks wrong that may be over in some seconds: a worker starts again after 5. */
export const needsSecondLook = (context: DriftContext): boolean =>
  edgesOf(context, context.live).some(
    ({ first }) =>
      first.spec.enabled && (first.observed?.workerRunning === false || errorsOf(first) > 0),
  );

const edgesOf = (context: DriftContext, live: LiveState): readonly CheckedEdge[] =>
  context.applied.flatMap((applied) => {
    if (applied.kind !== 'subscription') return [];
    const first = subscriptionIn(context.live, applied);
    const now = subscriptionIn(live, applied);
    if (first === undefined || now === undefined) return [];
    const publisher = live.nodes[now.spec.source ?? ''];
    const slot = publisher?.resources.find(
      (resource) => resource.kind === 'slot' && resource.name === now.spec.slot,
    ) as ResourceOf<'slot'> | undefined;
    const publisherRead = publisher !== undefined;
    const { maxLag } = context.desired.policy;
    return [{ applied, first, now, live, slot, publisherRead, maxLag }];
  });

const subscriptionIn = (
  live: LiveState,
  { node, address }: AppliedOf<'subscription'>,
): Subscription | undefined =>
  live.nodes[node]?.resources.find((resource) => resource.address === address) as
    | Subscription
    | undefined;

/** What the class looks at: managed subscriptions that are there, and managed slots. */
export const runtimeAddresses = ({ applied, have }: DriftContext): readonly string[] =>
  applied
    .filter(({ kind, address }) => kind !== 'publication' && have.has(address))
    .map(({ address }) => address);
