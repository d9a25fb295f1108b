// The two subscriptions of a pair whose rows are copied forth, from the first node to the second. What comes
// back begins while the second node is empty, and is let in once the copy is done: no gap, nothing twice.

import { formatName, type QualifiedName } from '../../../model/identifier.ts';
import type { Address } from '../../../model/state/address.ts';
import type { Resource, ResourceOf } from '../../../model/state/resource.ts';
import {
  desiredSubscription,
  have,
  isKind,
  type PlanContext,
  want,
} from '../../context/context.ts';
import { methodOf } from '../../init/methods/index.ts';
import { willBeCreated } from '../edges.ts';
import { isMergePending, mergedPair } from './merged-pair.ts';

type Subscription = ResourceOf<'subscription'>;

export interface CopiedPair {
  readonly name: string;
  /** To the second node, with the copy. */
  readonly forth: Subscription;
  /** To the first node. */
  readonly back: Subscription;
}

/** The pair that a desired subscription belongs to; null: none, or one that copies nothing (yet: it is being merged). */
export const copiedPair = (sub: Subscription, context: PlanContext): CopiedPair | null => {
  const asked = desiredSubscription(context, sub.node, sub.name);
  if (asked === undefined || asked.pair === null) return null;
  const partner = want(context, 'subscription', asked.source, asked.pair.partner);
  if (partner === undefined) return null;
  const [forth, back] = asked.pair.way === 'forth' ? [sub, partner] : [partner, sub];
  const pair = { name: asked.pair.name, forth, back };
  const merged = mergedPair(sub, context);
  if (merged !== null) return isMergePending(merged, context) ? null : pair;
  return methodOf(forth, context)?.leavesRows === true ? null : pair;
};

const live = (sub: Subscription, context: PlanContext): Subscription | undefined =>
  have(context, 'subscription', sub.node, sub.name);

/**
 * Neither direction is there, or will be once those are dropped that are replaced: what either of them had
 * brought counts for nothing then, and the proof is as needed as for a pair that never was.
 */
export const isNewPair = ({ forth, back }: CopiedPair, context: PlanContext): boolean =>
  willBeCreated(forth, context) && willBeCreated(back, context);

export const copiedTablesOf = (
  resources: ReadonlyMap<Address, Resource>,
  { node, name }: Subscription,
): readonly QualifiedName[] =>
  [...resources.values()]
    .filter(isKind('copy'))
    .filter((copy) => copy.node === node && copy.spec.subscription === name)
    .map(({ spec }) => spec.table);

/** Nothing that was written on the second node can be missing on the first. */
export const leavesNoGap = (sub: Subscription, context: PlanContext): boolean => {
  const pair = copiedPair(sub, context);
  if (pair === null || pair.back.address !== sub.address) return false;
  if (isNewPair(pair, context)) return true;
  const { source, slot, publications } = sub.spec;
  // A replaced one loses its slot, and what was in it.
  if (source === null || slot === null || live(sub, context) !== undefined) return false;
  if (willBeCreated(pair.forth, context)) return false;
  // A run was interrupted after the proof: the slot has been there since, with the publication as it is.
  const tables = (spec: ResourceOf<'publication'>['spec'] | undefined): string =>
    (spec?.tables ?? []).map(({ table }) => formatName(table)).join('\n');
  return (
    have(context, 'slot', source, slot)?.owned === true &&
    publications.every(
      (name) =>
        tables(have(context, 'publication', source, name)?.spec) ===
        tables(want(context, 'publication', source, name)?.spec),
    )
  );
};

/** Tables that a running pair gets. */
export interface Growth {
  readonly tables: readonly QualifiedName[];
  /** The first node reads them already, and is paused: a run was interrupted. */
  readonly admitted: boolean;
  /** The first node reads some of them already: what is done to them on the second one is replicated. */
  readonly known: boolean;
}

/** The tables that are still to be copied forth; null: there are none, or the pair does not run yet. */
export const growthOf = (pair: CopiedPair, context: PlanContext): Growth | null => {
  const { forth, back } = pair;
  const returning = live(back, context);
  if (returning === undefined) return null;
  if (willBeCreated(forth, context) || willBeCreated(back, context)) return null;
  const copied = new Set(copiedTablesOf(context.have, forth).map(formatName));
  const tables = copiedTablesOf(context.want, forth).filter(
    (name) => !copied.has(formatName(name)),
  );
  if (tables.length === 0) return null;
  const read = new Set(copiedTablesOf(context.have, back).map(formatName));
  const known = tables.filter((name) => read.has(formatName(name)));
  return {
    tables,
    admitted: !returning.spec.enabled && known.length === tables.length,
    known: known.length > 0,
  };
};

/** The way back of a pair that takes in new tables: the same step stops it, for whatever else wants that. */
export const isPausedToGrow = (sub: Subscription, context: PlanContext): boolean => {
  const pair = copiedPair(sub, context);
  if (pair === null || pair.back.address !== sub.address) return false;
  return growthOf(pair, context)?.admitted === false;
};
