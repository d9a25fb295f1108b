// A connection on which the server answers nothing: what is known of it, and the sentence for people.

import type { NodeName } from './state/address.ts';

export interface Silence {
  /**
   * `silent`: for some seconds now. `answers`: it was silent, and answers again. `ended`: it was closed from this end.
   * `locked`: the server works, and the statement waits for a lock.
   */
  readonly kind: 'silent' | 'answers' | 'ended' | 'locked';
  /** Without a sign of life. */
  readonly seconds: number;
  /** What a second connection found. */
  readonly found: string;
  /** After which it is ended, in seconds since the last sign of life. */
  readonly endsAfter: number;
}

/** One line, without its end. */
export const describeSilence = (
  node: NodeName,
  { kind, seconds, found, endsAfter }: Silence,
): string => {
  switch (kind) {
    case 'silent':
      return `Node ${node} has not answered for ${seconds} s: ${found}. The connection is closed after ${endsAfter} s.`;
    case 'answers':
      return `Node ${node} answers again.`;
    case 'locked':
      return `Node ${node}: a statement of steep has waited for a lock for ${seconds} s. The lock is ${found}.`;
    case 'ended':
      return `Node ${node} has not answered for ${seconds} s: ${found}. The connection was closed.`;
  }
};
