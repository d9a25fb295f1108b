// The state of a topology at one moment, and the verdict on each edge.
// The rule of the verdict: never say ok while replication is broken.

import type { NodeName } from './address.ts';
import { type InitReading, isUnderWay, isWatched } from './init-reading.ts';
import type { InitState } from './init-state.ts';

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
  /** The first copy, as steep_repl has it: its progress too. */
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

interface Symptom {
  readonly health: Health;
  readonly applies: (edge: EdgeFacts, maxLag: number) => boolean;
  readonly reason: string;
  readonly cure: (edge: EdgeFacts) => readonly string[];
}

const nothingToDo = (): readonly string[] => [];

/** The first that applies is the verdict: what makes others look well comes before them. */
const symptoms: readonly Symptom[] = [
  {
    health: 'copying',
    applies: (edge) => edge.exists === false && edge.init !== null && isWatched(edge.init),
    reason: 'The first copy is being made; the subscription comes after it.',
    cure: nothingToDo,
  },
  {
    health: 'broken',
    applies: (edge) => edge.exists === false && edge.init !== null && isUnderWay(edge.init),
    reason: 'The first copy was interrupted, and nobody goes on with it.',
    cure: () => ['steep apply'],
  },
  {
    health: 'broken',
    applies: (edge) => edge.initState === 'failed' && !isCopied(edge),
    reason: 'The first copy failed.',
    cure: (edge) => [...(edge.init?.error == null ? [] : [edge.init.error]), 'steep apply'],
  },
  {
    health: 'broken',
    applies: (edge) => edge.exists === false,
    reason: 'The subscription is in steep.yaml and does not exist.',
    cure: () => ['steep plan'],
  },
  {
    health: 'broken',
    applies: (edge) => edge.walStatus === 'lost',
    reason:
      'The slot is lost: the publisher removed WAL that it needed. Nothing is replicated any more.',
    cure: () => ['Only a new first copy helps.', 'steep explain SLOT_LOST'],
  },
  {
    health: 'broken',
    applies: (edge) => edge.slot !== null && edge.slotExists === false,
    reason: 'The slot does not exist on the publisher.',
    cure: () => ['Only a new first copy helps.', 'steep explain SLOT_MISSING'],
  },
  {
    health: 'broken',
    applies: (edge) => edge.initState === 'diverged',
    reason: 'Changes are missing for good: the slot was lost after the first copy.',
    cure: (edge) => [
      ...(edge.init?.error == null ? [] : [edge.init.error]),
      'Only a new first copy helps.',
    ],
  },
  {
    health: 'broken',
    applies: (edge) => !edge.enabled && edge.disablesOnError && failed(edge),
    reason: 'The subscription was disabled by an error: a change could not be applied.',
    cure: (edge) => [
      'Read the log of the subscriber, put the cause right, and enable it again.',
      `ALTER SUBSCRIPTION ${edge.subscription} ENABLE;`,
    ],
  },
  {
    health: 'broken',
    applies: (edge) => !edge.enabled && edge.wantedDisabled === false,
    reason: 'The subscription is disabled, and steep.yaml wants it enabled.',
    cure: () => ['steep plan'],
  },
  {
    health: 'disabled',
    applies: (edge) => !edge.enabled,
    reason: 'The subscription is disabled: nothing is replicated, and a slot keeps WAL meanwhile.',
    cure: nothingToDo,
  },
  {
    health: 'unknown',
    applies: (edge) => edge.workerRunning === null,
    reason: 'The subscriber could not be read.',
    cure: () => ['steep plan'],
  },
  {
    health: 'broken',
    applies: (edge) => edge.slot === null,
    reason: 'The subscription is enabled and has no slot to read from.',
    cure: () => ['steep plan'],
  },
  {
    health: 'broken',
    applies: (edge) => edge.workerRunning === false,
    reason: 'No apply worker is running, although the subscription is enabled.',
    cure: () => ['Read the log of the subscriber: the worker says there why it ends.'],
  },
  {
    health: 'broken',
    applies: (edge) => edge.errorsMoving === true && edge.tablesReady < edge.tablesTotal,
    reason: 'The copy of a table fails again and again.',
    cure: () => [
      'Read the log of the subscriber: it names the table.',
      'steep explain COPY_FAILED',
    ],
  },
  {
    health: 'broken',
    applies: (edge) => edge.errorsMoving === true,
    reason: 'Apply fails again and again.',
    cure: () => ['Read the log of the subscriber: it names the change that cannot be applied.'],
  },
  {
    health: 'unknown',
    applies: (edge) => edge.slotExists === null,
    reason: 'The publisher could not be read, so that neither the slot nor the lag is known.',
    cure: () => ['steep plan'],
  },
  {
    health: 'copying',
    applies: (edge) => edge.tablesReady < edge.tablesTotal,
    reason: 'The first copy of a table is not done yet.',
    cure: nothingToDo,
  },
  {
    health: 'unknown',
    applies: (edge) => edge.lagBytes === null,
    reason: 'The lag could not be read.',
    cure: () => ['steep plan'],
  },
  {
    health: 'lagging',
    applies: (edge, maxLag) => (edge.lagBytes ?? 0) > maxLag,
    reason: 'The subscriber is behind by more than policy.max_lag.',
    cure: nothingToDo,
  },
];

const isCopied = (edge: EdgeFacts): boolean =>
  edge.exists === true && edge.tablesReady === edge.tablesTotal;

const failed = (edge: EdgeFacts): boolean =>
  (edge.applyErrors ?? 0) > 0 || (edge.syncErrors ?? 0) > 0;

/** Judges one edge. `maxLag`, in bytes, is policy.max_lag. */
export const judgeEdge = (edge: EdgeFacts, maxLag: number): Verdict => {
  const found = symptoms.find(({ applies }) => applies(edge, maxLag));
  return found === undefined
    ? { health: 'ok', reason: null, cure: [] }
    : { health: found.health, reason: found.reason, cure: found.cure(edge) };
};

/** The worst of several; a topology without edges is well. */
export const worstHealth = (found: readonly Health[]): Health =>
  healths.find((health) => found.includes(health)) ?? 'ok';
