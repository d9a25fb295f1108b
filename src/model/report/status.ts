// The state of a topology at one moment: its nodes, and its edges with the verdict on each (edge-health.ts).

import type { InitState } from '../copy/init-state.ts';
import type { EdgeStatus, Health } from '../edge/edge-health.ts';
import type { SnapshotUnderWay } from '../snapshot/snapshot-record.ts';
import type { NodeName } from '../state/address.ts';
import type { LastVerification } from './verification.ts';

export interface StatusReport {
  /** When the first node was read, RFC 3339 UTC. */
  readonly readAt: string;
  readonly nodes: readonly NodeStatus[];
  readonly edges: readonly EdgeStatus[];
  /** When the rows of edges were compared last, and what was found; of those that ever were. */
  readonly verifications: readonly LastVerification[];
  /** That are being made of the nodes, the oldest first. */
  readonly snapshots: readonly SnapshotUnderWay[];
  /** The worst of all edges; `unknown` if a node could not be read. */
  readonly overall: Health;
}

export type NodeStatus = ReadableNode | UnreadableNode;

export interface ReadableNode {
  readonly name: NodeName;
  readonly reachable: true;
  /** As people say it: `16.9`. */
  readonly version: string;
  readonly role: 'primary' | 'standby';
  /** The worst of its subscriptions; null: it has none. */
  readonly state: InitState | null;
  /** Version of the steep_repl schema; 0: not installed. */
  readonly metadataVersion: number;
}

export interface UnreadableNode {
  readonly name: NodeName;
  readonly reachable: false;
  /** Why it could not be read, with a code that `steep explain` knows. */
  readonly error: { readonly code: string; readonly message: string };
}
