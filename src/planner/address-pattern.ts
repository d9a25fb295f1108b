// Addresses with a `*`: the same pattern in drift.ignore, --target and --exclude.

import type { Address } from '../model/state/address.ts';

const splitAddress = (address: Address): readonly [kind: string, name: string] => {
  const dot = address.indexOf('.', address.indexOf('/'));
  return [address.slice(0, dot), address.slice(dot + 1)];
};

/** `*` matches any text within the name, and `\*` the character itself; node and kind are always written out. */
export const matchesAddress = (pattern: string, address: Address): boolean => {
  const [wantedKind, wantedName] = splitAddress(pattern);
  const [kind, name] = splitAddress(address);
  const source = wantedName.replace(/\\\*|[.*+?^${}()|[\]\\]/g, (found) =>
    found === '*' ? '.*' : found.length > 1 ? found : `\\${found}`,
  );
  return kind === wantedKind && new RegExp(`^${source}$`, 's').test(name);
};
