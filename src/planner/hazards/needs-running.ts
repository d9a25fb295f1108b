// Changes that a disabled subscription cannot take. It cannot be refreshed, nor read its slot to an end; and once
// it is enabled it copies what it knew before, whether or not that is published any more.

import type { FoundHazard } from '../../model/hazard.ts';
import { formatName } from '../../model/identifier.ts';
import { lsnDistance } from '../../model/lsn.ts';
import type { ResourceOf } from '../../model/resource.ts';
import { have, isKind, type PlanContext } from '../context.ts';
import { hazard, listNames } from './hazard.ts';

type Copy = ResourceOf<'copy'>;
type Subscription = ResourceOf<'subscription'>;

/** Tables that the subscription knows, and of which no row is there yet. */
const notBegun = (live: Subscription, context: PlanContext): readonly Copy[] =>
  [...context.have.values()]
    .filter(isKind('copy'))
    .filter(({ node, spec }) => node === live.node && spec.subscription === live.name)
    .filter(({ observed }) => observed?.syncState === 'i');

/** The old slot has something that the new one does not: unless a run was interrupted that had waited for that. */
const leavesUnread = (live: Subscription, desired: Subscription, context: PlanContext): boolean => {
  const { source, slot } = live.spec;
  if (source === null || slot === null || slot === desired.spec.slot) return false;
  const old = have(context, 'slot', source, slot)?.observed?.confirmedFlushLsn ?? null;
  const next = have(context, 'slot', source, desired.spec.slot ?? '')?.observed?.confirmedFlushLsn;
  return old !== null && (next == null || lsnDistance(old, next) > 0);
};

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

/** Both refusals, of a subscription that stands still. */
export const needsRunning = (
  live: Subscription,
  desired: Subscription,
  context: PlanContext,
): readonly FoundHazard[] => {
  if (live.spec.enabled) return [];
  const block = (message: string, remedy: string): readonly FoundHazard[] => [
    hazard('block', 'NEEDS_RUNNING', desired.address, message, remedy),
  ];
  if (leavesUnread(live, desired, context)) {
    const slot = live.spec.slot ?? '?';
    return block(
      `Subscription ${live.name} is disabled and cannot move to slot ${desired.spec.slot ?? '?'}: nobody reads slot ${slot} to its end, and what is still in it would be lost.`,
      `Keep slot: ${slot}, enable the subscription, and move it with a change of its own.`,
    );
  }
  const strays = copiedByOldList(live, desired, context);
  if (strays.length === 0) return [];
  const tables = listNames(strays.map(({ spec }) => formatName(spec.table)));
  return block(
    `Subscription ${live.name} was made disabled and has copied nothing of ${tables} yet: once enabled it copies by its old list, with rows and columns that its publications no longer send.`,
    'Take it out of the file, apply with --prune, and put it back: nothing was copied yet. Or enable it with its old tables and publications first.',
  );
};
