// A hazard as a plan shows it: severity, code, the sentence with live numbers, the remedy.

import { type Hazard, type Severity, severities } from '../../../model/plan/hazard.ts';
import { hazardKey, isAccepted, type Plan } from '../../../model/plan/plan.ts';
import { printable, printableLines } from '../../../model/printable.ts';
import { shellWord } from '../../../model/shell-word.ts';
import type { Address } from '../../../model/state/address.ts';
import { hang } from '../layout.ts';
import type { Style } from '../style.ts';

/** Block and danger are said loudly, without colour too. */
export const severityWord = (severity: Severity): string =>
  severity === 'block' || severity === 'danger' ? severity.toUpperCase() : severity;

/** Every hazard of a plan once, the worst first, then as the plan has them. */
export const allHazards = (plan: Plan): readonly Hazard[] => {
  const found = [
    ...plan.standing,
    ...plan.changes.flatMap((change) => change.hazards),
    ...plan.steps.flatMap((step) => step.hazards),
  ];
  const unique = [...new Map(found.map((hazard) => [hazardKey(hazard), hazard])).values()];
  return severities.flatMap((severity) => unique.filter((hazard) => hazard.severity === severity));
};

/** Whether apply stops at it, unless it is allowed. */
export const isSevere = ({ severity }: Hazard): boolean =>
  severity === 'block' || severity === 'danger';

/** Hazards under their resource, codes aligned over the whole plan. */
export const renderHazards = (
  hazards: readonly Hazard[],
  plan: Plan,
  style: Style,
): readonly string[] => {
  const codeWidth = Math.max(0, ...allHazards(plan).map(({ code }) => code.length));
  return severities
    .flatMap((severity) => hazards.filter((hazard) => hazard.severity === severity))
    .map((hazard) => renderHazard(hazard, plan, codeWidth, style));
};

const hazardIndent = '      ';

const renderHazard = (hazard: Hazard, plan: Plan, codeWidth: number, style: Style): string => {
  const word = severityWord(hazard.severity).padEnd('warning'.length);
  const label = `! ${word}  ${printable(hazard.code).padEnd(codeWidth)}  `;
  const hanging = hazardIndent + ' '.repeat(label.length);
  const text = hazardText(hazard, plan);
  return hazardIndent + style.severity[hazard.severity](label) + hang(text, hanging);
};

/** A block says first what to do, since nothing continues before. Unknown is printed, not left out. */
const hazardText = (hazard: Hazard, plan: Plan): string => {
  const sentence = sentenceOf(hazard, plan);
  const remedy = printableLines(hazard.remedy);
  if (remedy === '') return sentence;
  if (hazard.severity === 'block') return `${remedy}\n${sentence}`;
  return hazard.severity === 'danger' ? `${sentence}\ninstead: ${remedy}` : sentence;
};

/** The live sentence of a hazard. */
export const sentenceOf = (hazard: Hazard, plan: Plan): string =>
  printableLines(plan.observed.hazards[hazardKey(hazard)] ?? 'unknown: nothing was read');

/** What it takes to continue in spite of a block or a danger: nothing, the policy, or a flag. */
export const consentOf = (hazard: Hazard, plan: Plan): string => {
  if (hazard.severity === 'block') {
    const remedy = printableLines(hazard.remedy);
    // Several lines are SQL to copy.
    const text = remedy.includes('\n') ? `\n${remedy}` : ` ${remedy}`;
    return `cannot be allowed${remedy === '' ? '' : `:${hang(text, '      ')}`}`;
  }
  return isAllowed(hazard, plan)
    ? 'allowed by policy.allow_hazards'
    : `allow with: ${allowFlag(hazard.code, hazard.address)}`;
};

/** Whether the policy of steep.yaml accepts it; a block cannot be accepted. */
export const isAllowed = (hazard: Hazard, plan: Plan): boolean =>
  hazard.severity !== 'block' && isAccepted(plan, hazard);

/** The flag that allows one danger, ready to paste into a POSIX shell. */
export const allowFlag = (code: string, address: Address): string =>
  `--allow-hazard ${shellWord(`${code}=${address}`)}`;
