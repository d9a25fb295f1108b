// Ownership given up: the row in steep_repl goes, the object itself is not touched.

import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { StepId } from '../../../model/step/step.ts';
import { type ChangeDraft, nothing, type RuleResult } from '../../draft.ts';
import { recordOwnership } from '../steps.ts';

export interface Forgetting {
  readonly summary: string;
  readonly why: string;
  readonly after?: readonly StepId[];
  readonly hazards?: readonly FoundHazard[];
}

export const forget = (
  resource: ChangeDraft['resource'],
  { summary, why, after = [], hazards = [] }: Forgetting,
): RuleResult => ({
  ...nothing,
  changes: [{ resource, action: 'forget', summary, details: [] }],
  steps: [
    recordOwnership(
      {
        node: resource.node,
        address: resource.address,
        why,
        afterIfPlanned: after,
        hazards,
        forgets: [resource.address],
      },
      {},
    ),
  ],
});
