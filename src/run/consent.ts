// Consent: a block can never be allowed; a danger is, per address, or by the policy of the topology. Where
// strictness is asked for, a warning needs it as well.

import type { Hazard } from '../model/plan/hazard.ts';
import { hazardKey, isAccepted, type Plan } from '../model/plan/plan.ts';

/** `CODE=ADDRESS`, as given with --allow-hazard. */
export interface Allowed {
  readonly code: string;
  readonly address: string;
}

const hazardsOf = (plan: Plan): readonly Hazard[] => {
  const all = [
    ...plan.standing,
    ...plan.changes.flatMap(({ hazards }) => hazards),
    ...plan.steps.flatMap(({ hazards }) => hazards),
  ];
  return [...new Map(all.map((hazard) => [hazardKey(hazard), hazard])).values()];
};

export const blocksOf = (plan: Plan): readonly Hazard[] =>
  hazardsOf(plan).filter(({ severity }) => severity === 'block');

export interface Consent {
  readonly allowed: readonly Allowed[];
  /** --strict; policy.strict asks for the same. */
  readonly strict: boolean;
}

/** Dangers that neither the flags nor the policy allow; where it is strict, warnings too. */
export const withoutConsent = (
  hazards: readonly Hazard[],
  policy: Pick<Plan, 'allowHazards' | 'strict'>,
  { allowed, strict }: Consent,
): readonly Hazard[] =>
  hazards.filter(
    ({ severity, code, address }) =>
      (severity === 'danger' || (severity === 'warning' && (strict || policy.strict === true))) &&
      !isAccepted(policy, { code, address }) &&
      !allowed.some((consent) => consent.code === code && consent.address === address),
  );

/** Keys of what a plan warns of and needs no further consent for. */
export const allowedIn = (plan: Plan, consent: Consent): ReadonlySet<string> => {
  const missing = new Set(missingConsent(plan, consent).map(hazardKey));
  return new Set(Object.keys(plan.observed.hazards).filter((key) => !missing.has(key)));
};

/** Of all that a plan warns of. */
export const missingConsent = (plan: Plan, consent: Consent): readonly Hazard[] =>
  withoutConsent(hazardsOf(plan), plan, consent);
