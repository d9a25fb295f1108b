// What every step has, whatever it does.

import type { Hazard } from '../plan/hazard.ts';
import type { Address, NodeName } from '../state/address.ts';
import type { ResourceKind } from '../state/resource-kind.ts';

/** `kind address`, unique in a plan, the same in every plan that needs the step. */
export type StepId = string;

/** The row of steep_repl.objects that makes a resource steep's own. */
export interface OwnershipRecord {
  readonly address: Address;
  readonly kind: ResourceKind;
  /** What was applied, without secrets: the base of drift. */
  readonly applied: unknown;
  readonly protect: boolean;
}

export interface StepBase {
  readonly id: StepId;
  readonly node: NodeName;
  /** The resource that the step is for. */
  readonly address: Address;
  /** One sentence: the delta that caused it. */
  readonly why: string;
  readonly needs: readonly StepId[];
  /**
   * A step that was interrupted, and that this one brings to its end in another way: who agreed to that one agreed to
   * this one. Absent: it needs no explanation.
   */
  readonly continues?: StepId;
  readonly hazards: readonly Hazard[];
  /** Ownership to write with the step, or null. */
  readonly owns: OwnershipRecord | null;
  /** steep_repl is not on its node, and the step is none to install it for: nothing is noted. Absent: it is. */
  readonly unrecorded?: true;
  /** Ownership to delete with the step. */
  readonly forgets: readonly Address[];
}
