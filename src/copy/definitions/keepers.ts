// Sessions that have the lock of a table which several sessions of one copy fill at once. One for each such table, from
// its first load until no load of it runs any more: an index that is built after the rows needs the table without it.

import { SteepError } from '../../model/errors.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { readExposed } from '../../postgres/sql/exposed-tables.ts';
import { lockTables } from '../../postgres/sql/named-tables.ts';
import { end, type Open, type Worker } from '../copy-sessions.ts';

/** What protects one load of a table. */
export interface Kept {
  /** OID of the table that is locked; null: the name means a table that is not exposed. */
  readonly oid: number | null;
  /** @throws SteepError CONNECTION_LOST where the session has ended, and the lock with it. */
  readonly assertHeld: () => void;
  /** Another session waits for this lock: loads from now on wait for a lock of their own, behind that session. */
  readonly giveWay: () => void;
  /** The last load that leaves waits until the lock is released. */
  readonly leave: () => Promise<void>;
}

/** By formatName. */
export type KeptTables = ReadonlyMap<string, Kept>;

export interface Keepers {
  /**
   * Waits for the lock. Where it is lost, the session that fills the table is ended.
   * @throws SteepError; pg's error where the lock is not to be had.
   */
  readonly enter: (table: QualifiedName, filling: Session, worker: Worker) => Promise<Kept>;
}

interface Keeper {
  readonly session: Session;
  readonly oid: number | null;
  readonly filling: Set<Session>;
  readonly release: () => Promise<void>;
}

interface Entry {
  readonly opening: Promise<Keeper>;
  loads: number;
}

/** @param open A session whose lock_timeout is that of the copy. */
export const makeKeepers = (open: Open): Keepers => {
  const entries = new Map<string, Entry>();
  return {
    enter: async (table, filling, worker) => {
      const name = formatName(table);
      const entry = entries.get(name) ?? { opening: openKeeper(open, table, worker), loads: 0 };
      entries.set(name, entry);
      entry.loads += 1;
      const retire = (): void => {
        if (entries.get(name) === entry) entries.delete(name);
      };
      const leave = async (keeper: Keeper | null): Promise<void> => {
        keeper?.filling.delete(filling);
        entry.loads -= 1;
        if (entry.loads === 0 || keeper?.session.closed !== false) retire();
        if (entry.loads === 0) await keeper?.release();
      };
      try {
        const keeper = await entry.opening;
        keeper.filling.add(filling);
        return {
          oid: keeper.oid,
          assertHeld: () => assertOpen(keeper.session),
          giveWay: retire,
          leave: () => leave(keeper),
        };
      } catch (error) {
        await leave(null);
        throw error;
      }
    },
  };
};

/** While it waits, its session counts as one of the worker that needs it first. */
async function openKeeper(open: Open, table: QualifiedName, worker: Worker): Promise<Keeper> {
  const session = await open();
  worker.helpers.add(session);
  try {
    return await keep(session, table);
  } catch (error) {
    await session.close();
    throw error;
  } finally {
    worker.helpers.delete(session);
  }
}

async function keep(session: Session, table: QualifiedName): Promise<Keeper> {
  const filling = new Set<Session>();
  session.onClose((failure) => {
    if (failure === null) return;
    for (const it of filling) end(it).catch(() => undefined);
  });
  const locked = Promise.withResolvers<number | null>();
  const released = Promise.withResolvers<void>();
  const held = session.transaction({ readOnly: true }, async () => {
    await lockTables(session, [table], 'SHARE UPDATE EXCLUSIVE');
    locked.resolve((await readExposed(session, [table])).get(formatName(table)) ?? null);
    await released.promise;
  });
  const ended = held.catch(() => undefined).then(() => session.close());
  // A transaction that ends before it has the lock has failed.
  const oid = await Promise.race([locked.promise, held.then(() => null)]);
  return {
    session,
    oid,
    filling,
    release: () => {
      released.resolve();
      return ended;
    },
  };
}

const assertOpen = ({ closed, node }: Session): void => {
  if (!closed) return;
  throw new SteepError(
    'CONNECTION_LOST',
    `Node ${node}: the connection that prevented changes of a table while it was filled has ended. Uncommitted rows are copied again.`,
    { suggestions: ['Run the same command again: it resumes.'] },
  );
};
