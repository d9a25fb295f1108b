// What no resource is, and what prevents some changes.

import type { QualifiedName } from '../identifier.ts';
import type { NodeName } from './address.ts';

/** One table refers to another by a foreign key. */
export interface TableReference {
  readonly table: QualifiedName;
  readonly to: QualifiedName;
  /** cascades: a DELETE or UPDATE there changes rows here (CASCADE, SET NULL, SET DEFAULT). */
  readonly foreignKey: 'checks' | 'cascades';
  /** Names of the constraints that can be dropped: of a partition, those of its root. */
  readonly constraints: readonly string[];
  /** Of the same constraints, as pg_get_constraintdef writes them; no entry: not read. */
  readonly definitions?: readonly string[];
}

/** A slot of the same cluster that is another database's or another plugin's: its name is taken. */
export interface ForeignSlot {
  readonly name: string;
  /** Null: a physical slot, which belongs to no database. */
  readonly database: string | null;
  readonly plugin: string | null;
  readonly active: boolean;
}

/** Of `steep snapshot generate`: no session reads it; subscriptions that begin with the snapshot get copies. */
export interface SnapshotSlot {
  readonly slot: string;
  readonly snapshotId: string;
}

/** Of `steep init prepare`: no session reads it until the subscription that it was made for is created. */
export interface PreparedPosition {
  readonly slot: string;
  /** The node that will be filled. */
  readonly node: NodeName;
  readonly subscription: string;
  /** Where the backup begins; 0/0: the preparation was interrupted before the slot had a position. */
  readonly lsn: string;
}

/** A replication origin: how far what comes from somewhere has been applied. */
export interface ReplicationOrigin {
  readonly name: string;
  /** Whose position it holds; null: no subscription's. */
  readonly subscription: string | null;
  /** Null: it has none yet. */
  readonly remoteLsn: string | null;
  readonly localLsn: string | null;
}

/** What a server writes and logical replication does not send. */
export interface UnsentWrites {
  /** Replication origins of the cluster that belong to no subscription, by name. */
  readonly foreignOrigins: readonly string[];
  /** The database has large objects. */
  readonly largeObjects: boolean;
}

/** What is read of a node where there is something to say. */
export interface Surroundings {
  /** Replication origins of the cluster; no entry: not requested. */
  readonly origins?: readonly ReplicationOrigin[];
  /** No entry: nothing. */
  readonly unsentWrites?: UnsentWrites;
  /** Tables that cannot be emptied alone; no entry: there are none. */
  readonly references?: readonly TableReference[];
}
