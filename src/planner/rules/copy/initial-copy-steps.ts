// The steps of an initial copy by steep: new, again, or continued from what an interrupted one has finished.

import { addressOf } from '../../../model/state/address.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { StepId } from '../../../model/step/step.ts';
import { desiredSubscription, type PlanContext } from '../../context/context.ts';
import type { StepDraft } from '../../draft.ts';
import { copiedPublication } from '../../facts/copied-publication.ts';
import { truncated } from '../../facts/emptied-together.ts';
import { existingSlot, type InitialCopy, tablesOf } from '../../facts/initial-copy.ts';
import { tablesToDump } from '../../facts/large-tables.ts';
import { newSlotOptions } from '../../facts/new-copy.ts';
import { emptiesForOthers, notItsSlot } from '../../hazards/copy/interrupted-copy-hazards.ts';
import { truncateHazards } from '../../hazards/copy/nonempty-hazards.ts';
import { createdSlotHazards } from '../../hazards/edge/slot-hazards.ts';
import { ownershipOf } from '../rule.ts';
import * as steps from '../steps.ts';
import { publicationSteps } from '../subscription/edge-steps.ts';
import { continueSteps, unlessAgreed } from './continued-copy-steps.ts';
import { loadSteps } from './from-snapshot.ts';
import { verifySteps } from './pair-steps.ts';

type Subscription = ResourceOf<'subscription'>;

/** What the creation of a subscription waits for, whichever way its rows come. */
export const initialCopyNeeds = (sub: Subscription): readonly StepId[] => [
  steps.copyTables.id(sub.address),
  steps.loadSnapshot.id(sub.address),
  steps.settleCopy.id(sub.address),
  steps.truncateTables.id(sub.address),
  steps.createPublication.id(copiedPublication(sub, []).address),
];

/** Tables that hold rows of another owner, or are filled again, where the plan was asked to empty them. */
export const truncateSteps = (sub: Subscription, context: PlanContext): readonly StepDraft[] => {
  const { hazards, tables } = truncateHazards(sub, tablesOf(sub, context), context);
  if (tables.length === 0) return [];
  const { node, address, name: subscription } = sub;
  const why = context.whole.emptied.has(address)
    ? `${subscription} is copied again, and an initial copy needs empty tables`
    : `--force: an initial copy needs empty tables`;
  // Until it is gone, the old subscription brings rows.
  const after = [steps.dropSubscription.id(address)];
  return [
    steps.truncateTables(
      { node, address, why, hazards, afterIfPlanned: after },
      { subscription, ...truncated(node, tables, context) },
    ),
  ];
};

const copy = (sub: Subscription, context: PlanContext): readonly StepDraft[] => {
  const { node, address, name: subscription, spec } = sub;
  const { source, slot, publications } = spec;
  const asked = desiredSubscription(context, node, subscription);
  if (source === null || slot === null) return [];
  const tables = tablesOf(sub, context);
  const dumped = tablesToDump(sub, tables, context)
    .filter(({ notDumped }) => notDumped === null)
    .map(({ table }) => table);
  return [
    ...truncateSteps(sub, context),
    steps.copyTables(
      {
        node,
        address,
        why: `subscription ${subscription} starts at the position of this copy`,
        afterIfPlanned: [
          ...publicationSteps(sub),
          ...verifySteps(sub, context).map(({ id }) => id),
          steps.createSlot.id(addressOf(source, 'slot', slot)),
          steps.truncateTables.id(address),
          steps.undoCopy.id(address),
        ],
      },
      {
        subscription,
        source,
        slot,
        publications,
        tables,
        workers: asked?.copyWorkers ?? 1,
        ...(asked?.holdTables === true && { holdTables: true as const }),
        ...(dumped.length === 0 ? {} : { dumped }),
        ...(context.unchecked && { unchecked: true as const }),
      },
    ),
  ];
};

type Interrupted = Pick<InitialCopy & { readonly way: 'again' }, 'unfinished' | 'because'>;

/** An interrupted copy is undone; its slot has no snapshot any more. One that may not be its own needs consent. */
const rollBack = (
  sub: Subscription,
  { unfinished, because }: Interrupted,
  continues: StepId,
  context: PlanContext,
): readonly StepDraft[] => {
  const { node, address, name: subscription, spec } = sub;
  const { source, slot } = spec;
  const live = existingSlot(sub, context);
  const { filled, checkpointsKey } = unfinished;
  const why = `an interrupted copy of ${subscription} ${because === null ? 'has finished no table' : `cannot be used: ${because}`}`;
  const key = checkpointsKey === undefined ? {} : { checkpointsKey };
  const emptied = emptiesForOthers(sub, filled, context);
  const undo = steps.undoCopy(
    { node, address, why, ...unlessAgreed(emptied, continues) },
    { subscription, tables: filled, ...key },
  );
  if (source === null || slot === null || live === undefined) return [undo];
  const hazards = notItsSlot(sub, unfinished, live, context);
  const agreed = hazards.length === 0 ? { continues } : {};
  const common = { node: source, address: addressOf(source, 'slot', slot), why, ...agreed };
  return [
    undo,
    steps.dropSlot({ ...common, after: [undo.id], hazards, forgets: [common.address] }, { slot }),
    steps.createSlot(
      {
        ...common,
        afterIfPlanned: [steps.dropSlot.id(common.address), ...publicationSteps(sub)],
        hazards: createdSlotHazards(live, context),
        owns: ownershipOf({ ...live, owned: true }),
      },
      { slot, plugin: live.spec.plugin, ...newSlotOptions(sub, context) },
    ),
  ];
};

type Planned = {
  readonly [W in InitialCopy['way']]: (
    sub: Subscription,
    first: InitialCopy & { readonly way: W },
    context: PlanContext,
  ) => readonly StepDraft[];
};

/** A way that is not in it does not compile. */
const stepsOf: Planned = {
  none: () => [],
  native: () => [],
  parallel: (sub, _first, context) => copy(sub, context),
  again: (sub, first, context) => [
    ...rollBack(sub, first, steps.copyTables.id(sub.address), context),
    ...copy(sub, context),
  ],
  snapshot: (sub, { unfinished }, context) => {
    const because = 'steep.yaml names another snapshot or another method';
    const continues = steps.loadSnapshot.id(sub.address);
    return [
      ...(unfinished === undefined
        ? []
        : rollBack(sub, { unfinished, because }, continues, context)),
      ...truncateSteps(sub, context),
      ...loadSteps(sub, context),
    ];
  },
  continue: (sub, { finished }, context) => continueSteps(sub, finished, context),
};

/** The steps in addition to slot and subscription that fill a subscription which this plan creates. */
export const initialCopySteps = <W extends InitialCopy['way']>(
  sub: Subscription,
  first: InitialCopy & { readonly way: W },
  context: PlanContext,
): readonly StepDraft[] => stepsOf[first.way](sub, first, context);

/** The publication that a subscription is created on, where some of its tables are copied already. */
export const copiedBefore = (
  sub: Subscription,
  first: InitialCopy,
  context: PlanContext,
): string | null =>
  first.way === 'continue' && first.finished.length < tablesOf(sub, context).length
    ? copiedPublication(sub, first.finished).name
    : null;
