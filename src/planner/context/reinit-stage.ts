// How far each initialization that was asked for again has come: tables of a subscription, and whole subscriptions.

import type { QualifiedName } from '../../model/identifier.ts';
import type { Address } from '../../model/state/address.ts';
import type { ResourceOf } from '../../model/state/resource.ts';

type Subscription = ResourceOf<'subscription'>;

/**
 * asked: nothing is done yet, but perhaps for temporary publications; aside: the subscription reads those;
 * back: it reads its own again, and the tables are copied.
 */
export type ReinitStage = 'asked' | 'aside' | 'back';

export interface Reinit {
  readonly sub: Subscription;
  /** As it was read. */
  readonly live: Subscription;
  readonly stage: ReinitStage;
  readonly tables: readonly QualifiedName[];
  /** Those of them that were not asked for: they hold rows, and refer to the others by foreign keys. */
  readonly referring: readonly QualifiedName[];
  /** The subscription still knows some of them. */
  readonly known: boolean;
  /** Names of the temporary publications that are there. */
  readonly temporaries: readonly string[];
  /** Asked for while others of its tables are not done yet. */
  readonly tooMany: readonly QualifiedName[];
}

export interface Whole {
  /** Those that are there, and are dropped. */
  readonly replaced: ReadonlySet<Address>;
  /** Their tables are emptied before they are filled; also where a run was interrupted after the drop. */
  readonly emptied: ReadonlySet<Address>;
  /** Those whose initial copy is under way anyhow. */
  readonly awaited: ReadonlySet<Address>;
}

export const noWhole: Whole = { replaced: new Set(), emptied: new Set(), awaited: new Set() };
