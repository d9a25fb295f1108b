// What a plan warns of besides the hazards that rules attach to their steps: one line for each judge.

import type { FoundHazard } from '../../model/hazard.ts';
import type { PlanContext } from '../context.ts';
import type { RuleResult } from '../draft.ts';
import { capacityHazards } from './capacity.ts';
import { foreignCodeHazards } from './foreign-code-hazards.ts';
import { loopHazards } from './loop.ts';
import { manualInitHazards } from './manual-init-hazards.ts';
import { privilegeHazards } from './privilege.ts';
import { nodeHazards } from './server-hazards.ts';
import { standingSlotHazards } from './slot-hazards.ts';
import { slotNameHazards } from './slot-names.ts';
import { takenSnapshotSlots } from './snapshot-hazards.ts';
import { tooNewHazards } from './too-new-hazards.ts';
import { touchedEdgeHazards } from './touched-edges.ts';
import { workerSettingHazards } from './worker-settings.ts';

type Judge = (steps: RuleResult['steps'], context: PlanContext) => readonly FoundHazard[];

const ofState =
  (judge: (context: PlanContext) => readonly FoundHazard[]): Judge =>
  (_steps, context) =>
    judge(context);

const judges: readonly Judge[] = [
  ofState(nodeHazards),
  ofState(standingSlotHazards),
  ofState(takenSnapshotSlots),
  ofState(tooNewHazards),
  slotNameHazards,
  capacityHazards,
  workerSettingHazards,
  privilegeHazards,
  ofState(loopHazards),
  ofState(manualInitHazards),
  touchedEdgeHazards,
  foreignCodeHazards,
];

/** All that the rules found, and all that the judges find in what they planned. */
export const findHazards = (
  { steps, hazards }: RuleResult,
  context: PlanContext,
): readonly FoundHazard[] => [...hazards, ...judges.flatMap((judge) => judge(steps, context))];
