// The destructive recap: every drop, replace, block and danger of a plan, never cut, and the exact flag that allows
// each danger. Also what is no longer in steep.yaml and stays.

import type { Hazard } from '../../../model/plan/hazard.ts';
import type { Plan, PlannedChange } from '../../../model/plan/plan.ts';
import { printable } from '../../../model/printable.ts';
import type { Address } from '../../../model/state/address.ts';
import type { Style } from '../style.ts';
import { symbols } from './render-change.ts';
import { allHazards, consentOf } from './render-hazard.ts';

/** Two lines for each hazard, one for a drop without any; the worst first. Empty: nothing of the kind. */
export const renderRecap = (plan: Plan, style: Style): readonly string[] => {
  const destructive = plan.changes.filter(isDestructive);
  const severe = allHazards(plan).filter((hazard) => needsAWord(hazard, plan));
  const addresses = new Set([...severe, ...destructive].map(({ address }) => address));
  if (addresses.size === 0) return [];
  const lines = [...addresses].flatMap((address) =>
    recapOf(
      address,
      destructive.find((change) => change.address === address),
      severe.filter((hazard) => hazard.address === address),
      plan,
    ),
  );
  return [style.severity.danger('Destructive or dangerous:'), ...lines];
};

/** Whether something is lost by it. */
export const isDestructive = (change: PlannedChange): boolean =>
  change.action === 'drop' || change.action === 'replace';

/** A warning does where the policy is strict. */
const needsAWord = ({ severity }: Hazard, plan: Plan): boolean =>
  severity === 'block' || severity === 'danger' || (severity === 'warning' && plan.strict === true);

const recapOf = (
  address: Address,
  change: PlannedChange | undefined,
  hazards: readonly Hazard[],
  plan: Plan,
): readonly string[] => {
  const head = `  ${change === undefined ? '!' : symbols[change.action]} ${printable(address)}`;
  if (hazards.length === 0) return [head];
  return hazards.flatMap((hazard) => [
    `${head}  ${printable(hazard.code)}`,
    `    ${consentOf(hazard, plan)}`,
  ]);
};

/** What steep manages, what is no longer in the file, and what this plan therefore keeps. */
export const renderLeft = (plan: Plan, style: Style): readonly string[] => {
  const left = plan.changes.filter((change) => change.action === 'left');
  if (left.length === 0) return [];
  return [
    `${style.bold('No longer in steep.yaml')} (kept; drop with --prune)`,
    ...left.map((change) => style.action.left(`  ${symbols.left} ${printable(change.address)}`)),
  ];
};
