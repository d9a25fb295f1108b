// The two sides of a plan: what steep.yaml asks for, and what the servers hold.

import type { LargeTables, SizedTable } from '../copy/large-tables.ts';
import type { RestoredCopy } from '../copy/manual-init.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { EdgeGap, EdgeRecord } from '../edge/edge-record.ts';
import type { QualifiedName } from '../identifier.ts';
import type { NodeSpeed } from '../plan/copy-estimate.ts';
import type { FoundHazard } from '../plan/hazard.ts';
import type { CopyProbes } from '../plan/row-sample.ts';
import type { DumpTool } from '../report/dump-tool.ts';
import type { SchemaAlignment, SchemaSync } from '../schema/schema-change.ts';
import type { SentDifference } from '../schema/schema-difference.ts';
import type { SnapshotLoad, SnapshotReading } from '../snapshot/snapshot-reading.ts';
import type { Address, NodeName } from './address.ts';
import type { Applied } from './applied.ts';
import type { CopyUnderWay, LostChanges } from './copy-under-way.ts';
import type { FilterFault } from './filter-fault.ts';
import type { EventTrigger, ForeignCode } from './foreign-code.ts';
import type { MergeReading, MergeSettings } from './merge.ts';
import type { NotedAttempt } from './noted-attempt.ts';
import type { Policy } from './policy.ts';
import type { PublishOperation, Resource } from './resource.ts';
import type { OwnershipFacts } from './rights.ts';
import type { ServerFacts } from './server.ts';
import type { ForeignSlot, PreparedPosition, SnapshotSlot, Surroundings } from './surroundings.ts';
import type { IdentityMode, Table } from './table.ts';
import type { TooNew } from './too-new.ts';

export type { LargeTables, SizedTable } from '../copy/large-tables.ts';

/** What the file asks for, defaults filled, wildcards not yet expanded (that takes the live tables). */
export interface DesiredState {
  readonly nodes: readonly DesiredNode[];
  readonly publications: readonly DesiredPublication[];
  readonly subscriptions: readonly DesiredSubscription[];
  readonly removed: readonly Removal[];
  readonly renamed: readonly Renaming[];
  readonly policy: Policy;
}

/** drop: with its slot; detach: the subscription goes, its slot stays; keep: only forgotten. */
export type RemovalAction = 'drop' | 'detach' | 'keep';

/** What becomes of a managed object that is no longer in steep.yaml. */
export interface Removal {
  readonly address: Address;
  readonly action: RemovalAction;
  /** The place of the entry: `steep.yaml:41`. */
  readonly source: string;
}

/** An object that has another name in the file than it had when it was applied. */
export interface Renaming {
  readonly node: NodeName;
  readonly kind: 'publication' | 'subscription';
  readonly from: string;
  readonly to: string;
  readonly fromAddress: Address;
  readonly toAddress: Address;
  /** The place of the entry: `steep.yaml:41`. */
  readonly source: string;
}

export interface DesiredNode {
  readonly name: NodeName;
  /** How it is reached, without secrets: `env:PRIMARY_URL`, or `steep.yaml`. */
  readonly connectionRef: string;
  readonly priority: number;
  readonly metadataDatabase: string | null;
  /** Roles other than the connected one and superusers that may own steep_repl and write to it. Absent: none. */
  readonly metadataOwners?: readonly string[];
  /** The role that applies, where the file names it. Absent: the one that is connected. */
  readonly applyRole?: string;
}

export interface DesiredPublication {
  readonly node: NodeName;
  readonly name: string;
  readonly tables: readonly TableSelector[];
  readonly schemas: readonly string[];
  readonly publish: readonly PublishOperation[];
  readonly viaPartitionRoot: boolean;
  readonly generatedColumns: 'none' | 'stored';
  readonly protect: boolean;
  /** The place of the block in the file: `steep.yaml:41`. */
  readonly source: string;
}

/** `schema: null` is `*`: every table of the database; `name: null` is `schema.*`. */
export type TableSelector =
  | {
      readonly kind: 'table';
      readonly table: QualifiedName;
      readonly columns: readonly string[] | null;
      readonly where: string | null;
      readonly identity: { readonly mode: IdentityMode; readonly index: string | null } | null;
    }
  | { readonly kind: 'schema'; readonly schema: string }
  | { readonly kind: 'all' };

export interface DesiredSubscription {
  readonly node: NodeName;
  readonly name: string;
  readonly source: NodeName;
  readonly publications: readonly string[];
  readonly slot: string;
  /** The file does not name the slot: one that is there already is kept. */
  readonly slotByDefault?: true;
  readonly enabled: boolean;
  /** Only what the file says, as text; the planner adds the server's defaults. */
  readonly options: Readonly<Record<string, string>>;
  readonly init: InitMethod;
  /** With merge, on both directions of the pair: how rows are decided. */
  readonly merge?: MergeSettings;
  /** With two_phase: a bucket, or a folder as seen from that of the file; and the SHA-256 of its manifest, if pinned. */
  readonly snapshot?: string;
  readonly snapshotSha256?: string;
  /** Of a parallel copy: connections on each side, and whether it holds its tables until the last row is read. */
  readonly copyWorkers: number;
  readonly holdTables?: boolean;
  /** Of a parallel one whose large tables do not come as all others; absent: they do. */
  readonly largeTables?: LargeTables;
  /** Tables whose size caused the basebackup fallback: it counts as a manual one. */
  readonly leftToUser?: readonly SizedTable[];
  /** Of a manual one that is being completed. */
  readonly restored?: RestoredCopy;
  readonly schemaSync: SchemaSync;
  readonly protect: boolean;
  /** The connection string that the subscriber will hold contains a password. */
  readonly secretInConnection: boolean;
  /** The same string without its secrets. Absent: it is not known. */
  readonly connection?: string;
  /** That string is the replication_connection of the source, not the one that steep uses itself. */
  readonly replicationConnection?: true;
  readonly origin: string;
  /** The pair that it is one direction of; null: it belongs to no pair. */
  readonly pair: PairEnd | null;
}

export interface PairEnd {
  readonly name: string;
  /** Forth: to the second node, which gets the initial copy, if there is one. Back: to the first. */
  readonly way: 'forth' | 'back';
  /** The subscription of the other direction: its node is the source of this one. */
  readonly partner: string;
}

/** How the rows come first: by steep's own copy, PostgreSQL's copy_data, a snapshot on storage, or manually. */
export type InitMethod = 'parallel' | 'native' | 'two_phase' | 'manual' | 'merge' | 'none';

export interface LiveState {
  /** When the first node was read, RFC 3339 UTC. */
  readonly readAt: string;
  readonly nodes: Readonly<Record<NodeName, NodeState>>;
  /** Nodes that could not be read, and why. */
  readonly unreadable: Readonly<Record<NodeName, Diagnostic>>;
  /** What subscribers with `schema_sync: auto` lack, by node; no entry: not requested, or nothing differs. */
  readonly alignments?: Readonly<Record<NodeName, SchemaAlignment>>;
  /** How tables of subscribers differ from what is sent to them, by the subscription; no entry: not at all. */
  readonly sentDifferences?: Readonly<Record<Address, readonly SentDifference[]>>;
  /** Snapshots on storage, by the subscription that may be filled from it; no entry: not requested. */
  readonly snapshots?: Readonly<Record<Address, SnapshotReading>>;
  /** Slots whose position is older than what is read there, by the subscription; no entry: none was found. */
  readonly tooNew?: Readonly<Record<Address, TooNew>>;
  /** Rows that are missing on subscribers, or left there, and that nothing will bring in line; no entry: none is known. */
  readonly edgeGaps?: Readonly<Record<Address, readonly EdgeGap[]>>;
  /** What is wrong with the tables of managed subscriptions as they are, allowed or not; no entry: nothing. */
  readonly edgeFaults?: Readonly<Record<Address, readonly FoundHazard[]>>;
  /** Pairs that are about to be merged, by the subscription of the second node; no entry: it was not read. */
  readonly merges?: Readonly<Record<Address, MergeReading>>;
  /** Pairs that replicate, are to be merged, and have no merge on record, by the subscription of the second node. */
  readonly unmerged?: readonly Address[];
  /** Row filters of the file that their publisher cannot parse; no entry: none was found. */
  readonly filterFaults?: Readonly<Record<NodeName, readonly FilterFault[]>>;
  /** Connections of subscriptions were not compared, since that was asked for. */
  readonly connectionsSkipped?: true;
  /** Subscriptions whose slot is in doubt, and was not tried: the connected role may not read slots. No entry: none. */
  readonly untried?: readonly Address[];
  readonly probes?: CopyProbes;
  /** The pg_dump of this machine; no entry: not requested. */
  readonly dumpTool?: DumpTool;
}

export interface NodeState extends Surroundings {
  readonly node: NodeName;
  readonly server: ServerFacts;
  readonly resources: readonly Resource[];
  readonly tables: readonly Table[];
  readonly ownership: OwnershipFacts;
  /** Slots of PostgreSQL's own table synchronization that no subscription uses any more. */
  readonly orphanSlots: readonly string[];
  /** Slots of the cluster that no resource of this node is. */
  readonly foreignSlots: readonly ForeignSlot[];
  /** Owned addresses whose object is gone. */
  readonly missing: readonly Address[];
  /** What steep last applied here, whether or not it is still there. */
  readonly applied: readonly Applied[];
  /** Initial copies by steep into this node that no subscription follows yet; no entry: there are none. */
  readonly unfinishedCopies?: readonly UnfinishedCopy[];
  /** What was loaded of snapshots on storage, and belongs to no subscription yet; no entry: nothing. */
  readonly loads?: readonly SnapshotLoad[];
  /** Subscriptions that are there, and for which a copy by steep has still something to make that it deferred. */
  readonly deferredFor?: readonly string[];
  /** Initial copies that are not over; no entry: there are none. */
  readonly copiesUnderWay?: readonly CopyUnderWay[];
  /** Subscriptions that are diverged; no entry: there are none. */
  readonly lostChanges?: readonly LostChanges[];
  /** Slots that hold WAL for snapshots on record; no entry: there are none. */
  readonly snapshotSlots?: readonly SnapshotSlot[];
  /** Slots that wait for rows that a user restores, also when they are gone; no entry: there are none. */
  readonly preparedSlots?: readonly PreparedPosition[];
  /** What was noted of edges of subscriptions on this node, by their address; no entry: nothing. */
  readonly edgeRecords?: Readonly<Record<Address, EdgeRecord>>;
  /** Tables, by subscription, whose rows the last steep verify found to differ. Absent: none. */
  readonly differentTables?: Readonly<Record<Address, readonly string[]>>;
  /** What would run with the rights of steep's role, of tables that a plan may fill, read or empty; no entry: nothing. */
  readonly foreignCode?: readonly ForeignCode[];
  /** Event triggers that would run code of others when steep runs DDL; no entry: there are none. */
  readonly eventTriggers?: readonly EventTrigger[];
  /** How fast it wrote WAL and was copied to. */
  readonly pace: NodeSpeed;
}

/** An initial copy by steep that was interrupted before its subscription was created. */
export interface UnfinishedCopy extends Omit<SnapshotLoad, 'checkpointsKey'> {
  /** The run that makes it at this moment, as the server knows it: with who, where and since when. */
  readonly madeBy?: string;
  readonly subscription: string;
  /** Under which the copy checkpoints keep its rows; no entry: under the name of the subscription. */
  readonly checkpointsKey?: string;
  /** No entry: it is not on record. */
  readonly source?: NodeName;
  readonly slot: string;
  readonly publicationsDigest: string;
  /** Tables with indexes or constraints that are still to be re-created; no entry: none. */
  readonly deferred?: readonly QualifiedName[];
  /** What tells its slot and its publications from others; no entry: nothing is on record. */
  readonly noted?: NotedAttempt;
}
