// An initial copy that is under way, or that a run has left behind, is rolled back: rows as far as it is known whose
// they are, subscription, slot, and the publications that were made for it.

import { formatName, type QualifiedName } from '../../../model/identifier.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { addressOf } from '../../../model/state/address.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { UnfinishedCopy } from '../../../model/state/state.ts';
import type { StepId } from '../../../model/step/step.ts';
import { have, isKind, type PlanContext } from '../../context/context.ts';
import { underWay } from '../../context/reinit-subscription.ts';
import { combine, nothing, type RuleResult, type StepDraft } from '../../draft.ts';
import { temporaryFor } from '../../facts/copied-publication.ts';
import { slotAddress } from '../../facts/edges.ts';
import { truncated } from '../../facts/emptied-together.ts';
import { tablesOf, unfinishedCopy } from '../../facts/initial-copy.ts';
import { allUnfinished, coveredTables } from '../../facts/left-copies.ts';
import {
  isMergePending,
  type MergedPair,
  mergedPair,
  mergeReadingOf,
} from '../../facts/pairs/merged-pair.ts';
import {
  cancelBlocked,
  cancelHazard,
  mergeCancelled,
  mergeCommitted,
  slotOutOfReach,
} from '../../hazards/copy/cancel-hazards.ts';
import { emptiesForOthers, notItsSlot } from '../../hazards/copy/interrupted-copy-hazards.ts';
import { obstacles } from '../../hazards/copy/reinit-hazards.ts';
import { initMethods } from '../../init/methods/index.ts';
import * as steps from '../steps.ts';
import { cancelPrepared } from './cancel-prepared.ts';

type Subscription = ResourceOf<'subscription'>;

const why = (sub: Subscription): string => `the initial copy of ${sub.name} is cancelled`;

const dropSlot = (
  sub: Subscription,
  slot: string,
  after: readonly StepId[],
  context: PlanContext,
  unfinished?: UnfinishedCopy,
): readonly StepDraft[] => {
  const node = sub.spec.source ?? '';
  const found = have(context, 'slot', node, slot);
  if (found?.owned !== true) return [];
  const address = addressOf(node, 'slot', slot);
  const hazards = unfinished === undefined ? [] : notItsSlot(sub, unfinished, found, context);
  const common = {
    node,
    address,
    why: why(sub),
    afterIfPlanned: after,
    hazards,
    forgets: [address],
  };
  return [steps.dropSlot(common, { slot })];
};

/** Publications that are only there to make the subscription. */
const dropTemporaries = (
  sub: Subscription,
  after: readonly StepId[],
  context: PlanContext,
): readonly StepDraft[] =>
  [...context.have.values()]
    .filter(isKind('publication'))
    .filter((found) => temporaryFor(found, context) === sub.address)
    .map(({ node, address, name: publication }) =>
      steps.dropPublication(
        { node, address, why: why(sub), afterIfPlanned: after, forgets: [address] },
        { publication },
      ),
    );

const cancelled = (sub: Subscription, planned: readonly StepDraft[]): RuleResult => ({
  ...nothing,
  changes: [
    { resource: sub, action: 'drop', summary: 'its initial copy is cancelled', details: [] },
  ],
  steps: planned,
});

/** Of a copy without a subscription it is the last step: until then it is known whose the rest is. */
const undoStep = (
  sub: Subscription,
  tables: readonly QualifiedName[],
  hazards: readonly FoundHazard[],
  rest: { readonly ends?: true; readonly checkpointsKey?: string },
): StepDraft => {
  const { node, address, name: subscription } = sub;
  const after = [steps.dropSlot.id(slotAddress(sub) ?? ''), steps.truncateTables.id(address)];
  const common = { node, address, why: why(sub), afterIfPlanned: after, hazards };
  return steps.undoCopy(common, { subscription, tables, ...rest });
};

/** Of a copy by steep without a subscription yet: its copy checkpoints tell which rows are its own. */
const undo = (sub: Subscription, unfinished: UnfinishedCopy, context: PlanContext): RuleResult => {
  const { slot, checkpointsKey } = unfinished;
  // All that it may have filled until then: it continues while this is read. Some may be published no more.
  const may = [...tablesOf(sub, context), ...coveredTables(unfinished)];
  const tables = [...new Map(may.map((table) => [formatName(table), table])).values()];
  const key = checkpointsKey === undefined ? {} : { checkpointsKey };
  const hazards = [
    cancelHazard(sub, tables, 'emptied'),
    ...emptiesForOthers(sub, coveredTables(unfinished), context),
    ...slotOutOfReach(sub, context),
  ];
  return cancelled(sub, [
    ...dropSlot(sub, slot, [], context, unfinished),
    ...dropTemporaries(sub, [], context),
    undoStep(sub, tables, hazards, { ends: true, ...key }),
  ]);
};

/** One that the file does not have, or that a user is to fill now: what is on record of its copy tells all. */
const cancelLeft = (context: PlanContext): readonly RuleResult[] =>
  allUnfinished(context)
    .filter(({ sub }) => context.cancel.includes(sub.address) && !context.want.has(sub.address))
    .filter(({ sub }) => have(context, 'subscription', sub.node, sub.name) === undefined)
    .map(({ sub, unfinished }) => undo(sub, unfinished, context));

/** Rows of a copy by PostgreSQL: nothing tells them from what was there before. */
const copiedTables = (sub: Subscription, context: PlanContext): readonly QualifiedName[] =>
  [...context.have.values()]
    .filter(isKind('copy'))
    .filter(({ node, spec }) => node === sub.node && spec.subscription === sub.name)
    .filter(({ observed }) => observed?.syncState !== 'i' && observed?.syncState !== 'd')
    .map(({ spec }) => spec.table);

/** A copy by steep began with empty tables: what is in them is its own, as long as no other session adds rows. */
const emptied = (live: Subscription, context: PlanContext): readonly QualifiedName[] => {
  const running = underWay(live, context);
  if (running === undefined || !initMethods[running.method].ownsRows) return [];
  const slot = have(context, 'slot', live.spec.source ?? '', live.spec.slot ?? '');
  if (slot?.owned === false) return [];
  const tables = tablesOf(live, context);
  return obstacles(live, tables, context).length === 0 ? tables : [];
};

/** The subscription goes last: without it, nothing would tell whose slot and whose rows they were. */
const drop = (live: Subscription, context: PlanContext): RuleResult => {
  const { node, address, name: subscription } = live;
  const common = { node, address, why: why(live) };
  const disable = live.spec.enabled ? [steps.disableSubscription(common, { subscription })] : [];
  const stopped = disable.map(({ id }) => id);
  const slot = dropSlot(live, live.spec.slot ?? '', stopped, context);
  const after = [...stopped, ...slot.map(({ id }) => id)];
  const tables = emptied(live, context);
  const rows =
    tables.length > 0
      ? [
          steps.truncateTables(
            { ...common, afterIfPlanned: after },
            { subscription, ...truncated(node, tables, context) },
          ),
          undoStep(live, [], [], {}),
        ]
      : [];
  const hazard =
    tables.length > 0
      ? cancelHazard(live, tables, 'emptied')
      : cancelHazard(live, copiedTables(live, context), 'left');
  const gone = steps.dropSubscription(
    {
      ...common,
      afterIfPlanned: [...after, ...rows.map(({ id }) => id)],
      hazards: [hazard],
      forgets: [address],
    },
    { subscription, cancels: true },
  );
  return cancelled(live, [
    ...disable,
    ...slot,
    ...rows,
    gone,
    ...dropTemporaries(live, [gone.id], context),
  ]);
};

/** Nothing of it is written: its subscription and its slot go. Rows that one node has committed cannot be rolled back. */
const cancelMerge = (sub: Subscription, pair: MergedPair, context: PlanContext): RuleResult => {
  const written = mergeReadingOf(pair, context)?.written ?? 'first';
  if (written !== 'none') return { ...nothing, hazards: [mergeCommitted(sub, pair)] };
  const live = have(context, 'subscription', sub.node, sub.name);
  if (live?.owned === false) return nothing;
  const slot = dropSlot(sub, live?.spec.slot ?? sub.spec.slot ?? '', [], context);
  const reason = `the merge of pair ${pair.name} is cancelled`;
  const planned =
    live === undefined
      ? slot
      : [
          ...slot,
          steps.dropSubscription(
            {
              node: live.node,
              address: live.address,
              why: reason,
              afterIfPlanned: slot.map(({ id }) => id),
              hazards: [mergeCancelled(sub, pair)],
              forgets: [live.address],
            },
            { subscription: live.name, cancels: true },
          ),
        ];
  if (planned.length === 0) return nothing;
  const change = { resource: live ?? sub, action: 'drop', summary: reason, details: [] } as const;
  return { ...nothing, changes: [change], steps: planned };
};

const cancelOne = (sub: Subscription, context: PlanContext): RuleResult => {
  const live = have(context, 'subscription', sub.node, sub.name);
  const pair = mergedPair(sub, context);
  if (pair !== null && isMergePending(pair, context)) return cancelMerge(sub, pair, context);
  const reinit = context.reinits.find((it) => it.sub.address === sub.address);
  if (reinit !== undefined) {
    const names = reinit.tables.map(formatName);
    return { ...drop(reinit.live, context), hazards: [cancelBlocked(sub, names)] };
  }
  if (live !== undefined)
    return live.owned && underWay(sub, context) !== undefined ? drop(live, context) : nothing;
  const unfinished = unfinishedCopy(sub, context);
  return unfinished === undefined ? nothing : undo(sub, unfinished, context);
};

/** Everything that a plan with `cancel` does. */
export const planCancels = (context: PlanContext): RuleResult =>
  combine([
    ...[...context.want.values()]
      .filter(isKind('subscription'))
      .filter(({ address }) => context.cancel.includes(address))
      .map((sub) => cancelOne(sub, context)),
    ...context.desired.subscriptions
      .filter(({ node, name }) => context.cancel.includes(addressOf(node, 'subscription', name)))
      .map((sub) => cancelPrepared(sub, context)),
    ...cancelLeft(context),
  ]);
