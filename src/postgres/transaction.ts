// What a transaction is begun with.

import { ddl, join, type Sql } from './sql/sql.ts';

export interface TransactionOptions {
  readonly isolation?: 'repeatable read';
  readonly readOnly?: boolean;
}

/** The statement that begins it. */
export function begin({ isolation, readOnly }: TransactionOptions): Sql {
  return join(
    [
      ddl`BEGIN`,
      ...(isolation === undefined ? [] : [ddl`ISOLATION LEVEL REPEATABLE READ`]),
      ...(readOnly === undefined ? [] : [readOnly ? ddl`READ ONLY` : ddl`READ WRITE`]),
    ],
    ' ',
  );
}

/** What is read only has nothing that a check before COMMIT could keep from being stored. */
export function mayWrite(
  { readOnly }: TransactionOptions,
  ofSession: boolean | undefined,
): boolean {
  return readOnly === undefined ? ofSession !== true : !readOnly;
}
