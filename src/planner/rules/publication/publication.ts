// Publications: created, altered in place, replaced only for what ALTER PUBLICATION cannot do.

import type { ResourceOf } from '../../../model/state/resource.ts';
import { type PlanContext, serverOf, subscribersOf } from '../../context/context.ts';
import { isInUse } from '../../context/reinit-tables.ts';
import { combine, nothing, type RuleResult } from '../../draft.ts';
import { temporaryFor } from '../../facts/copied-publication.ts';
import { willBeCreated } from '../../facts/edges.ts';
import { movedTables } from '../../facts/moved-tables.ts';
import { isUsedToContinue } from '../../facts/new-copy.ts';
import { publicationAliasesToDrop } from '../../facts/publication-alias.ts';
import { creationDetails, describeSize } from '../../facts/publication-difference.ts';
import { leaves, removalPolicyOf } from '../../facts/removal-policy.ts';
import { protectedHazard } from '../../hazards/edge/protection.ts';
import {
  createdPublicationHazards,
  droppedPublicationHazards,
  replacedPublicationHazards,
} from '../../hazards/edge/publication-hazards.ts';
import { forget } from '../metadata/forget.ts';
import { type DeltaOf, noLongerDeclared, type Rule } from '../rule.ts';
import * as steps from '../steps.ts';
import { commonOf, planAlteration, waitsForReaders } from './alter-publication-steps.ts';
import { writtenTables } from './written-tables.ts';

type Publication = ResourceOf<'publication'>;
type Subscription = ResourceOf<'subscription'>;
type Change = Extract<DeltaOf<'publication'>, { readonly verb: 'change' }>;

const create = (desired: Publication, context: PlanContext): RuleResult => ({
  ...nothing,
  changes: [
    {
      resource: desired,
      action: 'create',
      summary: describeSize(desired.spec),
      details: creationDetails(desired),
    },
  ],
  steps: [
    steps.createPublication(
      {
        ...commonOf(desired, `publication ${desired.name} does not exist`),
        hazards: createdPublicationHazards(desired, context),
      },
      {
        publication: desired.name,
        spec: desired.spec,
        withGeneratedColumns: serverOf(context, desired.node).features.publishGeneratedColumns,
      },
    ),
  ],
});

const replace = (delta: Change, context: PlanContext): RuleResult => ({
  ...nothing,
  changes: [
    {
      resource: delta.desired,
      action: 'replace',
      summary: 'FOR ALL TABLES cannot be altered to a list',
      details: [{ field: 'tables', before: 'all tables', after: 'an explicit list' }],
    },
  ],
  steps: [
    steps.replacePublication(
      {
        ...commonOf(delta.desired, `publication ${delta.desired.name} is FOR ALL TABLES`),
        hazards: replacedPublicationHazards(delta.live, delta.desired, context),
      },
      {
        publication: delta.desired.name,
        spec: delta.desired.spec,
        withGeneratedColumns: serverOf(context, delta.desired.node).features
          .publishGeneratedColumns,
        locks: writtenTables(delta.desired.spec, delta.desired.node, context),
      },
    ),
  ],
});

const recordOnly = (delta: Change): RuleResult => ({
  ...nothing,
  changes: [
    {
      resource: delta.desired,
      action: delta.fields.includes('owned') ? 'adopt' : 'change',
      summary: delta.fields.includes('owned')
        ? 'matches steep.yaml: managed by steep from now on'
        : 'protection',
      details: delta.fields.includes('protect')
        ? [
            {
              field: 'protect',
              before: String(delta.live.protect),
              after: String(delta.desired.protect),
            },
          ]
        : [],
    },
  ],
  steps: [
    steps.recordOwnership(
      {
        ...commonOf(delta.desired, `ownership of publication ${delta.desired.name}`),
        after: [],
      },
      {},
    ),
  ],
});

/** What an interrupted run has left; where this plan uses it, the plan of the copy drops it. */
const dropTemporary = (live: Publication, context: PlanContext): RuleResult => {
  if (isUsedToContinue(live, context) || isInUse(live, context)) return nothing;
  const readers = subscribersOf(context, live.node, live.name);
  // Dropped while a subscription reads it, it would lose rows: that one must go first, or read something else.
  if (readers.some((reader) => !ends(reader, context))) return nothing;
  const { node, address, name: publication } = live;
  const why = `${publication} was needed only while a subscription was created`;
  const continues = steps.copyTables.id(temporaryFor(live, context) ?? '');
  return {
    ...nothing,
    changes: [{ resource: live, action: 'drop', summary: 'no longer needed', details: [] }],
    steps: [
      steps.dropPublication(
        {
          node,
          address,
          why,
          continues,
          afterIfPlanned: readers.map((reader) => steps.dropSubscription.id(reader.address)),
          forgets: [address],
        },
        { publication },
      ),
    ],
  };
};

/** This plan drops it, to make it again or for good. */
const ends = (live: Subscription, context: PlanContext): boolean => {
  const desired = context.want.get(live.address);
  return desired?.kind === 'subscription' ? willBeCreated(desired, context) : leaves(live, context);
};

const drop = (live: Publication, context: PlanContext): RuleResult => {
  // A publication alias that is no longer needed is dropped with the last of its readers.
  if (publicationAliasesToDrop(context).some(({ address }) => address === live.address))
    return nothing;
  if (temporaryFor(live, context) !== null) return dropTemporary(live, context);
  const policy = removalPolicyOf(live, context);
  if (policy.action === 'stay') return noLongerDeclared(live);
  const why = `publication ${live.name}: ${policy.why}`;
  if (policy.action !== 'drop') return forget(live, { summary: policy.why, why });
  const { readers } = movedTables(live, { removedTables: live.spec.tables, settings: {} }, context);
  const waits = waitsForReaders(readers, live.name, steps.dropPublication.id(live.address));
  return {
    ...nothing,
    changes: [{ resource: live, action: 'drop', summary: policy.why, details: [] }],
    steps: [
      ...waits,
      steps.dropPublication(
        {
          node: live.node,
          address: live.address,
          why,
          after: waits.map(({ id }) => id),
          afterIfPlanned: subscribersOf(context, live.node, live.name).flatMap((sub) => [
            steps.setPublications.id(sub.address),
            steps.dropSubscription.id(sub.address),
          ]),
          hazards: [...protectedHazard(live), ...droppedPublicationHazards(live, context)],
          forgets: [live.address],
        },
        { publication: live.name },
      ),
    ],
  };
};

const planOne = (delta: DeltaOf<'publication'>, context: PlanContext): RuleResult => {
  if (delta.verb === 'add') return create(delta.desired, context);
  if (delta.verb === 'remove') return drop(delta.live, context);
  if (delta.fields.every((field) => field === 'owned' || field === 'protect')) {
    return recordOnly(delta);
  }
  return delta.live.spec.allTables
    ? replace(delta, context)
    : planAlteration(delta.live, delta.desired, context);
};

/** Several publications may wait for one subscription: it waits once. */
export const publicationRule: Rule<'publication'> = (deltas, context) => {
  const result = combine(deltas.map((delta) => planOne(delta, context)));
  return { ...result, steps: [...new Map(result.steps.map((step) => [step.id, step])).values()] };
};
