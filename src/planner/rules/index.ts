// The rules, one per kind of resource: a kind without a rule does not compile.

import type { Delta } from '../../model/plan/delta.ts';
import type { ResourceKind } from '../../model/state/resource-kind.ts';
import type { PlanContext } from '../context/context.ts';
import { combine, type RuleResult } from '../draft.ts';
import { copyRule } from './copy/copy.ts';
import { planDeferred } from './copy/deferred-indexes.ts';
import { planReinits } from './copy/reinit.ts';
import { metadataRule } from './metadata/metadata.ts';
import { planGone } from './metadata/missing-objects.ts';
import { nodeRule } from './metadata/node.ts';
import { identityRule } from './publication/identity.ts';
import { publicationRule } from './publication/publication.ts';
import { deltasOf, type Rule } from './rule.ts';
import { planSchemas } from './schema/schema.ts';
import { slotRule } from './subscription/slot.ts';
import { subscriptionRule } from './subscription/subscription.ts';

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
    planDeferred(context),
    planReinits(context),
    planSchemas(context),
  ]);
