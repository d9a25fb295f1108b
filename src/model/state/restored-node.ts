// What is known of a node that a user filled manually, before anything is planned for it.

import type { PreparedSlot, PublishedNow } from '../copy/manual-init.ts';
import type { QualifiedName } from '../identifier.ts';
import type { SlotObserved } from './resource.ts';
import type { ServerFacts } from './server.ts';
import type { DesiredSubscription } from './state.ts';

export interface WrittenTable {
  readonly table: QualifiedName;
  readonly rows: number;
}

/** Of a physical copy. */
export interface PhysicalFacts {
  /** The timeline that it left, and where; null: it left none, or does not tell. */
  readonly origin: { readonly timeline: number; readonly lsn: string } | null;
  /** Of all its databases. */
  readonly subscriptions: readonly { readonly name: string; readonly database: string }[];
  readonly preparedTransactions: readonly string[];
  /** Published tables that were written to since it was promoted. */
  readonly writes: readonly WrittenTable[];
}

type Identity = Pick<ServerFacts, 'systemIdentifier' | 'timeline' | 'database'>;

export interface RestoredNode {
  readonly edge: DesiredSubscription;
  /** The slot on the source; null: it is not there. */
  readonly slot: SlotObserved | null;
  /** What was noted with it; null: nothing. */
  readonly prepared: PreparedSlot | null;
  /** What the source sends now. */
  readonly published: PublishedNow;
  readonly source: Identity & { readonly walPosition: string | null };
  readonly node: Identity;
  /** Both connections lead to one server, if perhaps to two of its databases. */
  readonly sameServer: boolean;
  /** Null: it does not hold what was noted on the source when the slot was made, so it is no copy of after that. */
  readonly physical: PhysicalFacts | null;
  /** Its own subscriptions, by name. */
  readonly ownSubscriptions: readonly string[];
  /** --source-lsn. */
  readonly sourceLsn: string | null;
}
