// A slot and the snapshot at its consistent point, kept alive by the transaction of one walsender connection.
// SNAPSHOT 'export' would die at the next command; a transaction that uses the snapshot can export it as often
// as it likes. Knows no tables.

import type { Session } from '../../postgres/session.ts';
import { ddl, ident, literal, type Sql } from '../../postgres/sql/sql.ts';

/** A slot, and the snapshot at its consistent point, kept alive by one walsender connection. */
export interface HeldSnapshot {
  readonly slot: string;
  /** The consistent point: the snapshot shows all that was committed before it, the slot sends the rest. */
  readonly lsn: string;
  /** For SET TRANSACTION SNAPSHOT. */
  readonly name: string;
  /** Aborted when the connection is lost: the snapshot is gone, the slot is not. */
  readonly lost: AbortSignal;
  /** Ends the transaction and the connection; the slot stays. Again: does nothing. */
  release(): Promise<void>;
}

export interface NewSlot {
  readonly slot: string;
  readonly plugin: string;
  /** Standbys are told of it (17+). */
  readonly failover?: boolean;
}

/**
 * In this order, on one walsender connection. The creation must come first in its transaction. Without two_phase, which
 * is none of a slot that tables may still be copied beside: the first stream of the subscription switches it on.
 */
export const snapshotStatements = ({ slot, plugin, failover }: NewSlot): readonly Sql[] => [
  ddl`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`,
  // The older grammar is the only one of 14.
  ddl`CREATE_REPLICATION_SLOT ${ident(slot)} LOGICAL ${ident(plugin)} ${failover === true ? ddl`(FAILOVER, SNAPSHOT 'use')` : ddl`USE_SNAPSHOT`}`,
  ddl`SELECT pg_catalog.pg_export_snapshot() AS snapshot`,
];

const keepAliveMs = 5000;

/**
 * Creates the slot and holds its snapshot. The session, opened with `replication: 'database'`, is this
 * function's own from then on: it is closed by release(), and when something fails.
 * @throws pg's error when the slot cannot be made; then nothing is left behind.
 */
export const holdSnapshot = async (session: Session, slot: NewSlot): Promise<HeldSnapshot> => {
  const held = await holdTransaction(session, snapshotStatements(slot), stayAlive);
  return { slot: slot.slot, ...held };
};

const stayAlive = (session: Session): Promise<unknown> => session.query(ddl`SELECT 1`);

/**
 * Holds the snapshot of a transaction that these statements begin, of which the last one exports it.
 * @param beat runs every few seconds in the transaction; when it fails, the snapshot is lost.
 */
export const holdTransaction = async (
  session: Session,
  statements: readonly Sql[],
  beat: (session: Session) => Promise<unknown>,
): Promise<Omit<HeldSnapshot, 'slot'>> => {
  const lost = new AbortController();
  let released = false;
  session.onClose((failure) => {
    if (failure !== null) lost.abort(failure);
  });
  try {
    const { lsn, name } = await begin(session, statements);
    let beating = false;
    const beatOnce = async (): Promise<void> => {
      // A server that does not answer is noticed by the session itself.
      if (session.closed || beating) return;
      beating = true;
      try {
        await beat(session);
      } catch (error) {
        if (!released) lost.abort(error);
      } finally {
        beating = false;
      }
    };
    const timer = setInterval(() => void beatOnce(), keepAliveMs);
    lost.signal.addEventListener('abort', () => clearInterval(timer));
    const release = async (): Promise<void> => {
      released = true;
      clearInterval(timer);
      await session.close();
    };
    return { lsn, name, lost: lost.signal, release };
  } catch (error) {
    await session.close();
    throw error;
  }
};

async function begin(
  session: Session,
  statements: readonly Sql[],
): Promise<Pick<HeldSnapshot, 'lsn' | 'name'>> {
  let lsn = '';
  let name = '';
  for (const statement of statements) {
    const [row] = await session.query<SnapshotRow>(statement);
    lsn = row?.consistent_point ?? lsn;
    name = row?.snapshot ?? name;
  }
  return { lsn, name };
}

/** Without a slot nothing keeps the WAL: the position tells when the snapshot was, and nothing can follow it. */
export const exportStatements: readonly Sql[] = [
  ddl`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`,
  ddl`SELECT pg_catalog.pg_export_snapshot() AS snapshot, pg_catalog.pg_current_wal_lsn()::text AS consistent_point`,
];

/** What the last two statements answer. */
interface SnapshotRow {
  readonly consistent_point?: string;
  readonly snapshot?: string;
}

/** First in a REPEATABLE READ transaction that is to see what the held one sees. */
export const useSnapshot = (name: string): Sql => ddl`SET TRANSACTION SNAPSHOT ${literal(name)}`;
