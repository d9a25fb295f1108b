// Changes that a disabled subscription cannot take. It cannot be refreshed; and once it is enabled it copies what
// it knew before, whether or not that is published any more.

import { formatName } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { isKind, type PlanContext } from '../../context/context.ts';
import { hazard } from '../hazard.ts';

type Copy = ResourceOf<'copy'>;
type Subscription = ResourceOf<'subscription'>;

/** Tables that the subscription knows, and of which no row is there yet. */
const notBegun = (live: Subscription, context: PlanContext): readonly Copy[] =>
  [...context.have.values()]
    .filter(isKind('copy'))
    .filter(({ node, spec }) => node === live.node && spec.subscription === live.name)
    .filter(({ observed }) => observed?.syncState === 'i');

/** What enabling it would copy by the list that it was made with, and not as the file says. */
const copiedByOldList = (
  live: Subscription,
  desired: Subscription,
  context: PlanContext,
): readonly Copy[] => {
  if (!desired.spec.enabled) return [];
  const waiting = notBegun(live, context);
  const gone = waiting.filter(({ address }) => !context.want.has(address));
  const sameList = live.spec.publications.join() === desired.spec.publications.join();
  return gone.length > 0 || sameList ? gone : waiting;
};

/** The refusal of a subscription that has stopped. */
export const needsRunning = (
  live: Subscription,
  desired: Subscription,
  context: PlanContext,
): readonly FoundHazard[] => {
  const strays = live.spec.enabled ? [] : copiedByOldList(live, desired, context);
  if (strays.length === 0) return [];
  const tables = listNames(strays.map(({ spec }) => formatName(spec.table)));
  return [
    hazard(
      'block',
      'NEEDS_RUNNING',
      desired.address,
      `Subscription ${live.name} was created disabled and has copied nothing of ${tables} yet: once enabled, it copies its old list of tables, with rows and columns that its publications no longer send.`,
      'Remove it from steep.yaml, apply with --prune, and add it back: nothing was copied yet. Or enable it with its old tables and publications first.',
    ),
  ];
};
