// The step that brings sequences as far as they are on the source, once rows are copied.

import { formatName, type QualifiedName } from '../../../model/identifier.ts';
import { plural } from '../../../model/listing.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { desiredSubscription, have, isKind, type PlanContext } from '../../context/context.ts';
import { underWay } from '../../context/reinit-subscription.ts';
import { nothing, type RuleResult, type StepDraft } from '../../draft.ts';
import { copiedSequences } from '../../facts/copied-sequences.ts';
import { copiedSince } from '../../facts/copied-since.ts';
import { willBeCreated } from '../../facts/edges.ts';
import { tablesOf } from '../../facts/initial-copy.ts';
import { copiesRows } from '../../facts/manual-init.ts';
import { sequenceHazards } from '../../hazards/copy/sequence-hazards.ts';
import * as steps from '../steps.ts';

type Subscription = ResourceOf<'subscription'>;

const isPaired = ({ node, name }: Subscription, context: PlanContext): boolean =>
  (desiredSubscription(context, node, name)?.pair ?? null) !== null;

/** Tables that a run has copied which did not come to its end: it may have left their sequences behind. */
const unnoted = (sub: Subscription, context: PlanContext): readonly ResourceOf<'copy'>[] =>
  copiesRows(desiredSubscription(context, sub.node, sub.name), false)
    ? copiedSince(sub, context.live)
    : [];

/**
 * Of these tables, of those that an interrupted run has copied, and of all others while the initial copy of their
 * subscription is not over.
 */
export const sequenceSteps = (
  sub: Subscription,
  tables: readonly QualifiedName[],
  context: PlanContext,
): readonly StepDraft[] => {
  const { node, address, name: subscription } = sub;
  const { source } = sub.spec;
  const since = unnoted(sub, context).map(({ spec }) => spec.table);
  const wanted = new Set([...tables, ...since].map(formatName));
  const isFirst = underWay(sub, context) !== undefined;
  const copied = tablesOf(sub, context).filter((it) => isFirst || wanted.has(formatName(it)));
  const { set } = copiedSequences(sub, copied, context);
  // Both nodes of a pair draw numbers of their own.
  if (source === null || set.length === 0 || isPaired(sub, context)) return [];
  return [
    steps.advanceSequences(
      {
        node,
        address,
        why: `sequences are not replicated, and those of ${plural(set.length, 'table')} are behind when the rows are copied`,
        afterIfPlanned: [
          steps.createSubscription.id(address),
          steps.refreshSubscription.id(address),
          steps.enableSubscription.id(address),
          steps.waitForCopy.id(address),
          steps.settleCopy.id(address, 'rest'),
        ],
        // Which sets them itself, where it comes to its end.
        continues: steps.copyTables.id(address),
      },
      { subscription, source, tables: set },
    ),
  ];
};

export const bringsSequences = ({ kind }: StepDraft): boolean => kind === 'advance-sequences';

/** Of a subscription whose tables are all copied, by a run that did not come to its end. */
const sequencesLeft = (sub: Subscription, context: PlanContext): RuleResult => {
  if (!isUnended(sub, context)) return nothing;
  const since = isPaired(sub, context) ? [] : unnoted(sub, context);
  return {
    ...nothing,
    steps: sequenceSteps(sub, [], context),
    hazards: sequenceHazards(since, sub, context),
  };
};

/** The same of all subscriptions but those in `planned`, which have such a step already. */
export const unendedCopies = (
  planned: ReadonlySet<Subscription>,
  context: PlanContext,
): readonly RuleResult[] =>
  context.destroy || context.cancel.length > 0
    ? []
    : [...context.want.values()]
        .filter(isKind('subscription'))
        .filter((sub) => !planned.has(sub))
        .map((sub) => sequencesLeft(sub, context));

const isUnended = (sub: Subscription, context: PlanContext): boolean => {
  const { node, name } = sub;
  const asked = desiredSubscription(context, node, name);
  if (have(context, 'subscription', node, name)?.owned !== true) return false;
  if (willBeCreated(sub, context) || !copiesRows(asked, false)) return false;
  // A backup brings its own.
  const isFirst = underWay(sub, context) !== undefined && asked?.init !== 'manual';
  return isFirst || unnoted(sub, context).length > 0;
};
