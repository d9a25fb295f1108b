// A node that a command names must be one of the file.

import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import type { NodeName } from '../model/state/address.ts';
import { didYouMean } from '../topology/validate/did-you-mean.ts';

/** @throws SteepError USAGE (exit 64), with what may have been meant. */
export const assertInFile = (
  node: NodeName,
  nodes: readonly { readonly name: NodeName }[],
): void => {
  const names = nodes.map(({ name }) => name);
  if (names.includes(node)) return;
  throw new SteepError('USAGE', `steep.yaml has no node ${node}.`, {
    exit: ExitCode.usage,
    suggestions: didYouMean(node, names),
  });
};
