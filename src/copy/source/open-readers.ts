// Chooses how the rows of a copy are read on the source.

import type { Transfer } from '../fill/copy-table.ts';
import { type HoldWork, holdTables } from './hold-tables.ts';
import { tablesToHold } from './lock-statement.ts';
import { readInParts, type SourceReaders } from './source-readers.ts';

export interface ReadersWork extends Omit<HoldWork, 'tables'> {
  readonly transfers: readonly Transfer[];
  /** Every table is held until the last row is read. */
  readonly hold: boolean;
}

/** @throws what holdTables throws. */
export const openReaders = async ({
  hold,
  transfers,
  ...work
}: ReadersWork): Promise<SourceReaders> =>
  hold
    ? holdTables({ ...work, tables: tablesToHold(transfers) })
    : readInParts({ ...work, lockTimeoutMs: work.locks.policy.timeoutMs });
