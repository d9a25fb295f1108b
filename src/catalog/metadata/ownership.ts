// What steep_repl remembers of this node's resources, and what follows for a live one.
// Pure: read-metadata.ts reads it, the other readers ask it.

import type { Address, NodeName } from '../../model/state/address.ts';
import { addressOf } from '../../model/state/address.ts';
import type { AppliedBy } from '../../model/state/applied.ts';
import type { ResourceKind } from '../../model/state/resource-kind.ts';

/** A row of steep_repl.objects. */
export interface RememberedObject extends AppliedBy {
  readonly protect: boolean;
  /** What steep last applied: a JSON value whose shape each reader checks for itself. */
  readonly applied: unknown;
}

export type Remembered = ReadonlyMap<Address, RememberedObject>;

/** The part of a resource that does not depend on its kind. */
export interface Identification<K extends ResourceKind> {
  readonly kind: K;
  readonly node: NodeName;
  readonly name: string;
  readonly address: Address;
  readonly owned: boolean;
  readonly protect: boolean;
}

/** Kinds that have no row in steep_repl.objects: they are steep's as they are. */
const alwaysOwned: ReadonlySet<ResourceKind> = new Set(['metadata', 'node', 'identity', 'copy']);

/** Names a live resource and says whether steep manages it. */
export const identify = <K extends ResourceKind>(
  remembered: Remembered,
  node: NodeName,
  kind: K,
  name: string,
): Identification<K> => {
  const address = addressOf(node, kind, name);
  const row = remembered.get(address);
  return {
    kind,
    node,
    name,
    address,
    owned: alwaysOwned.has(kind) || row !== undefined,
    protect: row?.protect ?? false,
  };
};

/** A text at a path inside what was applied; null: nothing there, or no text. */
export const appliedText = (
  row: RememberedObject | undefined,
  ...path: string[]
): string | null => {
  let value: unknown = row?.applied;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return null;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return typeof value === 'string' ? value : null;
};

/** The numbers of a list in what was applied; none where there is no such list. */
export const appliedNumbers = (
  row: RememberedObject | undefined,
  key: string,
): readonly number[] => {
  const { applied } = row ?? {};
  if (typeof applied !== 'object' || applied === null) return [];
  const list = (applied as Readonly<Record<string, unknown>>)[key];
  return Array.isArray(list) ? list.filter((it) => typeof it === 'number') : [];
};
