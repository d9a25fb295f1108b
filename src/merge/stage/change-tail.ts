// A snapshot of a node, and every change that is committed after it: a temporary slot, which ends with its session.

import { quoteIdentifier } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { ddl, ident, literal } from '../../postgres/sql/sql.ts';
import { type Changes, mostKeys, rowsAtOnce } from '../changes.ts';
import { ChangeReader } from '../pgoutput.ts';

export interface ChangeTail {
  /** For SET TRANSACTION SNAPSHOT, until release(). */
  readonly moment: string;
  /** The snapshot is not needed any more. */
  release(): Promise<void>;
  /** Adds what was committed since the snapshot, or since it was read last. False: some of it is lost. */
  read(changes: Changes, settling: Session): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Waits for the transactions that write now. The slot is new, so that its snapshot has all that was committed before its
 * first change, whatever waits for a standby.
 * @param session opened with `replication: 'database'`; it takes no parameters.
 * @throws pg's error: no slot is free, or the session was cancelled.
 */
export const openTail = async (session: Session, publication: string): Promise<ChangeTail> => {
  const slot = `steep_merge_${session.pid}`;
  await session.query(ddl`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`);
  await session.query(
    ddl`CREATE_REPLICATION_SLOT ${ident(slot)} TEMPORARY LOGICAL pgoutput USE_SNAPSHOT`,
  );
  const [row] = await session.query<{ readonly snapshot: string }>(
    ddl`SELECT pg_catalog.pg_export_snapshot() AS snapshot`,
  );
  if (row === undefined) throw new Error('the server has exported no snapshot');
  let complete = true;
  return {
    moment: row.snapshot,
    close: () => session.close(),
    release: async () => {
      await session.query(ddl`COMMIT`);
    },
    read: async (changes, settling) => {
      if (!complete) return false;
      complete = false;
      await readOn(session, { slot, publication }, changes, settling);
      complete = true;
      return changes.size <= mostKeys;
    },
  };
};

const readOn = (
  session: Session,
  { slot, publication }: { readonly slot: string; readonly publication: string },
  changes: Changes,
  settling: Session,
): Promise<void> =>
  session.transaction({ readOnly: true }, async () => {
    await session.query(ddl`
      DECLARE steep_changes NO SCROLL CURSOR FOR
      SELECT p.data FROM pg_catalog.pg_logical_slot_get_binary_changes(${literal(slot)}, NULL, NULL,
        'proto_version', '1', 'publication_names', ${literal(quoteIdentifier(publication))}) AS p`);
    const reader = new ChangeReader();
    for (;;) {
      const some = await session.query<{ readonly data: Buffer }>(
        ddl`FETCH 1000 FROM steep_changes`,
      );
      if (some.length === 0) break;
      if (changes.size > mostKeys) continue;
      for (const { data } of some) changes.add(reader.read(data));
      await changes.settle(settling, rowsAtOnce);
    }
    await changes.settle(settling, 1);
  });
