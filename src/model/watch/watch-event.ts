// What steep watch sees, as events: from them the screen is made, live or from a recording.

import type { EdgeFacts, EdgeName } from '../edge/edge-facts.ts';
import type { QueueLook } from '../queue/operation.ts';
import type { SnapshotProgress, SnapshotStatus } from '../snapshot/snapshot-record.ts';
import type { NodeName } from '../state/address.ts';
import type { NativeTable } from '../state/native-copy.ts';

/** The format of recordings; one of a higher number is refused. */
export const recordingVersion = 1;

/** A slot of a node, whoever made it: any of them can fill the disk. Sizes in bytes. */
export interface SlotLook {
  readonly name: string;
  readonly type: string;
  readonly active: boolean;
  readonly walStatus: string | null;
  /** WAL that can still be written before the slot is lost; null: no limit. */
  readonly safeWalSize: number | null;
  readonly retainedBytes: number | null;
  readonly restartLsn: string | null;
  readonly confirmedFlushLsn: string | null;
  /** How long the last change took from the source to its commit on the subscriber; null: none was measured. */
  readonly lagSeconds: number | null;
}

/** A snapshot that is generated, or was lately. */
export interface SnapshotLook extends Omit<SnapshotProgress, 'phase'> {
  readonly snapshotId: string;
  readonly location: string;
  readonly status: SnapshotStatus;
  readonly phase: string | null;
  /** It is generated, and its run reports nothing any more. */
  readonly silent: boolean;
  readonly error: string | null;
}

/** A line of the audit log of a node. */
export interface LogEntry {
  readonly id: number;
  /** RFC 3339 UTC. */
  readonly at: string;
  readonly node: NodeName;
  readonly actor: string;
  readonly event: string;
  readonly subject: string;
  readonly fromState: string | null;
  readonly toState: string | null;
}

/** One node at one moment. */
export interface NodeLook {
  readonly version: string;
  readonly role: 'primary' | 'standby';
  readonly metadataVersion: number;
  /** max_slot_wal_keep_size in bytes; null: no limit. */
  readonly walKeepBytes: number | null;
  readonly slots: readonly SlotLook[];
  readonly snapshots: readonly SnapshotLook[];
  /** Absent: there is no queue, or the role may not read it. */
  readonly queue?: readonly QueueLook[];
  /** Statements that this look has taken, with those for its edges. */
  readonly statements: number;
}

interface Seen<Kind extends string> {
  readonly event: Kind;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface WatchStarted extends Seen<'watch.started'> {
  readonly version: number;
  readonly nodes: readonly NodeName[];
  /** policy.max_lag in bytes. */
  readonly maxLag: number;
}

export interface NodeSeen extends Seen<'watch.node'> {
  readonly node: NodeName;
  readonly look: NodeLook;
  /** What is new of its audit log. */
  readonly log: readonly LogEntry[];
}

export interface NodeLost extends Seen<'watch.node_lost'> {
  readonly node: NodeName;
  readonly code: string;
  readonly message: string;
}

export interface EdgeSeen extends Seen<'watch.edge'> {
  /** One look: nothing of it compares two. */
  readonly facts: EdgeFacts;
  /** Null: as they were. */
  readonly tables: readonly NativeTable[] | null;
}

export interface EdgeGone extends Seen<'watch.edge_gone'>, EdgeName {}

/** All nodes that answer were read as a whole: from now on, edges are known that steep.yaml does not have. */
export interface Introspected extends Seen<'watch.introspected'> {}

export type WatchEvent = WatchStarted | NodeSeen | NodeLost | EdgeSeen | EdgeGone | Introspected;
