// Drift of what runs: the managed subscriptions whose data does not flow, and slots without a reader. Unlike a verdict,
// which is the first fault of an edge, drift names every one.

import type { EdgeFacts } from '../../model/edge/edge-facts.ts';
import { type EdgeFault, edgeHealth } from '../../model/edge/edge-health.ts';
import { isGap } from '../../model/edge/gap-checks.ts';
import type { DriftFinding } from '../../model/report/drift.ts';
import { addressOf } from '../../model/state/address.ts';
import type { AppliedOf } from '../../model/state/applied.ts';
import type { DriftContext } from './drift-context.ts';
import { gapDrift } from './gap-drift.ts';
import { orphanSlots } from './orphan-slots.ts';

export const runtimeDrift = (context: DriftContext): readonly DriftFinding[] => [
  ...context.applied.flatMap((applied) =>
    applied.kind === 'subscription' ? faultsOf(applied, context) : [],
  ),
  ...orphanSlots(context, context.live),
];

const faultsOf = (
  applied: AppliedOf<'subscription'>,
  context: DriftContext,
): readonly DriftFinding[] => {
  const { address, node } = applied;
  const edge = context.edges.find(
    (one) => addressOf(one.node, 'subscription', one.subscription) === address,
  );
  if (edge === undefined) return [];
  const faults = edgeHealth(edge, context.desired.policy.maxLag)
    .filter((fault) => isDrift(fault, edge, applied))
    .map(
      ({ code, reason, details, cure }): DriftFinding => ({
        class: 'runtime',
        code,
        address,
        node,
        summary: reason,
        details,
        applied: null,
        cure,
      }),
    );
  return [...faults, ...gapDrift(edge)];
};

/**
 * What could not be read makes the whole report incomplete; a subscription that is gone or was disabled by a user is drift
 * of its definition, and one that was applied disabled has not disabled itself.
 */
const isDrift = (
  { code, health }: EdgeFault,
  { exists }: EdgeFacts,
  { spec }: AppliedOf<'subscription'>,
): boolean =>
  health !== 'unknown' &&
  !isGap(code) &&
  exists === true &&
  code !== 'SUBSCRIPTION_DISABLED' &&
  !(code === 'DISABLED_BY_ERROR' && spec?.enabled === false);

/** What the class looks at: managed subscriptions that are there, and managed slots. */
export const runtimeAddresses = ({ applied, have }: DriftContext): readonly string[] =>
  applied
    .filter(({ kind, address }) => kind !== 'publication' && have.has(address))
    .map(({ address }) => address);
