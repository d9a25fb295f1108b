// Closures over a relation between addresses. Knows nothing of what the addresses name.

import { compareText } from '../../model/identifier.ts';
import type { Address } from '../../model/state/address.ts';
import type { Requirement } from './requirements.ts';

/** What is reached, each with the address that first asked for it; null: where it began. */
export type Reached = ReadonlyMap<Address, Address | null>;

const groupBy = (
  relation: readonly Requirement[],
  key: (requirement: Requirement) => Address,
  value: (requirement: Requirement) => Address,
): ReadonlyMap<Address, readonly Address[]> => {
  const groups = new Map<Address, Address[]>();
  for (const requirement of relation) {
    const group = groups.get(key(requirement)) ?? [];
    group.push(value(requirement));
    groups.set(key(requirement), group);
  }
  return groups;
};

const reach = (
  from: Iterable<Address>,
  edges: ReadonlyMap<Address, readonly Address[]>,
): Reached => {
  const reached = new Map<Address, Address | null>();
  const waiting = [...from].toSorted(compareText);
  for (const address of waiting) reached.set(address, null);
  // The nearest reason is the one that is shown, so the first in order is asked first.
  for (const address of waiting) {
    for (const next of (edges.get(address) ?? []).toSorted(compareText)) {
      if (reached.has(next)) continue;
      reached.set(next, address);
      waiting.push(next);
    }
  }
  return reached;
};

/** The addresses, and all that they need. */
export const closureOf = (from: Iterable<Address>, relation: readonly Requirement[]): Reached =>
  reach(
    from,
    groupBy(
      relation,
      ({ address }) => address,
      ({ needs }) => needs,
    ),
  );

/** The addresses, and all that needs them; the value is what it needs of them. */
export const dependentsOf = (from: Iterable<Address>, relation: readonly Requirement[]): Reached =>
  reach(
    from,
    groupBy(
      relation,
      ({ needs }) => needs,
      ({ address }) => address,
    ),
  );
