// Whether commands without a plan may run code of roles that are not trusted: where the policy of the file accepts it, or
// a flag does.

import { assertAgreed } from '../../catalog/foreign-code/assert-agreed.ts';
import { type CodeGuard, runsAnything } from '../../copy/check/code-guard.ts';
import type { Policy } from '../../model/state/policy.ts';

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
  const suggestions = [
    ...cures,
    'Drop what calls these functions, or give them to a role that you trust: ALTER FUNCTION … OWNER TO …;',
    'Or connect as a role with fewer rights.',
    `If you trust their owners with all rights of steep on this node, allow it in steep.yaml: policy: { allow_hazards: [${code}] }`,
  ];
  return (session, use, tables) => assertAgreed(session, use, tables, [], suggestions);
};
