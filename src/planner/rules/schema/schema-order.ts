// Nothing is sent to a subscriber before it can hold it: what opens a flow waits for what was added.

import type { NodeName } from '../../../model/state/address.ts';
import { stepTraits } from '../../../model/step/step-traits.ts';
import type { PlanContext } from '../../context/context.ts';
import type { StepDraft } from '../../draft.ts';
import { lastAddition } from './schema-steps.ts';

const receivers = ({ kind, node }: StepDraft, context: PlanContext): readonly NodeName[] => {
  const { flow } = stepTraits[kind];
  if (flow === 'receives') return [node];
  if (flow === null) return [];
  return context.desired.subscriptions.flatMap((sub) => (sub.source === node ? [sub.node] : []));
};

export const afterSchemas = (step: StepDraft, context: PlanContext): StepDraft => ({
  ...step,
  needs: [
    ...step.needs,
    ...receivers(step, context).flatMap((node) => lastAddition(node, context) ?? []),
  ],
});
