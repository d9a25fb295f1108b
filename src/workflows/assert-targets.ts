// What --target and --exclude name must be somewhere: a slip of the hand would plan nothing, or too much.

import type { Address } from '../model/address.ts';
import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/exit-code.ts';
import type { PlanOptions } from '../model/plan.ts';
import type { DesiredState, LiveState } from '../model/state.ts';
import { unknownPatterns, unknownReinits } from '../planner/target/named.ts';
import { didYouMean } from '../topology/did-you-mean.ts';

const unknown = (flag: string, pattern: string, known: readonly Address[]): SteepError =>
  new SteepError(
    'UNKNOWN_ADDRESS',
    `${flag} ${pattern}: there is no such address, neither in steep.yaml nor on the servers.`,
    {
      exit: ExitCode.usage,
      suggestions: [
        ...didYouMean(pattern, known),
        'If an earlier run dropped it: what is left of it stands in the whole plan, steep plan',
      ],
    },
  );

const notCopied = (pattern: string, known: readonly Address[]): SteepError =>
  new SteepError(
    'UNKNOWN_ADDRESS',
    `--reinit ${pattern}: no subscription of steep.yaml, and no table that one brings, has this address.`,
    {
      exit: ExitCode.usage,
      suggestions: [
        ...didYouMean(pattern, known),
        'Write node/copy.subscription:schema.table, or node/subscription.name.',
      ],
    },
  );

/** @throws SteepError UNKNOWN_ADDRESS (exit 64). */
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
    if (first !== undefined) throw unknown(flag, first.pattern, first.known);
  }
  const [strange] = unknownReinits(reinit, desired, live);
  if (strange !== undefined) throw notCopied(strange.pattern, strange.known);
};
