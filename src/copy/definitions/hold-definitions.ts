// Keeps the owners of tables from changing what rows run into while they are stored. COPY takes ROW EXCLUSIVE, which
// permits ATTACH PARTITION and CREATE INDEX CONCURRENTLY. SHARE UPDATE EXCLUSIVE does not, but only one session at a
// time can have it: the load, where it fills the table alone, and else a session beside all loads of the table.

import { formatName } from '../../model/identifier.ts';
import { GaveWay } from '../../postgres/retry/passing-failures.ts';
import type { Session } from '../../postgres/session.ts';
import { readExposed } from '../../postgres/sql/exposed-tables.ts';
import { lockAndGuard, usedBy } from '../check/code-guard.ts';
import { columnsRenamed } from '../copy-failures.ts';
import type { FillRequest } from '../copy-request.ts';
import { limitLocks, type Worker } from '../copy-sessions.ts';
import type { Transfer } from '../fill/copy-table.ts';
import type { Load } from '../read/choose-transfers.ts';
import { findOtherName, findOtherType } from '../read/same-names.ts';
import { type Kept, makeKeepers } from './keepers.ts';

export interface Definitions {
  /**
   * Runs the load into the target of the worker. `lock` locks its tables in the transaction that stores the rows, and
   * looks what code they would run: it throws SteepError RUNS_FOREIGN_CODE or TABLE_REPLACED.
   */
  readonly during: <T>(
    worker: Worker,
    load: Load,
    run: (lock: () => Promise<void>) => Promise<T>,
  ) => Promise<T>;
}

export const holdDefinitions = ({
  guard,
  workers,
  openTarget,
  locks,
}: FillRequest): Definitions => {
  const keepers = makeKeepers(async () => {
    const session = await openTarget();
    await limitLocks(session, locks.timeoutMs);
    return session;
  });
  return {
    during: async (worker, load, run) => {
      const target = await worker.target();
      const transfers = transfersOf(load);
      const shared = transfers
        .filter(({ chunks }) => workers > 1 && chunks.length > 1)
        .map(({ table }) => table.name);
      const exposed = await readExposed(target, shared);
      const kept = new Map<string, Kept>();
      try {
        for (const table of shared.filter((name) => exposed.has(formatName(name)))) {
          kept.set(formatName(table), await keepers.enter(table, target, worker));
        }
        return await run(async () => {
          await lockAndGuard(target, guard, ['fill'], transfers.map(usedBy), kept);
          await assertAimed(target, transfers);
        });
      } catch (error) {
        // A load that was ended because its lock was lost says so, and is tried again.
        for (const { assertHeld } of kept.values()) assertHeld();
        if (error instanceof GaveWay) for (const { giveWay } of kept.values()) giveWay();
        throw error;
      } finally {
        for (const { leave } of kept.values()) await leave();
      }
    },
  };
};

/** The subscriber may have swapped two tables or columns, or altered a type, since it was looked at, and may undo it. */
const assertAimed = async (target: Session, transfers: readonly Transfer[]): Promise<void> => {
  const tables = transfers.flatMap(({ into }) => into ?? []);
  const other = (await findOtherName(target, tables)) ?? (await findOtherType(target, tables));
  if (other !== null) throw columnsRenamed(target.node, other, 'stored');
};

const transfersOf = ({ parts }: Load): readonly Transfer[] => [
  ...new Map(parts.map(({ transfer }) => [transfer.index, transfer])).values(),
];
