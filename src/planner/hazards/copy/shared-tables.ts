// Tables of a node into which more than one subscription brings rows.

import { formatName, type QualifiedName } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { have, isKind, type PlanContext } from '../../context/context.ts';
import { unfinishedCopy } from '../../facts/initial-copy.ts';
import { leaves } from '../../facts/removal-policy.ts';
import { hazard } from '../hazard.ts';

type Subscription = ResourceOf<'subscription'>;

interface Shared {
  /** Of the tables, as they are written. */
  readonly names: readonly string[];
  /** The other subscriptions. */
  readonly others: readonly string[];
}

/** Of a subscription that the file does not have, and that this plan does not end. */
const stays = (copy: ResourceOf<'copy'>, context: PlanContext): boolean => {
  const sub = have(context, 'subscription', copy.node, copy.spec.subscription);
  return sub !== undefined && !context.want.has(sub.address) && !leaves(sub, context);
};

/** A plan that cancels creates nothing: only a subscription that is there fills tables. */
const fills = (copy: ResourceOf<'copy'>, context: PlanContext): boolean =>
  context.cancel.length === 0 ||
  have(context, 'subscription', copy.node, copy.spec.subscription) !== undefined;

/** Which of these tables other subscriptions of the node fill too, after this plan. */
export const filledByOthers = (
  { node, name }: Pick<Subscription, 'node' | 'name'>,
  tables: readonly QualifiedName[],
  context: PlanContext,
): Shared => {
  const asked = new Set(tables.map(formatName));
  const shared = [
    ...[...context.want.values()].filter(isKind('copy')).filter((copy) => fills(copy, context)),
    ...[...context.have.values()].filter(isKind('copy')).filter((copy) => stays(copy, context)),
  ]
    .filter((copy) => copy.node === node && copy.spec.subscription !== name)
    .filter(({ spec }) => asked.has(formatName(spec.table)));
  return {
    names: [...new Set(shared.map(({ spec }) => formatName(spec.table)))],
    others: [...new Set(shared.map(({ spec }) => spec.subscription))],
  };
};

/**
 * steep's copy must be alone in its tables: it proves that they hold its rows and no others, and empties them where it
 * starts again. PostgreSQL's copy does neither, so that rows of several publishers may meet there.
 */
export const copiesBesideOthers = (
  sub: Subscription,
  tables: readonly QualifiedName[],
  /** steep copies, not PostgreSQL. */
  own: boolean,
  context: PlanContext,
): readonly FoundHazard[] => {
  const { names, others } = filledByOthers(sub, tables, context);
  // One that was interrupted says itself what it empties, and has to come to its end.
  if (names.length === 0 || unfinishedCopy(sub, context) !== undefined) return [];
  const both = `${listNames(others)} ${others.length === 1 ? 'fills' : 'fill'} ${listNames(names)} on node ${sub.node} too`;
  return [
    own
      ? hazard(
          'block',
          'COPY_INTO_NONEMPTY',
          sub.address,
          `${both}: a copy by steep checks that a table has exactly the copied rows. If it must start again, it empties the table, including the rows of the other subscription.`,
          'Write init: { method: snapshot, copy: native } for both subscriptions: PostgreSQL then copies, and a table can have rows of both. Or use init: none if the rows are already there.',
        )
      : hazard(
          'danger',
          'COPY_INTO_NONEMPTY',
          sub.address,
          `${both}: if both send the same key, the copy fails repeatedly and its slot keeps WAL; without a primary key the rows are duplicated.`,
          'Continue only if no row comes from both publishers; or use init: none if the rows are already there.',
        ),
  ];
};
