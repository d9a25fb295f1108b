// The steps of a pair whose nodes both hold rows: both subscriptions are created disabled, the rows are merged, and
// both begin where the nodes were locked.

import { formatName } from '../../../model/identifier.ts';
import { overwriteLimits, ruleOf } from '../../../model/state/merge.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { MergedTableStep, OwnershipRecord, StepId } from '../../../model/step/step.ts';
import type { PlanContext } from '../../context/context.ts';
import type { StepDraft } from '../../draft.ts';
import { slotAddress } from '../../facts/edges.ts';
import { awaitedOrigin } from '../../facts/manual-init.ts';
import { copiedTablesOf } from '../../facts/pairs/copied-pair.ts';
import {
  isMergePending,
  type MergedPair,
  mergedPair,
  mergeReadingOf,
} from '../../facts/pairs/merged-pair.ts';
import { ownershipOf } from '../rule.ts';
import * as steps from '../steps.ts';
import { publicationSteps } from '../subscription/edge-steps.ts';
import { resumedSteps } from './restored.ts';

type Subscription = ResourceOf<'subscription'>;

const pendingPair = (sub: Subscription, context: PlanContext): MergedPair | null => {
  const pair = mergedPair(sub, context);
  return pair !== null && isMergePending(pair, context) ? pair : null;
};

/** What a subscription of such a pair waits for before it is enabled. */
export const mergeNeeds = (sub: Subscription, context: PlanContext): readonly StepId[] => {
  const pair = mergedPair(sub, context);
  return pair === null ? [] : [steps.mergePair.id(pair.forth.address)];
};

/** One that waits for its rows is created disabled, and its row says why; null: it does not wait. */
export const waitingState = (
  sub: Subscription,
  context: PlanContext,
): { readonly enabled: false; readonly owns: OwnershipRecord } | null => {
  if (pendingPair(sub, context) === null) return null;
  const owns = ownershipOf(sub);
  const applied = { ...sub.spec, enabled: false, awaitsMerge: true };
  return { enabled: false, owns: { ...owns, applied } };
};

/** Of one that is changed: until it is enabled, it still waits for its merge, or to be told where to start. */
export const ownsWhileWaiting = (desired: Subscription, context: PlanContext): OwnershipRecord => {
  const waiting = waitingState(desired, context);
  if (waiting !== null) return waiting.owns;
  const owns = ownershipOf(desired);
  const awaitsOrigin = awaitedOrigin(desired, context.live);
  if (awaitsOrigin === null) return owns;
  return { ...owns, applied: { ...desired.spec, enabled: false, awaitsOrigin } };
};

const tablesOf = (pair: MergedPair, context: PlanContext): readonly MergedTableStep[] => {
  const read = new Map(
    (mergeReadingOf(pair, context)?.tables ?? []).map((it) => [formatName(it.table), it.losers]),
  );
  return copiedTablesOf(context.want, pair.forth).map((table) => {
    const name = formatName(table);
    const { strategy, modifiedColumn, tie } = ruleOf(pair.settings, name);
    const { a, b } = overwriteLimits(pair.settings, name, read.get(name) ?? { a: 0, b: 0 });
    return { table, strategy, modifiedColumn, tie, overwrittenFirst: a, overwrittenSecond: b };
  });
};

/** Planned once, with the subscription of the second node. */
export const mergeSteps = (sub: Subscription, context: PlanContext): readonly StepDraft[] => {
  const pair = pendingPair(sub, context);
  if (pair === null || pair.forth.address !== sub.address) return [];
  const { name, a, b, forth, back, settings } = pair;
  const [publicationForth] = forth.spec.publications;
  const [publicationBack] = back.spec.publications;
  const { slot: slotForth } = forth.spec;
  const { slot: slotBack } = back.spec;
  if (slotForth === null || slotBack === null) return [];
  if (publicationForth === undefined || publicationBack === undefined) return [];
  return [
    steps.mergePair(
      {
        node: b,
        address: forth.address,
        why: `nodes ${a} and ${b} both hold rows, and pair ${name} needs the same ones on both`,
        afterIfPlanned: [forth, back].flatMap((it) => [
          ...publicationSteps(it),
          steps.createSlot.id(slotAddress(it) ?? ''),
          steps.createSubscription.id(it.address),
        ]),
      },
      {
        pair: name,
        first: a,
        forth: { subscription: forth.name, slot: slotForth, publication: publicationForth },
        back: { subscription: back.name, slot: slotBack, publication: publicationBack },
        tables: tablesOf(pair, context),
        decisions: mergeReadingOf(pair, context)?.decisions ?? null,
        maxLockMs: settings.maxLockMs,
      },
    ),
  ];
};

/** Of one that this plan creates: enabled once the rows are merged. One that waits already is enabled as any other. */
export const enableAfterMerge = (sub: Subscription, context: PlanContext): readonly StepDraft[] => {
  if (pendingPair(sub, context) === null || !sub.spec.enabled) return [];
  return [
    steps.enableSubscription(
      {
        node: sub.node,
        address: sub.address,
        why: 'the rows of both nodes are the same',
        after: mergeNeeds(sub, context),
        owns: ownershipOf(sub),
      },
      { subscription: sub.name },
    ),
  ];
};

/** What a subscription that an interrupted run left disabled waits for. */
export const waitingSteps = (sub: Subscription, context: PlanContext): readonly StepDraft[] => [
  ...resumedSteps(sub, context),
  ...mergeSteps(sub, context),
];
