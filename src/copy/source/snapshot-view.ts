// How a session of the source sees the snapshot: in one short transaction after the other, or in one long transaction
// that holds the tables of the copy.

import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { ddl, join, literal } from '../../postgres/sql/sql.ts';
import { snapshotLost } from '../copy-failures.ts';
import { atHeldSnapshot } from '../read/at-snapshot.ts';

export interface SnapshotView {
  readonly session: Session;
  /** Runs the body in a transaction that sees the snapshot. What the body sets with SET LOCAL ends with it. */
  readonly read: <T>(body: () => Promise<T>) => Promise<T>;
  /** Before each COPY; `isFirst` false: it follows another one. */
  readonly begin: (isFirst: boolean) => Promise<void>;
  /** After the last COPY. */
  readonly end: () => Promise<void>;
  /** Runs the body on a session that sees the catalogs as they are now. */
  readonly now: <T>(body: (session: Session) => Promise<T>) => Promise<T>;
}

/** Nothing is locked between two of its transactions. */
export const viewInParts = (source: Session, snapshot: string): SnapshotView => ({
  session: source,
  read: (body) => atHeldSnapshot(source, snapshot, body),
  begin: (isFirst) => beginAt(source, snapshot, isFirst),
  end: async () => void (await source.query(ddl`COMMIT`)),
  now: (body) => body(source),
});

/** @param openNow opens a further session, for what the long transaction cannot see. */
export const viewInOne = (source: Session, openNow: () => Promise<Session>): SnapshotView => ({
  session: source,
  read: async (body) => {
    await source.query(ddl`SAVEPOINT reading`);
    try {
      return await body();
    } finally {
      await leave(source);
    }
  },
  begin: () => Promise.resolve(),
  // Its answer says that the last COPY has ended.
  end: async () => void (await source.query(ddl`SELECT`)),
  now: async (body) => {
    const session = await openNow();
    try {
      return await body(session);
    } finally {
      await session.close();
    }
  },
});

/** After a failure, too: the transaction keeps its locks. */
const leave = async (source: Session): Promise<void> => {
  if (source.closed) return;
  await source.query(ddl`ROLLBACK TO SAVEPOINT reading; RELEASE SAVEPOINT reading`);
};

/**
 * Starts a transaction at the snapshot; `isFirst` false: the one before it ends in the same message.
 * @throws SteepError SNAPSHOT_LOST
 */
export async function beginAt(source: Session, snapshot: string, isFirst: boolean): Promise<void> {
  const statements = [
    ...(isFirst ? [] : [ddl`COMMIT`]),
    ddl`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`,
    ddl`SET TRANSACTION SNAPSHOT ${literal(snapshot)}`,
  ];
  try {
    await source.query(join(statements, '; '));
  } catch (error) {
    const doing = 'taking the snapshot';
    throw snapshotLost(source.node, error) ?? toFailure(error, { node: source.node, doing });
  }
}
