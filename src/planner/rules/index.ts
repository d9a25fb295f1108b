// The rules, one per kind of resource: a kind without a rule does not compile.

import type { Delta } from '../../model/delta.ts';
import type { ResourceKind } from '../../model/resource-kind.ts';
import type { PlanContext } from '../context.ts';
import { combine, type RuleResult } from '../draft.ts';
import { copyRule } from './copy.ts';
import { planGone } from './gone.ts';
import { identityRule } from './identity.ts';
import { metadataRule } from './metadata.ts';
import { nodeRule } from './node.ts';
import { planPostponed } from './postponed.ts';
import { publicationRule } from './publication.ts';
import { planReinits } from './reinit.ts';
import { deltasOf, type Rule } from './rule.ts';
import { planSchemas } from './schema.ts';
import { slotRule } from './slot.ts';
import { subscriptionRule } from './subscription.ts';

const rules: { readonly [K in ResourceKind]: Rule<K> } = {
  metadata: metadataRule,
  node: nodeRule,
  identity: identityRule,
  publication: publicationRule,
  slot: slotRule,
  subscription: subscriptionRule,
  copy: copyRule,
};

const planKind = <K extends ResourceKind>(
  kind: K,
  deltas: readonly Delta[],
  context: PlanContext,
): RuleResult => {
  const rule: Rule<K> = rules[kind];
  return rule(deltasOf(deltas, kind), context);
};

/** All changes, steps and hazards that the deltas cause, unordered. */
export const planDeltas = (deltas: readonly Delta[], context: PlanContext): RuleResult =>
  combine([
    ...(Object.keys(rules) as ResourceKind[]).map((kind) => planKind(kind, deltas, context)),
    planGone(context),
    planPostponed(context),
    planReinits(context),
    planSchemas(context),
  ]);
