// What the engine asks of where the rows come from. A server at a snapshot has its origin in copy-tables.ts.

import type { QualifiedName } from '../../model/identifier.ts';
import type { SequencePosition } from '../../model/snapshot/snapshot.ts';
import type { Session } from '../../postgres/session.ts';
import type { Worker } from '../copy-sessions.ts';
import { readForeignKeys } from '../indexes/read-foreign-keys.ts';
import type { TransferPart } from '../read/choose-transfers.ts';
import type { RowReader } from '../read/row-reader.ts';
import type { Transfer } from './copy-table.ts';

export interface Origin {
  /** Of one worker, until it drops its sessions. */
  readonly reader: (worker: Worker) => Promise<RowReader>;
  /** A session for reading; an origin that is no server has none. */
  readonly open: () => Promise<Session>;
  /** Chooses the ranges of a large table; absent: those of the transfer hold for good. */
  readonly cut?: (worker: Worker, transfer: Transfer) => Promise<Transfer>;
  /** Tables of these parts whose ranges no longer hold: asked where a row came twice. */
  readonly replaced?: (
    worker: Worker,
    parts: readonly TransferPart[],
  ) => Promise<readonly number[]>;
  /** Meanings of the foreign keys between these tables that hold for their rows. */
  readonly provenForeignKeys: (tables: readonly QualifiedName[]) => Promise<ReadonlySet<string>>;
  /** Read after the rows: ahead of them. */
  readonly positions: (worker: Worker) => Promise<readonly SequencePosition[]>;
  /** When the last row was read and is stored. */
  readonly onRowsRead: () => Promise<void>;
}

/** Of a server: those that are valid. */
export const validForeignKeys = async (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<ReadonlySet<string>> => {
  const found = await readForeignKeys(session, tables);
  return new Set(found.filter(({ valid }) => valid).map(({ meaning }) => meaning));
};
