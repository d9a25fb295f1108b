// The edges that must be well when a plan is applied.

import type { Plan } from '../../model/plan/plan.ts';
import type { DesiredState } from '../../model/state/state.ts';
import { isAwaited, touches } from '../../planner/target/touches.ts';
import type { ConvergingEdge } from '../../run/look-at-edge.ts';

/** Nothing replicates by what is left of it. */
const isTakenAway = ({ options: { destroy, cancel = [] } }: Plan): boolean =>
  destroy === true || cancel.length > 0;

/** The edges of the file; of a plan of a part, those that it touches; where all was dropped, none. */
export const awaitedEdges = (
  plan: Plan,
  { subscriptions }: DesiredState,
): readonly ConvergingEdge[] =>
  (isTakenAway(plan) ? [] : subscriptions)
    .filter((sub) => sub.enabled && touches(plan, sub) && !isAwaited(plan, sub))
    .map(({ node, name, source }) => ({ node, subscription: name, source }));
