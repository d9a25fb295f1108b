// What could not be compared although its node was read: said, so that silence means "no difference".

import type { Address } from './address.ts';

export interface Unchecked {
  readonly address: Address;
  /** A few words: `connection`. */
  readonly what: string;
  readonly why: string;
}
