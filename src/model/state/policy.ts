// What a topology accepts, as policy of the file says it.

export interface Policy {
  /** Bytes; RESYNC_COPY above it is a danger. */
  readonly copyConfirmAbove: number;
  /** Bytes per second that an initial copy moves, for estimates; null: as it was measured. */
  readonly copyRate: number | null;
  /** Bytes; an edge that lags less has converged. */
  readonly maxLag: number;
  /** CODE, or CODE=ADDRESS. */
  readonly allowHazards: readonly string[];
  /** Warnings need consent too. */
  readonly strict?: true;
}
