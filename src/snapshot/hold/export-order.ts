// What the process that holds a snapshot is told, and what it answers. Both travel through pipes: the connection may
// hold a password.

/** One JSON document on its input. */
export interface ExportOrder {
  /** For failures. */
  readonly node: string;
  readonly conninfo: string;
  /** Null: a snapshot without a slot. */
  readonly slot: string | null;
  /** Sessions of this name use the snapshot. */
  readonly applicationName: string;
  /** It ends when no session has used the snapshot for so long. Milliseconds, as the next. */
  readonly idleMs: number;
  readonly slotTimeoutMs: number;
}

export interface RunningExporter {
  readonly lsn: string;
  /** For SET TRANSACTION SNAPSHOT. */
  readonly snapshot: string;
  /** The backend that holds it, and when it began: seconds, as text. */
  readonly pid: number;
  readonly backendStart: string;
}

/** One line on its output. */
export type ExportReply =
  | ({ readonly ok: true } & RunningExporter)
  | {
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      readonly suggestions: readonly string[];
    };
