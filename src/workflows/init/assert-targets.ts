// What --target and --exclude name must be somewhere: a slip of the hand would plan nothing, or too much.

import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { unreadError } from '../../model/plan/exit-of-errors.ts';
import type { PlanOptions } from '../../model/plan/plan.ts';
import type { Address } from '../../model/state/address.ts';
import type { DesiredState, LiveState } from '../../model/state/state.ts';
import { unknownPatterns, unknownReinits } from '../../planner/target/named.ts';
import { didYouMean } from '../../topology/validate/did-you-mean.ts';

const unknown = (flag: string, pattern: string, known: readonly Address[]): SteepError =>
  new SteepError(
    'UNKNOWN_ADDRESS',
    `${flag} ${pattern}: no such address exists in steep.yaml or on the servers.`,
    {
      exit: ExitCode.usage,
      suggestions: [
        ...didYouMean(pattern, known),
        'If an earlier run dropped it, its remaining steps are in the whole plan: steep plan',
      ],
    },
  );

const notCopied = (pattern: string, known: readonly Address[]): SteepError =>
  new SteepError(
    'UNKNOWN_ADDRESS',
    `--reinit ${pattern}: no subscription of steep.yaml, and no table of one, has this address.`,
    {
      exit: ExitCode.usage,
      suggestions: [
        ...didYouMean(pattern, known),
        'Write node/copy.subscription:schema.table, or node/subscription.name.',
      ],
    },
  );

/** Whether the address exists depends on a node that could not be read: that is what is wrong, not the address. */
const undecided = (flag: string, pattern: string, { unreadable }: LiveState): SteepError => {
  const [first] = Object.values(unreadable);
  const detail = `${flag} ${pattern}: whether this address exists cannot be determined. ${first?.detail ?? ''}`;
  return unreadError(first && { ...first, detail }, detail);
};

/** @throws SteepError UNKNOWN_ADDRESS (exit 64); why a node could not be read (exit 7), where that decides. */
export const assertTargets = (
  { target = [], exclude = [], reinit = [] }: PlanOptions,
  desired: DesiredState,
  live: LiveState,
): void => {
  const flags = [
    ['--target', target],
    ['--exclude', exclude],
  ] as const;
  for (const [flag, patterns] of flags) {
    const [first] = unknownPatterns(patterns, desired, live);
    if (first?.undecided === true) throw undecided(flag, first.pattern, live);
    if (first !== undefined) throw unknown(flag, first.pattern, first.known);
  }
  const [strange] = unknownReinits(reinit, desired, live);
  if (strange?.undecided === true) throw undecided('--reinit', strange.pattern, live);
  if (strange !== undefined) throw notCopied(strange.pattern, strange.known);
};
