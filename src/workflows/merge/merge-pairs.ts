// The pairs of steep.yaml whose nodes are merged, as the commands of merge name them.

import { SteepError } from '../../model/errors.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { printable } from '../../model/printable.ts';
import type { DesiredState, DesiredSubscription } from '../../model/state/state.ts';
import { readWanted } from '../plan/wanted-tables.ts';

/** Both directions of a pair with init: merge. */
export interface NamedMerge {
  readonly name: string;
  /** The subscription of the second node, and of the first. */
  readonly forth: DesiredSubscription;
  readonly back: DesiredSubscription;
}

/** All of the file. */
export const mergesOf = ({ subscriptions }: DesiredState): readonly NamedMerge[] =>
  subscriptions.flatMap((forth) => {
    const { pair, merge, source } = forth;
    if (pair?.way !== 'forth' || merge === undefined) return [];
    const back = subscriptions.find(({ node, name }) => node === source && name === pair.partner);
    return back === undefined ? [] : [{ name: pair.name, forth, back }];
  });

/** @throws SteepError USAGE (exit 64) for a name that no such pair has. */
export const mergeNamed = (name: string, desired: DesiredState): NamedMerge => {
  const merges = mergesOf(desired);
  const found = merges.find((it) => it.name === name);
  if (found !== undefined) return found;
  throw new SteepError(
    'USAGE',
    `steep.yaml has no pair ${printable(name)} with init: { method: merge }.`,
    { exit: ExitCode.usage, suggestions: merges.map((it) => printable(it.name)) },
  );
};

/** Of the tables of a pair, those that were named. @throws SteepError USAGE (exit 64) for one that it does not have. */
export const chosenTables = (
  asked: readonly string[] | null,
  tables: readonly QualifiedName[],
): readonly QualifiedName[] => {
  const wanted = readWanted({ tables: asked, schemas: null }).tables?.map(formatName);
  const names = tables.map(formatName);
  const unknown = wanted?.find((it) => !names.includes(it));
  if (unknown !== undefined) {
    throw new SteepError('USAGE', `The pair has no table ${printable(unknown)}.`, {
      exit: ExitCode.usage,
      suggestions: names.map((it) => printable(it)),
    });
  }
  return tables.filter((it) => wanted?.includes(formatName(it)) !== false);
};
