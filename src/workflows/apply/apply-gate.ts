// What must hold before the first step runs. Each refusal says why, and what to type instead.

import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { exitOfErrors } from '../../model/plan/exit-of-errors.ts';
import type { Hazard } from '../../model/plan/hazard.ts';
import { hazardKey, type Plan, type PlanLimits } from '../../model/plan/plan.ts';
import { shellWord } from '../../model/shell-word.ts';
import { steepCommand } from '../../model/steep-command.ts';
import type { PlanComparison } from '../../planner/plan/compare-plans.ts';
import { blocksOf, type Consent, missingConsent } from '../../run/consent.ts';

const sentence = (plan: Plan, hazard: Hazard): string =>
  `${hazard.code} ${hazard.address}: ${plan.observed.hazards[hazardKey(hazard)] ?? ''}`;

/** Nothing may run while a node is unread or the file asks for what is not there. */
export const assertComplete = (plan: Plan): void => {
  if (plan.errors.length === 0) return;
  throw new SteepError(
    plan.errors[0]?.code ?? 'PLAN_INCOMPLETE',
    plan.errors.map(({ detail }) => detail).join('\n'),
    {
      exit: exitOfErrors(plan.errors),
      suggestions: plan.errors.flatMap(({ suggestions }) => suggestions ?? []),
    },
  );
};

const blocked = (plan: Plan, blocks: readonly Hazard[]): SteepError | null =>
  blocks.length === 0
    ? null
    : new SteepError(
        'BLOCKED',
        `This plan cannot be applied:\n${blocks.map((hazard) => sentence(plan, hazard)).join('\n')}`,
        { exit: ExitCode.refused, suggestions: blocks.map(({ remedy }) => remedy) },
      );

const refuse = (refusal: SteepError | null): void => {
  if (refusal !== null) throw refusal;
};

/** A block applies to every step, and cannot be allowed; without a step, it is about what the file asks for and does not get. */
export const assertUnblocked = (plan: Plan): void => refuse(blocked(plan, blocksOf(plan)));

const reasonFor = (missing: readonly Hazard[]): string =>
  missing.some(({ severity }) => severity === 'warning')
    ? 'Warnings need consent too (--strict, or policy.strict), and these were not allowed'
    : 'The plan has dangers that were not allowed';

const unallowed = (plan: Plan, consent: Consent): SteepError | null => {
  const missing = missingConsent(plan, consent);
  if (missing.length === 0 || plan.steps.length === 0) return null;
  return new SteepError(
    'HAZARD_NOT_ALLOWED',
    `${reasonFor(missing)}:\n${missing.map((hazard) => sentence(plan, hazard)).join('\n')}`,
    {
      exit: ExitCode.refused,
      suggestions: missing.map(
        ({ code, address }) => `--allow-hazard ${shellWord(`${code}=${address}`)}`,
      ),
    },
  );
};

/** A danger needs consent, for its address or by policy; so does a warning, where it is strict. */
export const assertConsent = (plan: Plan, consent: Consent): void =>
  refuse(unallowed(plan, consent));

/** Why nobody could apply this plan; null: only consent may be missing. */
export const blockedBy = (plan: Plan): SteepError | null => blocked(plan, blocksOf(plan));

/** Why apply would refuse this plan, given this consent; null: it would not. */
export const refusalOf = (plan: Plan, consent: Consent): SteepError | null =>
  blockedBy(plan) ?? unallowed(plan, consent);

/** The servers must be the ones that were planned for, and no step may have been added since. */
export const assertAsReviewed = ({ otherServers, unexpected }: PlanComparison): void => {
  if (otherServers.length > 0) {
    throw new SteepError(
      'WRONG_SERVER',
      `The plan was made for other servers: the system identifier, timeline or database of ${otherServers.join(', ')} differs.`,
      { exit: ExitCode.stale, suggestions: ['Check the connections, then plan again.'] },
    );
  }
  if (unexpected.length === 0) return;
  throw new SteepError(
    'PLAN_STALE',
    `The servers or steep.yaml have changed since this was planned:\n${unexpected.join('\n')}`,
    { exit: ExitCode.stale, suggestions: ['Plan again, review, and apply the new plan.'] },
  );
};

const limitFlags: Readonly<Record<keyof PlanLimits, string>> = {
  lockTimeoutMs: '--lock-timeout',
  slotTimeoutMs: '--slot-timeout',
};

/** What was reviewed is what runs: the limits of a saved plan are part of it. */
export const assertLimits = ({ limits }: Plan, given: Partial<PlanLimits>): void => {
  for (const key of ['lockTimeoutMs', 'slotTimeoutMs'] as const) {
    const asked = given[key];
    if (asked === undefined || asked === limits[key]) continue;
    throw new SteepError(
      'LIMITS_FIXED',
      `The plan was made with ${limitFlags[key]} ${limits[key]}ms, and cannot be applied with ${asked}ms.`,
      {
        exit: ExitCode.usage,
        suggestions: [
          `Leave the flag out, or plan again: ${steepCommand`steep plan ${limitFlags[key]} ${asked}ms --out FILE`}`,
        ],
      },
    );
  }
};

/** --expect-plan-id: what was reviewed elsewhere must be what is planned here, or what the file holds. */
export const assertExpected = (plan: Plan, expected: string, file: string | null): void => {
  if (plan.planId === expected) return;
  const found =
    file === null
      ? `The plan is now ${plan.planId}, not ${expected}.`
      : `${file} holds the plan ${plan.planId}, not ${expected}.`;
  throw new SteepError(
    'PLAN_STALE',
    `${found} It would run:\n${plan.steps.map(({ id }) => id).join('\n') || 'nothing'}`,
    { exit: ExitCode.stale, suggestions: ['Review the plan again: steep plan'] },
  );
};
