// The tasks of a copy that prove, once the rows of all tables are stored, that each table holds exactly these rows. As
// late as they cost little: beside the index builds that are left, and after everything else that is urgent.

import { type ChangedTable, describeChange } from '../../model/copy/changed-table.ts';
import { formatName } from '../../model/identifier.ts';
import type { FillRequest } from '../copy-request.ts';
import type { Transfer } from '../fill/copy-table.ts';
import { ranks } from '../indexes/rebuild-tasks.ts';
import type { Rounds } from '../read/table-rounds.ts';
import type { Task } from '../run-tasks.ts';
import { findChanged } from './check-tables.ts';

export interface CheckJob {
  readonly request: FillRequest;
  readonly rounds: Rounds;
  /** By formatName: the tables that were found to differ. */
  readonly changed: Map<string, ChangedTable>;
}

/** Bytes from which a table is a task of its own; smaller ones share one, as they share statements. */
const largeBytes = 10 * 1024 * 1024;
const tablesOfTask = 50;

/** None where the copy is asked not to check. The copy continues: finishTask ends it for all that differ. */
export const checkTasks = (job: CheckJob): readonly Task[] => {
  if (job.request.unchecked === true) return [];
  const transfers = job.rounds.transfers();
  const small = transfers.filter(({ table }) => table.bytes < largeBytes);
  const large = transfers.filter(({ table }) => table.bytes >= largeBytes);
  const groups = [...large.map((transfer) => [transfer]), ...inGroups(small)];
  return groups.map((transfers) => checkTask(job, transfers));
};

const inGroups = (transfers: readonly Transfer[]): readonly (readonly Transfer[])[] =>
  Array.from({ length: Math.ceil(transfers.length / tablesOfTask) }, (_, index) =>
    transfers.slice(index * tablesOfTask, (index + 1) * tablesOfTask),
  );

const checkTask = ({ request, changed }: CheckJob, transfers: readonly Transfer[]): Task => {
  const tables = transfers.map(({ table }) => table.name);
  return {
    doing: `checking the rows of ${transfers.length} tables`,
    tables,
    rank: ranks.check,
    size: transfers.reduce((sum, { table }) => sum + table.bytes, 0),
    run: async (worker) => {
      const target = await worker.target();
      await request.seen?.look(target, tables);
      const found = await findChanged(target, request.subscription, tables, request.guard);
      for (const it of found) {
        changed.set(formatName(it.table), it);
        const nothing = { rows: 0, bytes: 0, durationMs: 0 };
        request.onTable({ kind: 'failed', table: it.table, ...nothing, error: describeChange(it) });
      }
      return [];
    },
  };
};
