// A hazard: what can go wrong with a step or a node, said before it happens.

import type { Address } from '../state/address.ts';

/** In the order of display. block: cannot be allowed; danger: consent per address. */
export const severities = ['block', 'danger', 'warning', 'notice'] as const;
export type Severity = (typeof severities)[number];

/** A hazard as a plan holds it: nothing here moves by itself. */
export interface Hazard {
  readonly code: string;
  readonly severity: Severity;
  readonly address: Address;
  /** What to do instead, or first. */
  readonly remedy: string;
}

/** A hazard as a rule finds it. The sentence holds live numbers, so a plan keeps it under `observed`. */
export interface FoundHazard extends Hazard {
  readonly message: string;
}
