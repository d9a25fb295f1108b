// A pair whose two nodes both hold rows, and whether they are still to be merged: its subscriptions say so, from the
// moment they are created until they are enabled.

import { formatName, type QualifiedName } from '../../../model/identifier.ts';
import type { NodeName } from '../../../model/state/address.ts';
import type { MergeReading, MergeRule, MergeSettings } from '../../../model/state/merge.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { TableIndex } from '../../complete/published-tables.ts';
import { desiredSubscription, have, type PlanContext, want } from '../../context/context.ts';
import { methodOf } from '../../init/methods/index.ts';
import { willBeCreated } from '../edges.ts';

type Subscription = ResourceOf<'subscription'>;

export interface MergedPair {
  readonly name: string;
  /** The first and the second node. */
  readonly a: NodeName;
  readonly b: NodeName;
  /** Of the second node, and of the first. */
  readonly forth: Subscription;
  readonly back: Subscription;
  readonly settings: MergeSettings;
}

/** The pair that a desired subscription belongs to; null: none, or one that is not merged. */
export const mergedPair = (sub: Subscription, context: PlanContext): MergedPair | null => {
  const asked = desiredSubscription(context, sub.node, sub.name);
  if (asked?.pair == null || asked.merge === undefined) return null;
  if (methodOf(sub, context)?.merges !== true) return null;
  const partner = want(context, 'subscription', asked.source, asked.pair.partner);
  if (partner === undefined) return null;
  const [forth, back] = asked.pair.way === 'forth' ? [sub, partner] : [partner, sub];
  const { name } = asked.pair;
  const settings = ruledByParents(asked.merge, context.tables.get(back.node));
  return { name, a: back.node, b: forth.node, forth, back, settings };
};

/** The file names partitioned tables, and rows are in their partitions: the nearest rule above one decides it. */
const ruledByParents = (settings: MergeSettings, tables: TableIndex = new Map()): MergeSettings => {
  const nearest = (name: QualifiedName): MergeRule | undefined => {
    const parent = tables.get(formatName(name))?.parent ?? null;
    return settings.tables[formatName(name)] ?? (parent === null ? undefined : nearest(parent));
  };
  const below = [...tables.values()].flatMap(({ name }) => {
    const rule = nearest(name);
    return rule === undefined ? [] : [[formatName(name), rule] as const];
  });
  return { ...settings, tables: { ...settings.tables, ...Object.fromEntries(below) } };
};

/** It was created to be merged, and waits. */
const awaitsMerge = ({ node, address }: Subscription, { live }: PlanContext): boolean => {
  const row = live.nodes[node]?.applied?.find((it) => it.address === address);
  return row?.kind === 'subscription' && row.awaitsMerge === true;
};

/** It is there, disabled: enabled, it would take rows for merged that are not. */
export const waitsForMerge = (sub: Subscription, context: PlanContext): boolean =>
  awaitsMerge(sub, context) &&
  have(context, 'subscription', sub.node, sub.name)?.spec.enabled === false;

const isWaiting = (sub: Subscription, context: PlanContext): boolean =>
  willBeCreated(sub, context) || waitsForMerge(sub, context);

/** One that is there and does not wait has been let go already: the rows are merged. */
export const isMergePending = ({ forth, back }: MergedPair, context: PlanContext): boolean =>
  isWaiting(forth, context) && isWaiting(back, context);

/** Both directions are there, and neither waits. */
export const isInPlace = ({ forth, back }: MergedPair, context: PlanContext): boolean =>
  !willBeCreated(forth, context) &&
  !willBeCreated(back, context) &&
  !waitsForMerge(forth, context) &&
  !waitsForMerge(back, context);

/** One direction is to be created beside one that replicates: what it would bring has been missed. */
export const isHalfMerged = ({ forth, back }: MergedPair, context: PlanContext): boolean =>
  willBeCreated(forth, context) !== willBeCreated(back, context) &&
  !(isWaiting(forth, context) && isWaiting(back, context));

export const mergeReadingOf = (
  { forth }: MergedPair,
  { live }: PlanContext,
): MergeReading | undefined => live.merges?.[forth.address];
