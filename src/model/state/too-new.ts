// A slot at a position at which a publication of its subscription did not exist yet. The changes from there on are read
// with the catalogs as they were when they were written: the publication was created, or renamed, after that.

import type { Address, NodeName } from './address.ts';

export interface TooNew {
  /** The node that has the slot and the publications. */
  readonly source: NodeName;
  readonly slot: string;
  /** The list with which the slot was tried. */
  readonly publications: readonly string[];
  /** Those of them that did not exist at its position. */
  readonly tooNew: readonly string[];
  /** The list with which the slot can be read from its position on, until the others exist; null: none is known. */
  readonly former: readonly string[] | null;
  /** It was tried. False: the subscription has the former list, and may not need it any more. */
  readonly certain: boolean;
}

/** What is known for certain, of one subscription; null: nothing. */
export const certainlyTooNew = (
  found: Readonly<Record<Address, TooNew>> | undefined,
  subscription: Address,
): TooNew | null => {
  const one = found?.[subscription];
  return one?.certain === true ? one : null;
};
