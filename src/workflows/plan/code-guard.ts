// Whether commands without a plan may run code of roles that are not trusted: where the policy of the file accepts it, or
// a flag does.

import { assertAgreed } from '../../catalog/foreign-code/assert-agreed.ts';
import { assertNoEventTriggers } from '../../catalog/foreign-code/assert-event-triggers.ts';
import { type CodeGuard, runsAnything } from '../../copy/check/code-guard.ts';
import type { Policy } from '../../model/state/policy.ts';
import type { RunNode } from '../operation/open-run.ts';

const code = 'RUNS_FOREIGN_CODE';

export const allowsForeignCode = ({ allowHazards }: Pick<Policy, 'allowHazards'>): boolean =>
  allowHazards.includes(code);

/**
 * @param allowHazards of the policy of steep.yaml.
 * @param cures what else a user of this command can do; the first suggestions.
 */
export const guardWithoutPlan = (
  allowHazards: readonly string[],
  cures: readonly string[] = [],
): CodeGuard => {
  if (allowsForeignCode({ allowHazards })) return runsAnything;
  const suggestions = suggestionsOf(cures);
  return (session, use, tables) => assertAgreed(session, use, tables, [], suggestions);
};

const suggestionsOf = (cures: readonly string[]): readonly string[] => [
  ...cures,
  'Drop what calls these functions, or give them to a role that you trust: ALTER FUNCTION … OWNER TO …;',
  'Or connect as a role with fewer rights.',
  `If you trust their owners with all rights of steep on this node, allow it in steep.yaml: policy: { allow_hazards: [${code}] }`,
];

/**
 * For a command without a plan, before it creates, alters or drops anything.
 * @param cures as those of guardWithoutPlan.
 * @throws SteepError RUNS_FOREIGN_CODE, where event triggers would run such code and that is not accepted.
 */
export const guardEventTriggers = async (
  { name, session, metadata }: RunNode,
  allowHazards: readonly string[],
  cures: readonly string[] = [],
): Promise<void> => {
  if (allowsForeignCode({ allowHazards })) return;
  await assertNoEventTriggers(name, new Set([session, metadata]), suggestionsOf(cures));
};
