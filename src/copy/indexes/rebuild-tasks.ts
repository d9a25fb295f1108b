// What the workers of a copy do when the rows of a table are there: its indexes side by side, then its constraints,
// then ANALYZE. Indexes come before further rows: the one that is begun last ends the copy.

import { formatName } from '../../model/identifier.ts';
import { ddl, join, qualified } from '../../postgres/sql/sql.ts';
import type { FillRequest } from '../copy-request.ts';
import type { Transfer } from '../fill/copy-table.ts';
import type { Meter } from '../fill/progress-meter.ts';
import type { Task } from '../run-tasks.ts';
import type { DeferredByTable, DeferredObject } from './deferred-object.ts';
import { isValidation, makeAgain } from './deferred-records.ts';

export interface RebuildJob {
  readonly request: FillRequest;
  readonly deferred: DeferredByTable;
  readonly meter: Meter;
}

/** The lower the sooner. */
export const ranks = { constraint: 0, index: 1, load: 2, analyze: 3, check: 4 } as const;

/** For tables whose rows are all there. */
export const tasksAfterRows = (job: RebuildJob, tables: readonly Transfer[]): readonly Task[] => {
  const tasks = tables.map((transfer) => ({ transfer, indexes: indexTasks(job, transfer) }));
  const bare = tasks.filter(({ indexes }) => indexes.length === 0).map(({ transfer }) => transfer);
  for (const transfer of bare) finish(job, transfer);
  return [
    ...tasks.flatMap(({ indexes }) => indexes),
    ...(bare.length === 0 ? [] : [analyzeTask(bare)]),
  ];
};

/** The last index of a table brings its constraints. */
function indexTasks(job: RebuildJob, transfer: Transfer): readonly Task[] {
  const name = formatName(transfer.table.name);
  const own = job.deferred.get(name) ?? [];
  const indexes = own.filter(({ kind }) => kind === 'index');
  const constraints = own.filter(({ kind }) => kind === 'constraint');
  if (indexes.length === 0) {
    return constraints.length === 0 ? [] : [constraintTask(job, transfer, constraints)];
  }
  let left = indexes.length;
  return indexes.map((index) => ({
    doing: `building index ${index.name} of ${name}`,
    tables: [transfer.table.name],
    rank: ranks.index,
    size: transfer.table.bytes,
    run: async (worker) => {
      await makeAgain(await worker.target(), job.request, index);
      left -= 1;
      return left > 0 ? [] : [constraintTask(job, transfer, constraints)];
    },
  }));
}

function constraintTask(
  job: RebuildJob,
  transfer: Transfer,
  constraints: readonly DeferredObject[],
): Task {
  return {
    doing: `adding the constraints of ${formatName(transfer.table.name)}`,
    tables: [transfer.table.name],
    rank: ranks.constraint,
    size: transfer.table.bytes,
    run: async (worker) => {
      const target = await worker.target();
      for (const it of constraints) await makeAgain(target, job.request, it);
      finish(job, transfer);
      return [analyzeTask([transfer])];
    },
  };
}

function finish({ request, meter }: RebuildJob, { index, table }: Transfer): void {
  const { rows, bytes, durationMs } = meter.finish(index);
  request.onTable({ kind: 'completed', table: table.name, rows, bytes, durationMs });
}

/** Outside a transaction block, so that each table is analyzed in a transaction of its own. */
const analyzeTask = (transfers: readonly Transfer[]): Task => ({
  doing: `analyzing ${transfers.length} tables`,
  tables: [],
  rank: ranks.analyze,
  size: transfers.reduce((sum, { table }) => sum + table.bytes, 0),
  run: async (worker) => {
    const target = await worker.target();
    await target.query(ddl`ANALYZE ${join(transfers.map(({ table }) => qualified(table.name)))}`);
    return [];
  },
});

/** When all tables are there: foreign keys are added in the first round, and looked at in the second. */
export const foreignKeyTasks = (
  { request, deferred }: RebuildJob,
  round: 'add' | 'validate',
): readonly Task[] =>
  [...deferred.values()]
    .flat()
    .filter(({ kind }) => kind === 'foreign key')
    .filter((it) => isValidation(it) === (round === 'validate'))
    .map((it) => ({
      doing: `${round === 'add' ? 'adding' : 'validating'} foreign key ${it.name} of ${formatName(it.table)}`,
      tables: [it.table],
      rank: ranks.constraint,
      size: 0,
      run: async (worker) => {
        await makeAgain(await worker.target(), request, it);
        return [];
      },
    }));
