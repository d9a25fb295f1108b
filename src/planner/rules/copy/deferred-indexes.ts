// What initial copies by steep have left: indexes and constraints that were deferred, and copies that are no longer
// requested.

import { addressOf } from '../../../model/state/address.ts';
import type { NodeState, UnfinishedCopy } from '../../../model/state/state.ts';
import { type PlanContext, want } from '../../context/context.ts';
import { nothing, type RuleResult, type StepDraft } from '../../draft.ts';
import { willBeCreated } from '../../facts/edges.ts';
import { leftCopyPolicy } from '../../facts/left-copies.ts';
import { emptiesForOthers } from '../../hazards/copy/interrupted-copy-hazards.ts';
import * as steps from '../steps.ts';
import { settleRest } from './continued-copy-steps.ts';

/** The subscription is there, and PostgreSQL has copied the rest, or does. */
const settleSteps = (
  { node, deferredFor = [] }: NodeState,
  context: PlanContext,
): readonly StepDraft[] =>
  deferredFor.flatMap((name) => {
    const sub = want(context, 'subscription', node, name);
    return sub === undefined || willBeCreated(sub, context) ? [] : [settleRest(sub)];
  });

/** The file does not ask for it any more, and what is no longer in steep.yaml is to go. */
const abandon = (
  node: string,
  { subscription, filled, checkpointsKey }: UnfinishedCopy,
  context: PlanContext,
): readonly StepDraft[] => {
  const address = addressOf(node, 'subscription', subscription);
  const policy = leftCopyPolicy(node, subscription, context);
  if (policy === null || policy.action === 'stay' || policy.action === 'keep') return [];
  const why = `the interrupted copy of ${subscription}: ${policy.why}`;
  const key = checkpointsKey === undefined ? {} : { checkpointsKey };
  return [
    steps.undoCopy(
      {
        node,
        address,
        why,
        // Another subscription may have filled them since, such as this one under another name.
        hazards: emptiesForOthers({ node, name: subscription, address }, filled, context),
      },
      { subscription, tables: filled, ...key, ends: true },
    ),
  ];
};

/** Not a difference of any resource: what is planned for the sake of a copy that was interrupted. */
export const planDeferred = (context: PlanContext): RuleResult => ({
  ...nothing,
  steps: Object.values(context.live.nodes).flatMap((state) => [
    ...settleSteps(state, context),
    ...(state.unfinishedCopies ?? []).flatMap((copy) => abandon(state.node, copy, context)),
  ]),
});
