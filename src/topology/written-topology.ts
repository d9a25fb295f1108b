// A topology as it is to be written: names and values as the catalogs have them, nothing quoted yet.
// What equals its default is left out by the renderer, not here.

import type { NodeName } from '../model/state/address.ts';
import type { DesiredPublication, DesiredSubscription } from '../model/state/state.ts';

export interface WrittenTopology {
  /** The comment above the file, one paragraph each. */
  readonly opening: readonly string[];
  readonly nodes: readonly WrittenNode[];
  readonly publications: readonly WrittenPublication[];
  readonly subscriptions: readonly WrittenSubscription[];
  /** The comment below the file, one paragraph each. */
  readonly closing: readonly string[];
}

export interface WrittenNode {
  readonly name: NodeName;
  /** The environment variable that holds the connection: never the connection itself. */
  readonly variable: string;
  /** Keywords as the file has them, `password_env` among them; null: the other nodes use `connection`. */
  readonly replication: Readonly<Record<string, string>> | null;
  readonly priority: number;
  readonly metadataDatabase: string | null;
  /** Said above the node; null: nothing. */
  readonly comment: string | null;
}

export type WrittenPublication = Omit<DesiredPublication, 'source'>;

export interface WrittenSubscription
  extends Omit<
    DesiredSubscription,
    | 'origin'
    | 'secretInConnection'
    | 'connection'
    | 'replicationConnection'
    | 'schemaSync'
    | 'copyWorkers'
    | 'pair'
  > {
  readonly comment: string | null;
}
