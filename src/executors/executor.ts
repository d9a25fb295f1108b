// What an executor is: how steps of one kind are executed. Its SQL is pure, so that a plan, the docs and the tests can
// show it without a server.

import type { CodeGuard } from '../copy/check/code-guard.ts';
import type { SeenTables } from '../copy/check/seen-tables.ts';
import type { HeldSnapshot } from '../copy/read/hold-snapshot.ts';
import type { HandDecisions } from '../merge/hand-decisions.ts';
import type { TableProgress } from '../model/copy/table-progress.ts';
import type { EmitEvent } from '../model/event.ts';
import { growingPauses } from '../model/pauses.ts';
import type { Address, NodeName } from '../model/state/address.ts';
import type { DecisionsFile } from '../model/state/merge.ts';
import type { SnapshotReader, Step } from '../model/step/step.ts';
import type { Dump, DumpRequest } from '../postgres/connect/pg-dump.ts';
import type { Session } from '../postgres/session.ts';
import type { Sql } from '../postgres/sql/sql.ts';
import type { Storage } from '../snapshot/storage/storage.ts';

/** Milliseconds. */
export interface RunLimits {
  readonly lockTimeoutMs: number;
  readonly lockRetries: number;
  /** How long the creation of a slot may wait for open write transactions. */
  readonly slotTimeoutMs: number;
  /** How long a wait step, and convergence, may last. */
  readonly waitTimeoutMs: number;
  /** Pause between two looks at a server. */
  readonly pollMs: number;
}

/** A slot of this run, its snapshot, and who copies at it. */
export interface SnapshotInUse {
  readonly held: HeldSnapshot;
  readonly source: NodeName;
  readonly reader: SnapshotReader;
}

/** What is loaded from a snapshot on storage, until the run may leave it to the next one. */
export interface LoadInUse {
  readonly node: NodeName;
  readonly subscription: string;
  readonly source: NodeName;
  readonly slot: string;
  readonly checkpointsKey: string;
}

/** What an executor may use while it runs. */
export interface RunContext {
  readonly runId: string;
  readonly steepVersion: string;
  readonly limits: RunLimits;
  /** Aborted by an interrupt: waits end at once. */
  readonly signal: AbortSignal;
  /** The session that executes the steps of a node; the run lock, which ends with it, has a session of its own. */
  readonly session: (node: NodeName) => Session;
  /** The session in which steep_repl of a node lives: the same one, unless metadata_database is set. */
  readonly metadata: (node: NodeName) => Session;
  /** A second session of a node, to look on while the first one waits. */
  readonly observer: (node: NodeName) => Promise<Session>;
  /** A session of the step's own, which may write; the caller closes it. */
  readonly openSession: (node: NodeName) => Promise<Session>;
  /** A walsender session of a node, which takes the commands of the replication protocol; the caller closes it. */
  readonly openWalsender: (node: NodeName) => Promise<Session>;
  /** A pg_dump of one table of a node, at a snapshot that this run holds. */
  readonly openDump: (node: NodeName, request: DumpRequest) => Promise<Dump>;
  /** Snapshots that steps of this run hold for later ones, by the address of their slot. */
  readonly snapshots: Map<Address, SnapshotInUse>;
  /** The same, to where steep_repl of the node is. */
  readonly openMetadata: (node: NodeName) => Promise<Session>;
  /** Loads of this run for subscriptions, by the address of these. */
  readonly loads: Map<Address, LoadInUse>;
  /** The files of a snapshot, from its location as the file says it; the caller closes it. */
  readonly openSnapshot: (location: string) => Promise<Storage>;
  /** Decisions of a merge that were made by hand. @throws SteepError where the file is not the one that was planned with. */
  readonly readDecisions: (file: DecisionsFile) => HandDecisions;
  /** steep_repl has been installed on the node: the run takes the table of the run lock. @throws SteepError */
  readonly lockMetadata: (node: NodeName) => Promise<void>;
  /** steep_repl is about to be dropped: the run releases the table of the run lock, and keeps the advisory lock. */
  readonly unlockMetadata: (node: NodeName) => Promise<void>;
  /** The salted hash of the connection string written for a source: never the string. */
  readonly connectionHash: (source: NodeName) => { readonly salt: string; readonly hash: string };
  /** Refuses code of roles that are not trusted, except what the plan of this run says and was agreed to. */
  readonly guard: CodeGuard;
  /** What tables were made of when this run looked at their rows. */
  readonly seen: SeenTables;
  readonly emit: EmitEvent;
  readonly progress: (message: string, tables?: readonly TableProgress[]) => void;
  /** Milliseconds since any fixed point. */
  readonly clock: () => number;
  /** Resolves after this many milliseconds, or rejects when the run is interrupted. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** A refusal of the server that passes by itself within seconds. */
export interface PassingRefusal {
  readonly sqlState: string;
  /** What is waited for, for people. */
  readonly reason: string;
}

export interface Executor<S extends Step> {
  /** All statements in one transaction, together with the ownership of the step. */
  readonly transactional: boolean;
  readonly reversible: boolean | ((step: S) => boolean);
  /** The statements go to the session in which steep_repl is. */
  readonly onMetadata?: true;
  /** Outside a transaction too, its statements wait for locks for a limited time only. */
  readonly limitsLocks?: true;
  /** Its statement may last as long as the creation of a slot may wait. */
  readonly limitsSlotWait?: true | ((step: S) => boolean);
  /** The statements, each on its own, are tried again for a while. */
  readonly retried?: PassingRefusal;
  /** The strongest table lock it takes, with PostgreSQL's name for it. */
  readonly lock?: (step: S) => string | null;
  /** The statements in order. Steps without any say what they do in `note`. */
  readonly sql: (step: S) => readonly Sql[];
  /** What a reader sees instead of SQL: lines, which become comments. */
  readonly note?: (step: S) => readonly string[];
  /** Before the statements, in the same transaction where there is one: refuses what must not be sent any more. */
  readonly before?: (step: S, context: RunContext) => Promise<void>;
  /** Instead of sending `sql`: for waits, and for what needs more than statements. */
  readonly run?: (step: S, context: RunContext) => Promise<void>;
  /** After the statements, in the same transaction where there is one: what else is recorded. */
  readonly finish?: (step: S, context: RunContext) => Promise<Readonly<Record<string, unknown>>>;
  /** When all of that is committed. */
  readonly committed?: (step: S, context: RunContext) => Promise<void>;
}

const firstPauseMs = 50;

/** The pauses of one wait: as often as the limits say in the end, more often in the first second. */
export const pausesOf = ({
  sleep,
  limits,
}: Pick<RunContext, 'sleep' | 'limits'>): (() => Promise<void>) =>
  growingPauses({ sleep, firstMs: firstPauseMs, longestMs: limits.pollMs });
