// How far the copy of one table is.

export interface TableProgress {
  readonly table: string;
  readonly syncState: string;
  readonly rowsDone: number;
  readonly bytesDone: number;
  /** Size on the source; null: it could not be read. */
  readonly bytesTotal: number | null;
  /** 0 to 100. This, the rates and the time left are null while they cannot be said. */
  readonly percent: number | null;
  readonly rowsPerSecond: number | null;
  readonly bytesPerSecond: number | null;
  readonly etaSeconds: number | null;
}
