// What happens during a run, as data: one stream for the terminal, the JSON log and --json. The fields of each event are
// those of schemas/events.schema.json, from which its types are generated.

import type { TableProgress } from './copy/table-progress.ts';
import type { ReadOnly } from './document-types.ts';
import type * as lines from './event.generated.ts';

export interface Blocker {
  readonly pid: number;
  readonly application: string;
  readonly state: string;
  readonly ageSeconds: number;
}

/** What an event lists has names as in TypeScript; it is written in snake case, as the schema has it. */
interface Lists {
  readonly blockers: readonly Blocker[];
  readonly tables: readonly TableProgress[];
}

/** The run that emits an event adds these. */
type Stamp = 'timestamp' | 'level' | 'run_id';

/** Of each event of a union. */
type InMemory<Line, Without extends string> = Line extends unknown
  ? {
      readonly [K in keyof Line as K extends Without ? never : K]: K extends keyof Lists
        ? Lists[K]
        : ReadOnly<Line[K]>;
    }
  : never;

type EventOf<Kind extends string> = Extract<
  lines.EventLine,
  { readonly event: `${Kind}.${string}` }
>;

type StampedKind = 'run' | 'init' | 'schema' | 'operation' | 'snapshot';

export type RunEventBody = InMemory<EventOf<StampedKind>, Stamp>;

/** An event as it is written: stamped by the run that emits it. */
export type RunEvent = InMemory<EventOf<StampedKind>, never>;

/** Tables that differ, as a plan found them. */
export type SchemaMismatch = InMemory<lines.SchemaMismatchDetected, Stamp>;

export type EmitEvent = (event: RunEventBody, level?: EventLevel) => void;

export type EventLevel = lines.Level;

export type RunOutcome = lines.RunFinished['outcome'];

/** Which initial copy: the subscriber, its source, the subscription. */
export type InitSubject = Pick<lines.InitStarted, 'node_id' | 'source_node' | 'subscription'>;

export type InitProgressEvent = InMemory<lines.InitProgress, Stamp>;

/** How far tables are, wherever they are copied to. */
export type Movement = Omit<InitProgressEvent, keyof InitSubject | 'event' | 'phase' | 'lag_bytes'>;

/** As on the command line, and in the audit log of the nodes that it had locked. */
export type OperationName = lines.Operation;

/** As in `steep snapshot generate`. */
export type SnapshotOperation = lines.SnapshotOperation;

/** Which snapshot, and what is done with it. What is null was not known before the command failed. */
export type SnapshotSubject = Pick<
  lines.SnapshotUnchanged,
  'operation' | 'snapshot_id' | 'node_id' | 'location'
>;

/** What is told of a snapshot, in addition to its identity. */
export type SnapshotNews = InMemory<EventOf<'snapshot'>, Stamp | keyof SnapshotSubject>;

/** How a command on a snapshot ends that does not fail. */
export type SnapshotEnding = Extract<
  SnapshotNews,
  { readonly event: 'snapshot.completed' | 'snapshot.unchanged' | 'snapshot.deleted' }
>;

/** A statement that was sent to a server, as a log file has it: every command has these. */
export type StatementEvent = lines.SessionStatement;

/** A server does not answer, answers again, or its connection was ended: every command has these in its log file. */
export type SilenceEvent = lines.SessionSilent;
