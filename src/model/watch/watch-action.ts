// What can be changed from the screen of steep watch: one change of one edge.

import type { NodeName } from '../state/address.ts';

export type WatchActionKind = 'cancel' | 'disable' | 'enable' | 'reinitialize' | 'verify';

export interface WatchAction {
  readonly kind: WatchActionKind;
  readonly node: NodeName;
  readonly source: NodeName;
  readonly subscription: string;
  /** As SQL names them: those that are re-initialized; those that are verified, where none means all. */
  readonly tables: readonly string[];
}
