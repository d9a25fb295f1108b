// What a rule is: it turns the deltas of its kind into changes for people and steps for machines.

import type { Delta } from '../../model/plan/delta.ts';
import type { Resource, ResourceOf } from '../../model/state/resource.ts';
import type { ResourceKind } from '../../model/state/resource-kind.ts';
import type { OwnershipRecord } from '../../model/step/step.ts';
import type { PlanContext } from '../context/context.ts';
import { combine, nothing, type RuleResult } from '../draft.ts';

export type DeltaOf<K extends ResourceKind> =
  | { readonly verb: 'add'; readonly desired: ResourceOf<K> }
  | { readonly verb: 'remove'; readonly live: ResourceOf<K> }
  | {
      readonly verb: 'change';
      readonly live: ResourceOf<K>;
      readonly desired: ResourceOf<K>;
      readonly fields: readonly string[];
    };

export type Rule<K extends ResourceKind> = (
  deltas: readonly DeltaOf<K>[],
  context: PlanContext,
) => RuleResult;

/** A rule that looks at one delta at a time. */
export const perDelta =
  <K extends ResourceKind>(
    rule: (delta: DeltaOf<K>, context: PlanContext) => RuleResult,
  ): Rule<K> =>
  (deltas, context) =>
    combine(deltas.map((delta) => rule(delta, context)));

const resourceOf = (delta: Delta): Resource =>
  delta.verb === 'remove' ? delta.live : delta.desired;

/** The deltas of one kind. */
export const deltasOf = <K extends ResourceKind>(
  deltas: readonly Delta[],
  kind: K,
): readonly DeltaOf<K>[] =>
  deltas.filter((delta): delta is Delta & DeltaOf<K> => resourceOf(delta).kind === kind);

/** The ownership that goes with a resource as applied: its spec, which never holds a secret. */
export const ownershipOf = (resource: Resource): OwnershipRecord => ({
  address: resource.address,
  kind: resource.kind,
  applied: resource.spec,
  protect: resource.protect,
});

/** What an unwanted resource becomes without --prune. */
export const noLongerDeclared = (live: Resource): RuleResult => ({
  ...nothing,
  changes: [
    {
      resource: live,
      action: 'left',
      summary: 'no longer in steep.yaml: kept; drop it with --prune',
      details: [],
    },
  ],
});
