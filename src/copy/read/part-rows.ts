// Where the rows of a part come from on a server: a COPY of the session, or a pg_dump at the same snapshot.

import type { Readable } from 'node:stream';
import { SteepError } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import { lockNotGranted } from '../../postgres/failures.ts';
import { GaveWay } from '../../postgres/retry/passing-failures.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import type { OpenDump } from '../copy-request.ts';
import type { TransferPart } from './choose-transfers.ts';
import { copyOutStatement } from './copy-statements.ts';
import { readDump } from './dump-rows.ts';

export interface PartRows {
  readonly stream: Readable;
  /** In the order of the values of each row. */
  readonly columns: readonly string[];
  /** Rows that left the source: known when the stream has ended and the session has answered something later. */
  readonly sent: () => number;
  /** Bytes of rows so far, where the stream keeps the framing of the protocol and is to be relayed as it is. */
  readonly relayed?: () => number;
  /** Of the rows, where it is known beforehand. */
  readonly sha256?: string;
  /** Returns when nothing of it runs any more. The session is not its business. */
  readonly abandon: () => Promise<void>;
}

export interface RowsWork {
  readonly snapshot: string;
  readonly openDump: OpenDump | null;
  readonly stop: AbortSignal;
  /** The rows go to a server: they keep the framing of the protocol. */
  readonly relays: boolean;
  /** Holds the table of the part for a program that reads it by its name. */
  readonly hold: (part: TransferPart) => Promise<void>;
}

/** @throws SteepError PG_DUMP_FAILED, COPY_UNFIT */
export const openRows = async (
  source: Session,
  part: TransferPart,
  work: RowsWork,
): Promise<PartRows> => {
  const { openDump, relays } = work;
  const { transfer, chunk } = part;
  // Of a foreign table pg_dump sends nothing.
  if (transfer.dumped && chunk.heap.ranges && openDump !== null) {
    return openDumped(source, part, openDump, work);
  }
  const statement = copyOutStatement(transfer, chunk);
  const columns = transfer.table.columns.map(({ name }) => name);
  const abandon = () => Promise.resolve();
  if (!relays) {
    const { stream, rows } = source.copyOut(statement);
    return { stream, columns, sent: rows, abandon };
  }
  const { stream, rows, bytes } = source.relayOut(statement);
  return { stream, columns, sent: rows, relayed: bytes, abandon };
};

async function openDumped(
  source: Session,
  part: TransferPart,
  openDump: OpenDump,
  { snapshot, stop, hold }: RowsWork,
): Promise<PartRows> {
  await hold(part);
  const dump = await openDump({ table: part.chunk.heap.name, snapshot, signal: stop });
  const abandon = async (): Promise<void> => {
    dump.stop();
    await dump.ended.catch(() => undefined);
  };
  try {
    const { stream, columns, rows } = await readDump(dump);
    assertColumns(source, part, columns);
    return { stream, columns, sent: rows, abandon };
  } catch (error) {
    await abandon();
    // It waits behind a session that waits for the lock of this one: no server sees that they wait for each other.
    if (await isAwaited(source, part).catch(() => false))
      throw new GaveWay(source.node, lockNotGranted('pg_dump was not granted its lock'));
    throw error;
  }
}

const isAwaited = async (source: Session, { chunk }: TransferPart): Promise<boolean> => {
  const waiting = await source.query(sql`
    SELECT FROM pg_catalog.pg_locks AS l
      JOIN pg_catalog.pg_database AS d ON d.oid = l.database AND d.datname = pg_catalog.current_database()
     WHERE l.locktype = 'relation' AND l.relation = ${chunk.heap.oid}::oid AND NOT l.granted LIMIT 1`);
  return waiting.length > 0;
};

/** Leaves of a partitioned table may have them in another order. */
function assertColumns(
  source: Session,
  { transfer }: TransferPart,
  columns: readonly string[],
): void {
  const wanted = transfer.table.columns.map(({ name }) => name);
  const same = columns.length === wanted.length && wanted.every((name) => columns.includes(name));
  if (same) return;
  throw new SteepError(
    'COPY_UNFIT',
    `Node ${source.node}: pg_dump sends other columns of ${formatName(transfer.table.name)} (${columns.join(', ')}) than are published (${wanted.join(', ')}).`,
    { suggestions: ['Copy without it: init: { large_table_method: copy }'] },
  );
}
