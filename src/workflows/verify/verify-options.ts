// What the parts of a verification get from it.

import type { QualifiedName } from '../../model/identifier.ts';
import type { VerificationProgress, VerifiedRow } from '../../model/report/verification.ts';

export interface VerificationOptions {
  /** Null: all. */
  readonly tables: readonly QualifiedName[] | null;
  readonly fast: boolean;
  /** Sessions that read, for each node. */
  readonly jobs: number;
  /** How long a difference is looked at before it counts as unsettled. */
  readonly settleMs: number;
  /** Each key whose rows are not the same, as it is found. */
  readonly onRow: (address: string, table: string, row: VerifiedRow) => void;
  /** What is told of the bytes that are read of a table, and that keeps to the rate. */
  readonly reading: (
    where: Omit<VerificationProgress, 'bytesDone'>,
  ) => (bytes: number) => Promise<void>;
  readonly clock: () => number;
  /** Rejects when the command is interrupted. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
}
