// What rules plan, before it is put in order: changes for people, steps for machines, hazards with their sentences.

import type { FoundHazard } from '../model/plan/hazard.ts';
import type { ChangeAction, ChangeDetail } from '../model/plan/plan.ts';
import type { AddressKind } from '../model/state/address.ts';
import type { Resource } from '../model/state/resource.ts';
import type { Step, StepId } from '../model/step/step.ts';

/** A step with the sentences of its hazards; the plan keeps those apart, since they hold live numbers. */
export type StepDraft<S extends Step = Step> = S extends Step
  ? Omit<S, 'hazards'> & {
      readonly hazards: readonly FoundHazard[];
      /** Of what it needs, what the plan must contain; absent: nothing. */
      readonly requires?: readonly StepId[];
    }
  : never;

export interface ChangeDraft {
  readonly resource: Pick<Resource, 'address' | 'node' | 'name'> & { readonly kind: AddressKind };
  readonly action: ChangeAction;
  readonly summary: string;
  readonly details: readonly ChangeDetail[];
}

export interface RuleResult {
  readonly changes: readonly ChangeDraft[];
  readonly steps: readonly StepDraft[];
  /** Hazards of the resource that no step of this rule carries. */
  readonly hazards: readonly FoundHazard[];
}

export const nothing: RuleResult = { changes: [], steps: [], hazards: [] };

export const combine = (results: readonly RuleResult[]): RuleResult => ({
  changes: results.flatMap((result) => result.changes),
  steps: results.flatMap((result) => result.steps),
  hazards: results.flatMap((result) => result.hazards),
});
