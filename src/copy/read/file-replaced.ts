// Thrown when the file of a table was replaced after its ranges were chosen: its rows must be read again, from ranges of
// the new file.

/** Never leaves the engine: what was read is rolled back, and the tables are cut again. */
export class FileReplaced extends Error {
  /** Positions of the tables in the request. */
  readonly tables: readonly number[];

  constructor(tables: readonly number[]) {
    super('the file of a table was replaced');
    this.name = 'FileReplaced';
    this.tables = tables;
  }
}
