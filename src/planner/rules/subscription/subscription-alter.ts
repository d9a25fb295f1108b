// Changes of a subscription in place. The order keeps apply alive and every restart of a run safe:
// what needs a running worker, disable, what needs a stopped one, enable, refresh.

import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { addressOf, type NodeName } from '../../../model/state/address.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { StepId } from '../../../model/step/step.ts';
import { have, type PlanContext } from '../../context/context.ts';
import { nothing, type RuleResult, type StepDraft } from '../../draft.ts';
import { type Alteration, alterationDetails, alterationOf } from '../../facts/alteration.ts';
import { slotAddress } from '../../facts/edges.ts';
import { isPausedToGrow } from '../../facts/pairs/copied-pair.ts';
import { missingSlotHazard } from '../../hazards/edge/lost-slots.ts';
import { needsRunning } from '../../hazards/edge/needs-running.ts';
import { unreadSlotHazard } from '../../hazards/edge/slot-hazards.ts';
import { publicationTooNew, slotMissingOnAlter } from '../../hazards/edge/subscription-hazards.ts';
import { secretHazards } from '../../hazards/server/secret-hazards.ts';
import { formerSteps } from '../../too-new/too-new-steps.ts';
import { mergeNeeds, ownsWhileWaiting, waitingSteps } from '../copy/merge-steps.ts';
import { pairNeeds } from '../copy/pair-steps.ts';
import { waitForOldReader } from '../publication/publication-alias-steps.ts';
import { ownershipOf } from '../rule.ts';
import * as steps from '../steps.ts';
import { publicationSteps, stopSteps } from './edge-steps.ts';
import { tryConnection } from './try-subscription.ts';

type Subscription = ResourceOf<'subscription'>;

const common = ({ desired, context }: Alteration, why: string, after: readonly StepId[]) => ({
  node: desired.node,
  address: desired.address,
  why,
  afterIfPlanned: after,
  owns: ownsWhileWaiting(desired, context),
});

const onlineSteps = (alteration: Alteration): readonly StepDraft[] => {
  const { desired, online, newConnection, context } = alteration;
  const names = [...(newConnection ? ['connection'] : []), ...Object.keys(online)];
  if (names.length === 0) return [];
  const tried = newConnection ? tryConnection(desired) : [];
  return [
    ...tried,
    steps.alterSubscription(
      {
        ...common(
          alteration,
          `steep.yaml gives subscription ${desired.name} another ${names.join(', ')}`,
          tried.map(({ id }) => id),
        ),
        hazards: newConnection ? secretHazards(desired, context) : [],
      },
      {
        subscription: desired.name,
        source: desired.spec.source,
        setConnection: newConnection,
        options: online,
      },
    ),
  ];
};

/** A new publication may be used once all WAL from before it is applied: see PUBLICATION_TOO_NEW. */
const waitForPublications = (alteration: Alteration): readonly StepDraft[] => {
  const { live, desired, newSenders } = alteration;
  // An unrecognized source is assumed to be the intended one: its slot is there.
  const source = live.spec.source ?? desired.spec.source;
  // One that has stopped reads on from the slot that it is going to have.
  const slot = live.spec.enabled ? live.spec.slot : desired.spec.slot;
  if (newSenders.length === 0 || source === null || slot === null) return [];
  return [
    steps.waitForSlot(
      {
        node: source,
        address: addressOf(source, 'slot', slot),
        why: `${desired.address} must have applied everything older than its new publications`,
        afterIfPlanned: [
          ...publicationSteps(desired),
          steps.createSlot.id(addressOf(source, 'slot', slot)),
          steps.alterSubscription.id(desired.address),
          ...(live.spec.enabled ? [] : [steps.enableSubscription.id(desired.address)]),
        ],
        hazards: publicationTooNew(alteration),
      },
      { slot, untilSlot: null },
    ),
  ];
};

const publicationChangeSteps = (alteration: Alteration): readonly StepDraft[] => {
  const { live, desired, newPublications, context } = alteration;
  if (!newPublications) return [];
  const wait = formerSteps(live, desired, context) ?? waitForPublications(alteration);
  return [
    ...wait,
    steps.setPublications(
      common(alteration, `steep.yaml gives subscription ${desired.name} other publications`, [
        ...publicationSteps(desired),
        ...wait.map(({ id }) => id),
      ]),
      { subscription: desired.name, publications: desired.spec.publications },
    ),
  ];
};

/** Without the old slot, or without a reader of it, the wait for it would never end. */
const oldSlotHazards = (
  live: Subscription,
  desired: Subscription,
  source: NodeName,
  context: PlanContext,
): readonly FoundHazard[] => {
  const name = live.spec.slot;
  return name !== null && have(context, 'slot', source, name) === undefined
    ? missingSlotHazard(live, { node: source, name })
    : unreadSlotHazard(live, desired, context);
};

/** The new slot exists first, and the old one is read past its start: no gap, and nothing twice. */
const slotChangeSteps = (alteration: Alteration): readonly StepDraft[] => {
  const { live, desired, newSlot, context } = alteration;
  const { source, slot } = desired.spec;
  if (!newSlot || source === null || slot === null) return [];
  const created = steps.createSlot.id(slotAddress(desired) ?? '');
  const wait =
    live.spec.slot === null
      ? []
      : [
          steps.waitForSlot(
            {
              node: source,
              address: addressOf(source, 'slot', live.spec.slot),
              why: `${desired.address} must have applied everything older than slot ${slot}`,
              afterIfPlanned: [created],
            },
            { slot: live.spec.slot, untilSlot: slot },
          ),
        ];
  return [
    ...wait,
    steps.setSlot(
      {
        ...common(alteration, `steep.yaml gives subscription ${desired.name} another slot`, [
          created,
          ...stopSteps(desired),
          ...wait.map(({ id }) => id),
        ]),
        hazards: [
          ...slotMissingOnAlter(live, desired, context),
          ...oldSlotHazards(live, desired, source, context),
        ],
      },
      { subscription: desired.name, slot },
    ),
  ];
};

const offlineSteps = (alteration: Alteration): readonly StepDraft[] =>
  Object.entries(alteration.offline).map(([option, value]) =>
    steps.setSubscriptionOption(
      common(
        alteration,
        `steep.yaml gives subscription ${alteration.desired.name} another ${option}`,
        stopSteps(alteration.desired),
      ),
      { subscription: alteration.desired.name, option, value },
    ),
  );

const switchSteps = (
  alteration: Alteration,
  whileRunning: readonly StepDraft[],
  whileStopped: readonly StepDraft[],
): readonly StepDraft[] => {
  const { live, desired, context } = alteration;
  const stop = live.spec.enabled && (whileStopped.length > 0 || !desired.spec.enabled);
  const start = desired.spec.enabled && (stop || !live.spec.enabled);
  const disable =
    stop && !isPausedToGrow(desired, context)
      ? [
          steps.disableSubscription(
            common(
              alteration,
              whileStopped.length > 0 ? 'it must be stopped for the next change' : 'enabled: false',
              whileRunning.map(({ id }) => id),
            ),
            { subscription: desired.name },
          ),
        ]
      : [];
  const why = stop ? 'it was stopped for a change' : 'enabled: true';
  const after = [
    ...stopSteps(desired),
    ...whileStopped.map(({ id }) => id),
    steps.alterSubscription.id(desired.address),
    steps.setPublications.id(desired.address, 'aside'),
    ...pairNeeds(desired, context),
    ...mergeNeeds(desired, context),
  ];
  const enable = start
    ? [
        steps.enableSubscription(
          { ...common(alteration, why, after), owns: ownershipOf(desired) },
          { subscription: desired.name },
        ),
      ]
    : [];
  return [...disable, ...enable];
};

/** Plans every difference by ALTER SUBSCRIPTION; the slot and its position stay. */
export const planAlterations = (
  live: Subscription,
  desired: Subscription,
  context: PlanContext,
): RuleResult => {
  const alteration = alterationOf(live, desired, context);
  const online = onlineSteps(alteration);
  const slotSteps = slotChangeSteps(alteration);
  const waits = slotSteps.filter(({ kind }) => kind === 'wait-for-slot');
  const oldReader = waitForOldReader(desired, context);
  const stopped = [
    ...slotSteps.filter(({ kind }) => kind !== 'wait-for-slot'),
    ...offlineSteps(alteration),
    ...(oldReader === null ? [] : [oldReader]),
    ...waitingSteps(desired, context),
  ];
  const running = [...publicationChangeSteps(alteration), ...waits];
  const planned = [...online, ...running, ...stopped, ...switchSteps(alteration, running, stopped)];
  const adopts = !live.owned && planned.length === 0;
  const record = steps.recordOwnership(
    common(alteration, `ownership of subscription ${desired.name}`, []),
    {},
  );
  return {
    ...nothing,
    changes: [
      {
        resource: desired,
        action: adopts ? 'adopt' : 'change',
        summary: adopts ? 'matches steep.yaml: managed by steep from now on' : 'in place',
        details: alterationDetails(alteration),
      },
    ],
    steps: planned.length > 0 ? planned : [record],
    hazards: needsRunning(live, desired, context),
  };
};
