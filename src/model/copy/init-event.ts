// What happens to an initial copy, as events: states, phases and tables. Part of the stream of a run. The fields are
// named as in steep_repl, so that a log and a query can be read side by side.

import type { NodeName } from '../state/address.ts';
import type { InitMethod } from '../state/state.ts';
import type { InitPhase } from './init-phase.ts';
import type { InitState } from './init-state.ts';
import type { TableProgress } from './table-progress.ts';

/** Which initial copy: the subscriber, its source, the subscription. */
export interface InitSubject {
  readonly node_id: NodeName;
  /** Null: it is not a node of the file. */
  readonly source_node: NodeName | null;
  readonly subscription: string;
}

interface InTable extends InitSubject {
  /** As formatName has it. */
  readonly table: string;
  readonly phase: InitPhase;
  /** Share of the whole copy: 0 to 1. */
  readonly overall_progress: number;
}

/** How far tables are, wherever they go. */
export interface Movement {
  /** Share of the whole: 0 to 1. */
  readonly overall_progress: number;
  readonly tables_total: number;
  readonly tables_completed: number;
  readonly rows_copied: number;
  readonly bytes_copied: number;
  readonly bytes_total: number | null;
  readonly rows_per_second: number | null;
  readonly bytes_per_second: number | null;
  readonly eta_seconds: number | null;
  readonly workers: number;
  /** Those that are copied right now. */
  readonly tables: readonly TableProgress[];
}

export interface InitProgressEvent extends InitSubject, Movement {
  readonly event: 'init.progress';
  readonly phase: InitPhase;
  /** Bytes of WAL that the subscriber has still to apply; null before it streams. */
  readonly lag_bytes: number | null;
}

export type InitEventBody =
  | ({ readonly event: 'init.started'; readonly method: InitMethod } & InitSubject)
  | ({ readonly event: 'init.completed'; readonly duration_ms: number } & InitSubject)
  | ({ readonly event: 'init.failed'; readonly error: string } & InitSubject)
  | ({ readonly event: 'init.cancelled' } & InitSubject)
  | ({ readonly event: 'init.phase_started'; readonly phase: InitPhase } & InitSubject)
  | ({
      readonly event: 'init.phase_completed';
      readonly phase: InitPhase;
      readonly duration_ms: number;
    } & InitSubject)
  | ({ readonly event: 'init.table_started' } & InTable)
  | ({
      readonly event: 'init.table_complete';
      /** Null, as the duration: the copy of the table was not observed. */
      readonly rows_copied: number | null;
      readonly bytes_copied: number | null;
      readonly duration_ms: number | null;
    } & InTable)
  | ({ readonly event: 'init.table_failed'; readonly error: string } & InTable)
  | InitProgressEvent
  | ({
      readonly event: 'init.state_change';
      readonly from_state: InitState | null;
      readonly to_state: InitState;
    } & InitSubject);
