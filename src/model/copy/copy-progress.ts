// How far the initial copy of a subscription is, as the copy engine tells it. Rates and times are null while they
// cannot be said.

import type { QualifiedName } from '../identifier.ts';

/** In this order; the initial copy is over when the subscription has caught up. */
export const copyPhases = ['preparing', 'copying', 'indexing', 'finishing', 'catching_up'] as const;

export type CopyPhase = (typeof copyPhases)[number];

/** A table that is copied right now. */
export interface RunningTable {
  readonly table: QualifiedName;
  readonly rowsDone: number;
  readonly bytesDone: number;
  /** Size on the source, which what COPY sends can exceed or fall short of. */
  readonly bytesTotal: number;
  /** 0 to 100, by the parts of the table that are done. */
  readonly percent: number;
  readonly rowsPerSecond: number | null;
  readonly bytesPerSecond: number | null;
  readonly etaSeconds: number | null;
}

/** All tables of one subscription together. */
export interface CopyProgress {
  readonly phase: CopyPhase;
  /** 0 to 100. */
  readonly percent: number;
  readonly tablesTotal: number;
  readonly tablesDone: number;
  readonly rowsCopied: number;
  readonly bytesCopied: number;
  readonly bytesTotal: number;
  readonly rowsPerSecond: number | null;
  readonly bytesPerSecond: number | null;
  readonly etaSeconds: number | null;
  readonly workers: number;
  readonly tables: readonly RunningTable[];
}
