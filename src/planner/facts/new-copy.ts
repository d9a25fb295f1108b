// How a subscription that this plan creates gets its rows, as its method decides, and what its slot has to be like.

import type { ResourceOf } from '../../model/state/resource.ts';
import type { CreateSlot, SnapshotReader } from '../../model/step/step.ts';
import { desiredSubscription, type PlanContext } from '../context/context.ts';
import { initMethods } from '../init/methods/index.ts';
import { temporaryFor } from './copied-publication.ts';
import { slotOptions, willBeCreated } from './edges.ts';
import { type InitialCopy, publicationsDigest, type WayTraits, wayTraits } from './initial-copy.ts';
import { copiesRows } from './manual-init.ts';
import { snapshotFactsOf } from './snapshot/loaded-tables.ts';

type Subscription = ResourceOf<'subscription'>;

/** Decides for a subscription that this plan creates. */
export const initialCopyOf = (sub: Subscription, context: PlanContext): InitialCopy => {
  const asked = desiredSubscription(context, sub.node, sub.name);
  if (asked === undefined || !copiesRows(asked, true)) return { way: 'none' };
  return initMethods[asked.init].begin(sub, context);
};

/** What its way means for the rest of a plan. */
export const wayOf = (sub: Subscription, context: PlanContext): WayTraits =>
  wayTraits[initialCopyOf(sub, context).way];

/** Who copies at the snapshot of a slot that this plan makes; null: none does. */
export const snapshotReader = (
  sub: Subscription | undefined,
  context: PlanContext,
): SnapshotReader | null => {
  if (sub === undefined || !willBeCreated(sub, context)) return null;
  if (wayOf(sub, context).stores !== 'copy-tables') return null;
  const digest = publicationsDigest(sub, context);
  return { node: sub.node, subscription: sub.name, publicationsDigest: digest };
};

/** Where a slot begins that this plan makes for a subscription, and who copies at it. */
export const newSlotOptions = (
  sub: Subscription | undefined,
  context: PlanContext,
): Pick<CreateSlot, 'failover' | 'snapshotFor' | 'copiedFrom'> => {
  const made = { ...slotOptions(sub, context), snapshotFor: snapshotReader(sub, context) };
  if (sub === undefined || !willBeCreated(sub, context)) return made;
  const loads = wayOf(sub, context).stores === 'load-snapshot';
  const facts = loads ? snapshotFactsOf(sub, context) : null;
  if (facts === null || facts.slot === null) return made;
  const { slot, lsn, snapshotId } = facts;
  const { node, name: subscription } = sub;
  return { ...made, copiedFrom: { slot, lsn, snapshotId, node, subscription } };
};

/** This plan creates the subscription that the publication was made for, on what is copied already. */
export const isUsedToContinue = (
  publication: ResourceOf<'publication'>,
  context: PlanContext,
): boolean => {
  const reader = context.want.get(temporaryFor(publication, context) ?? '');
  if (reader?.kind !== 'subscription' || !willBeCreated(reader, context)) return false;
  return initialCopyOf(reader, context).way === 'continue';
};
