// The state of a topology at one moment: its nodes, and its edges with the verdict on each (edge-health.ts).

import type { InitReading } from '../copy/init-reading.ts';
import type { InitState } from '../copy/init-state.ts';
import type { NodeName } from '../state/address.ts';

export interface StatusReport {
  /** When the first node was read, RFC 3339 UTC. */
  readonly readAt: string;
  readonly nodes: readonly NodeStatus[];
  readonly edges: readonly EdgeStatus[];
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

export interface EdgeStatus extends EdgeFacts {
  readonly verdict: Verdict;
}

/** What is known of one edge; null: it could not be read. */
export interface EdgeFacts {
  readonly subscription: string;
  readonly source: NodeName;
  readonly node: NodeName;
  /** False: steep.yaml asks for it and it is not there; null: the subscriber could not be read. */
  readonly exists: boolean | null;
  readonly enabled: boolean;
  /** Null: the subscriber could not be read. */
  readonly workerRunning: boolean | null;
  /** Null: detached from its slot. */
  readonly slot: string | null;
  /** Whether the publisher has the slot; null: the publisher could not be read. */
  readonly slotExists: boolean | null;
  readonly walStatus: string | null;
  readonly lagBytes: number | null;
  readonly retainedBytes: number | null;
  readonly tablesReady: number;
  readonly tablesTotal: number;
  /** Counters since the statistics were reset (15+); null before. */
  readonly applyErrors: number | null;
  readonly syncErrors: number | null;
  /** A counter moved between two readings, so that something fails now; null: read only once. */
  readonly errorsMoving: boolean | null;
  /** disable_on_error is on, so that a disabled subscription may have been disabled by a failure. */
  readonly disablesOnError: boolean;
  /** steep.yaml wants it disabled; null: it is not in the file. */
  readonly wantedDisabled: boolean | null;
  readonly initState: InitState | null;
  /** What it reads and the publisher does not have; null: the publisher could not be read. */
  readonly missingPublications: readonly string[] | null;
  /** What it reads, and what did not exist yet at the position of its slot; empty: as far as it was tried. */
  readonly tooNewPublications: readonly string[];
  /** Tables that it knows and that are not published; null: one of the ends could not be read. */
  readonly unpublishedTables: readonly string[] | null;
  /** Tables that are published and that it does not know; null: one of the ends could not be read. */
  readonly unknownTables: readonly string[] | null;
  /** The initial copy, as steep_repl has it: its progress too. */
  readonly init: InitReading | null;
}

export const healths = ['broken', 'unknown', 'lagging', 'copying', 'disabled', 'ok'] as const;
export type Health = (typeof healths)[number];

export interface Verdict {
  readonly health: Health;
  /** One sentence; null: nothing to say about an edge that is well. */
  readonly reason: string | null;
  /** What to do, one sentence or command each. */
  readonly cure: readonly string[];
}

/** The worst of several; a topology without edges is well. */
export const worstHealth = (found: readonly Health[]): Health =>
  healths.find((health) => found.includes(health)) ?? 'ok';
