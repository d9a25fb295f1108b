// What a plan warns of in addition to the hazards that rules attach to their steps: one line for each judge.

import type { FoundHazard } from '../../model/plan/hazard.ts';
import type { PlanContext } from '../context/context.ts';
import type { RuleResult } from '../draft.ts';
import { leftCopyHazards } from './copy/left-copy-hazards.ts';
import { manualInitHazards } from './copy/manual-init-hazards.ts';
import { takenSnapshotSlots } from './copy/snapshot-hazards.ts';
import { edgeGapHazards } from './edge/edge-gap-hazards.ts';
import { filterFaultHazards } from './edge/filter-faults.ts';
import { loopHazards } from './edge/loop.ts';
import { mergeHazards } from './edge/merge-hazards.ts';
import { originChainHazards } from './edge/origin-chain.ts';
import { pendingSkipHazards } from './edge/pending-skips.ts';
import { existingSlotHazards } from './edge/slot-hazards.ts';
import { slotNameHazards } from './edge/slot-names.ts';
import { tooNewHazards } from './edge/too-new-hazards.ts';
import { capacityHazards } from './server/capacity.ts';
import { eventTriggerHazards } from './server/event-trigger-hazards.ts';
import { foreignCodeHazards } from './server/foreign-code-hazards.ts';
import { foreignOwnerHazards } from './server/foreign-owners.ts';
import { privilegeHazards } from './server/privilege.ts';
import { nodeHazards } from './server/server-hazards.ts';
import { workerSettingHazards } from './server/worker-settings.ts';
import { touchedEdgeHazards } from './touched-edges.ts';

type Judge = (steps: RuleResult['steps'], context: PlanContext) => readonly FoundHazard[];

const ofState =
  (judge: (context: PlanContext) => readonly FoundHazard[]): Judge =>
  (_steps, context) =>
    judge(context);

const judges: readonly Judge[] = [
  ofState(nodeHazards),
  ofState(existingSlotHazards),
  ofState(takenSnapshotSlots),
  ofState(tooNewHazards),
  ofState(edgeGapHazards),
  ofState(pendingSkipHazards),
  slotNameHazards,
  capacityHazards,
  workerSettingHazards,
  privilegeHazards,
  ofState(loopHazards),
  ofState(mergeHazards),
  ofState(filterFaultHazards),
  ofState(foreignOwnerHazards),
  originChainHazards,
  ofState(manualInitHazards),
  ofState(leftCopyHazards),
  touchedEdgeHazards,
  foreignCodeHazards,
  eventTriggerHazards,
];

/** All that the rules found, and all that the judges find in what they planned. */
export const findHazards = (
  { steps, hazards }: RuleResult,
  context: PlanContext,
): readonly FoundHazard[] => [...hazards, ...judges.flatMap((judge) => judge(steps, context))];
