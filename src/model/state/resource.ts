// What steep manages, desired and live in the same shape. `spec` is what the differ compares;
// `observed` moves by itself and is only shown.

import type { SlotStatistics } from '../edge/edge-record.ts';
import type { QualifiedName } from '../identifier.ts';
import type { Address, NodeName } from './address.ts';
import type { ResourceKind } from './resource-kind.ts';
import type { IdentityMode } from './table.ts';

/** What a publication can send, in the order of PostgreSQL's documentation, and of its catalog. */
export const publishOperations = ['insert', 'update', 'delete', 'truncate'] as const;

export type PublishOperation = (typeof publishOperations)[number];

export interface PublishedTable {
  readonly table: QualifiedName;
  /** Sorted; null: all columns. */
  readonly columns: readonly string[] | null;
  /** The row filter as the user wrote it, while the server still holds what it made of that text. */
  readonly where: string | null;
}

export interface MetadataSpec {
  /** Number of the last migration in sql/. */
  readonly version: number;
}

export interface NodeSpec {
  readonly priority: number;
}

export interface PublicationSpec {
  /** FOR ALL TABLES: only ever live, never desired. */
  readonly allTables: boolean;
  /** Sorted by name. */
  readonly tables: readonly PublishedTable[];
  /** TABLES IN SCHEMA, sorted. */
  readonly schemas: readonly string[];
  /** In the order insert, update, delete, truncate. */
  readonly publish: readonly PublishOperation[];
  readonly viaPartitionRoot: boolean;
  readonly generatedColumns: 'none' | 'stored';
}

export interface IdentitySpec {
  readonly table: QualifiedName;
  readonly mode: IdentityMode;
  readonly index: string | null;
}

export interface SlotSpec {
  readonly plugin: string;
  readonly database: string;
}

export interface SubscriptionSpec {
  /** The node it reads from; null: live, and not one of the file's nodes. */
  readonly source: NodeName | null;
  /** Sorted. */
  readonly publications: readonly string[];
  /** Null: detached (slot_name = NONE). */
  readonly slot: string | null;
  readonly enabled: boolean;
  /**
   * Whether the catalog holds the connection string that steep.yaml asks for. The string itself never
   * comes here: it may hold a password. `unknown`: it can neither be read nor compared.
   */
  readonly connection: 'current' | 'stale' | 'unknown';
  /** Every option that the server knows, as text: `{ binary: 'false', origin: 'any' }`. */
  readonly options: Readonly<Record<string, string>>;
}

export interface CopySpec {
  readonly subscription: string;
  readonly table: QualifiedName;
  readonly state: 'ready' | 'copying';
}

export interface ResourceSpecs {
  readonly metadata: MetadataSpec;
  readonly node: NodeSpec;
  readonly publication: PublicationSpec;
  readonly identity: IdentitySpec;
  readonly slot: SlotSpec;
  readonly subscription: SubscriptionSpec;
  readonly copy: CopySpec;
}

export interface SlotObserved {
  readonly active: boolean;
  readonly walStatus: string | null;
  /** Why the server has invalidated it (17+). */
  readonly invalidation?: string | null;
  readonly catalogXmin?: string | null;
  readonly confirmedFlushLsn: string | null;
  readonly restartLsn: string | null;
  /** Bytes of WAL between the slot and the end of WAL, and kept because of the slot. */
  readonly lagBytes: number | null;
  readonly retainedBytes: number | null;
  readonly safeWalSize: number | null;
  readonly failover: boolean;
  readonly twoPhase: boolean;
  readonly statistics?: SlotStatistics | null;
}

/** Which publication it is, whatever its definition: one that was dropped and created again has other OIDs. */
export interface PublicationObserved {
  readonly oid: number;
  /** Of its rows in pg_publication_rel and pg_publication_namespace, in order. */
  readonly members: readonly number[];
  /** The same by what they are of: formatName of a table, or `schema.*`. */
  readonly memberOf: Readonly<Record<string, number>>;
  /** Its OID, or those of members, that steep gave it in the transaction that took away the former ones. */
  readonly rewritten: readonly number[];
  /** The transaction that wrote its row last. */
  readonly xmin?: string;
  /** The OID of its owner. */
  readonly owner?: number;
}

/** Whether a connection string is the one that was last applied; null: nothing was recorded, or it cannot be read. */
export interface AsApplied {
  /** That of the catalog. */
  readonly live: boolean | null;
  /** That of steep.yaml. */
  readonly file: boolean | null;
}

export interface SubscriptionObserved {
  readonly oid: number;
  readonly workerRunning: boolean;
  readonly twoPhaseState: 'disabled' | 'pending' | 'enabled';
  /** Of one that is disabled: up to where of its source it holds the changes; no entry: it is enabled, or not known. */
  readonly appliedLsn?: string;
  /** The end of a transaction that it is to skip (15+); no entry: none. */
  readonly skipLsn?: string;
  /** Transactions that it has prepared and that only it would end; no entry: none. */
  readonly prepared?: readonly string[];
  /** Counters of pg_stat_subscription_stats (15+); null before. */
  readonly applyErrors: number | null;
  readonly syncErrors: number | null;
  readonly secretInCatalog: boolean | null;
  /** No entry: it was not asked. */
  readonly asApplied?: AsApplied;
}

export interface MetadataObserved {
  /** Other nodes that the same schema serves: registered in it, or with rows of ownership. */
  readonly alsoServes: readonly NodeName[];
}

export interface CopyObserved {
  /** pg_subscription_rel.srsubstate: i, d, f, s or r. */
  readonly syncState: string;
  /** The position at which the copy ended; null: it has not, or it was not PostgreSQL that copied. */
  readonly syncLsn?: string | null;
  /** The transaction that wrote its row in pg_subscription_rel last: another copy has another. */
  readonly row?: string;
}

export interface ResourceObservations {
  readonly metadata: MetadataObserved;
  readonly node: null;
  readonly publication: PublicationObserved;
  readonly identity: null;
  readonly slot: SlotObserved;
  readonly subscription: SubscriptionObserved;
  readonly copy: CopyObserved;
}

export interface ResourceOf<K extends ResourceKind> {
  readonly kind: K;
  readonly node: NodeName;
  readonly name: string;
  readonly address: Address;
  readonly spec: ResourceSpecs[K];
  /** steep manages it: a row in steep_repl.objects (kinds without such rows are always owned). */
  readonly owned: boolean;
  readonly protect: boolean;
  /** Null on the desired side. */
  readonly observed: ResourceObservations[K] | null;
}

export type Resource = { readonly [K in ResourceKind]: ResourceOf<K> }[ResourceKind];
