// `removed` and `renamed` → what becomes of addresses that is no longer in steep.yaml.

import { addressOf, parseAddress } from '../../model/state/address.ts';
import type { ManagedKind } from '../../model/state/applied.ts';
import type { Removal, Renaming } from '../../model/state/state.ts';
import type { Path } from '../parse/source-document.ts';
import type { SteepFile } from '../parse/steep-file.generated.ts';

/** `place`: where a path is in the file, as `steep.yaml:41`. */
export const resolveRemoved = (
  { removed }: SteepFile,
  place: (path: Path) => string,
): readonly Removal[] =>
  (removed ?? []).map(({ address, action }, index) => ({
    address,
    action,
    source: place(['removed', index]),
  }));

/** Of a name that changed more than once, each former one leads to the last. */
export const resolveRenamed = (
  { renamed }: SteepFile,
  place: (path: Path) => string,
): readonly Renaming[] => {
  const next = new Map((renamed ?? []).map(({ from, to }) => [from, to]));
  const last = (address: string): string => {
    const after = next.get(address);
    return after === undefined ? address : last(after);
  };
  return (renamed ?? []).map(({ from }, index) => {
    const { node, kind, name } = parseAddress(from);
    const to = parseAddress(last(from)).name;
    return {
      node,
      kind: kind as Exclude<ManagedKind, 'slot'>,
      from: name,
      to,
      fromAddress: addressOf(node, kind, name),
      toAddress: addressOf(node, kind, to),
      source: place(['renamed', index]),
    };
  });
};
