// Consent to rows that are overwritten, for commands whose plan is of rows: repair, and the undo of a merge.

import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { FoundHazard } from '../../model/plan/hazard.ts';
import { printable } from '../../model/printable.ts';
import { shellWord } from '../../model/shell-word.ts';
import type { Policy } from '../../model/state/policy.ts';
import { withoutConsent } from '../../run/consent.ts';
import type { RepairRequest } from './repair-request.ts';

interface Judged {
  readonly hazards: readonly FoundHazard[];
}

const sentence = ({ code, address, message }: FoundHazard): string =>
  `${code} ${printable(address)}: ${printable(message)}`;

/** @param what cannot be done. @throws SteepError BLOCKED (exit 3) */
export const assertPossible = ({ hazards }: Judged, what: string): void => {
  const blocks = hazards.filter(({ severity }) => severity === 'block');
  if (blocks.length === 0) return;
  throw new SteepError('BLOCKED', `${what}:\n${blocks.map(sentence).join('\n')}`, {
    exit: ExitCode.refused,
    suggestions: blocks.map(({ remedy }) => remedy),
  });
};

/** @param what has the dangers. @throws SteepError HAZARD_NOT_ALLOWED (exit 3) */
export const isAgreed = async (
  { hazards }: Judged,
  { allowed, strict, approve }: Pick<RepairRequest, 'allowed' | 'strict' | 'approve'>,
  policy: Policy,
  what: string,
): Promise<boolean> => {
  const missing = (more: typeof allowed): readonly FoundHazard[] => {
    const left = withoutConsent(hazards, policy, { allowed: [...allowed, ...more], strict });
    return hazards.filter((it) => left.includes(it));
  };
  const answer = await approve(missing([]));
  if (!answer.approved) return false;
  const left = missing(answer.allowed);
  if (left.length === 0) return true;
  throw new SteepError(
    'HAZARD_NOT_ALLOWED',
    `${what} has dangers that were not allowed:\n${left.map(sentence).join('\n')}`,
    {
      exit: ExitCode.refused,
      suggestions: left.map(
        ({ code, address }) => `--allow-hazard ${shellWord(`${code}=${address}`)}`,
      ),
    },
  );
};
