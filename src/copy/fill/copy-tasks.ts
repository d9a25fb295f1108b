// What the workers of a copy do with rows: the ranges of large tables, each load, its events and its place in the sums.
// What comes after the rows of a table is in rebuild-tasks.ts.

import { formatName } from '../../model/identifier.ts';
import { isDuplicate } from '../../postgres/failures.ts';
import { type CheckJob, checkTasks } from '../check/check-tasks.ts';
import type { FillRequest } from '../copy-request.ts';
import type { Worker } from '../copy-sessions.ts';
import type { Definitions } from '../definitions/hold-definitions.ts';
import type { DeferredByTable } from '../indexes/deferred-object.ts';
import { ranks, tasksAfterRows } from '../indexes/rebuild-tasks.ts';
import { type Load, makeLoads, type TransferPart, urgencyOf } from '../read/choose-transfers.ts';
import { FileReplaced } from '../read/file-replaced.ts';
import type { JoinedPlace, Task } from '../run-tasks.ts';
import type { CopiedPart } from './chunk-checkpoints.ts';
import { copyLoad } from './copy-load.ts';
import { type Chunk, isRanged, type Transfer } from './copy-table.ts';
import { emptyCopied } from './empty-table.ts';
import type { Origin } from './origin.ts';
import type { Meter } from './progress-meter.ts';

export interface CopyJob extends CheckJob {
  readonly origin: Pick<Origin, 'reader' | 'cut' | 'replaced'>;
  readonly chunkBytes: number;
  /** Whether the part is still to be copied. */
  readonly isWanted: (part: TransferPart) => boolean;
  readonly definitions: Definitions;
  readonly deferred: DeferredByTable;
  readonly meter: Meter;
  /** Called once, when the last row was read and is stored. */
  readonly onRowsRead: () => Promise<void>;
}

/** The work of a job that is known so far. */
interface Rows extends CopyJob {
  /** Tasks that read rows and are not done. */
  readonly open: { count: number };
}

/** All tasks that read rows; each brings what can be done after it. */
export const rowTasks = (job: CopyJob): readonly Task[] => {
  const rows: Rows = { ...job, open: { count: 0 } };
  const { cut } = job.origin;
  const ranged = cut === undefined ? [] : job.rounds.transfers().filter(isRanged);
  const others = job.rounds.transfers().filter((transfer) => !ranged.includes(transfer));
  return [
    ...ranged.map((transfer) => cutTask(rows, transfer, false)),
    ...makeLoads(others, job.chunkBytes, job.isWanted).map((load) => loadTask(rows, load)),
  ].map((task) => counted(rows, task));
};

/** The last one says that all rows were read, and brings what proves that they are there. */
function counted(rows: Rows, task: Task): Task {
  const { open } = rows;
  open.count += 1;
  const count = async (brought: readonly Task[]): Promise<readonly Task[]> => {
    open.count -= 1;
    if (open.count > 0) return brought;
    await rows.onRowsRead();
    return [...brought, ...checkTasks(rows)];
  };
  const { lend } = task;
  return {
    ...task,
    run: async (worker, retried) => count(await task.run(worker, retried)),
    ...(lend !== undefined && {
      lend: async (place) => {
        const brought = await lend(place);
        return brought === null ? null : count(brought);
      },
    }),
  };
}

/** Chooses the ranges of a table. `again`: what was copied from the file before is removed. */
function cutTask(rows: Rows, transfer: Transfer, again: boolean): Task {
  const { request, origin, rounds, meter, chunkBytes } = rows;
  const { name, bytes } = transfer.table;
  return {
    doing: `counting the rows of ${formatName(name)}`,
    tables: [name],
    rank: ranks.load,
    size: bytes,
    run: async (worker) => {
      announce(request, meter, transfer);
      if (again) {
        meter.restart(transfer.index);
        await emptyCopied(await worker.target(), request, name);
      }
      const next = (await origin.cut?.(worker, transfer)) ?? transfer;
      rounds.begin(next);
      return makeLoads([next], chunkBytes).map((load) => counted(rows, loadTask(rows, load)));
    },
  };
}

function loadTask(rows: Rows, load: Load): Task {
  const { rounds } = rows;
  return {
    doing: describeLoad(load),
    tables: load.parts.map(({ transfer }) => transfer.table.name),
    rank: ranks.load,
    size: urgencyOf(load),
    // pg_dump runs where the run does.
    ...(!load.parts.some(({ transfer }) => transfer.dumped) && {
      lend: (place) => lendLoad(rows, load, place),
    }),
    run: async (worker, retried) => {
      const entered = rounds.enter(load);
      let brought: readonly Task[];
      try {
        const copied = await runLoad(rows, entered, worker, retried);
        brought = tasksAfterRows(rows, rounds.stored(copied));
      } catch (error) {
        const replaced = await asReplaced(rows, entered, worker, error);
        rounds.giveUp(replaced.tables);
        const rest = { ...entered, parts: entered.parts.filter(isOther(replaced)) };
        brought = rest.parts.length === 0 ? [] : [counted(rows, loadTask(rows, rest))];
      } finally {
        rounds.leave(entered);
      }
      return [...brought, ...takeGivenUp(rows)];
    },
  };
}

/** Null also where the worker was refused: the load is judged again where it is copied here. */
async function lendLoad(
  rows: Rows,
  load: Load,
  place: JoinedPlace,
): Promise<readonly Task[] | null> {
  const { request, meter, rounds } = rows;
  const entered = rounds.enter(load);
  let copied: readonly CopiedPart[] | null = null;
  try {
    if (entered.parts.length > 0) {
      for (const { transfer } of entered.parts) announce(request, meter, transfer);
      copied = await place.load(entered, (parts) => rounds.arrive(parts));
    }
  } finally {
    rounds.leave(entered);
  }
  if (copied === null) return null;
  for (const { transfer, chunk, rows: stored, bytes } of copied) {
    meter.copied(transfer.index, { rows: stored, bytes, size: chunk.bytes });
  }
  return [...tasksAfterRows(rows, rounds.stored(copied)), ...takeGivenUp(rows)];
}

/**
 * A row that another range has brought already breaks a key of the target before the file is looked at.
 * @throws the error, unless it comes from a file that was replaced
 */
async function asReplaced(
  { origin }: Rows,
  { parts }: Load,
  worker: Worker,
  error: unknown,
): Promise<FileReplaced> {
  if (error instanceof FileReplaced) return error;
  const cause = error instanceof Error ? error.cause : null;
  if (origin.replaced === undefined || !isDuplicate(cause)) throw error;
  await worker.drop();
  const tables = await origin.replaced(worker, parts);
  if (tables.length === 0) throw error;
  return new FileReplaced(tables);
}

const isOther =
  ({ tables }: FileReplaced) =>
  ({ transfer }: TransferPart): boolean =>
    !tables.includes(transfer.index);

function takeGivenUp(rows: Rows): readonly Task[] {
  const tables = rows.rounds.takeGivenUp();
  return tables.map((transfer) => counted(rows, cutTask(rows, transfer, true)));
}

function describeLoad({ parts }: Load): string {
  const names = [...new Set(parts.map(({ transfer }) => formatName(transfer.table.name)))];
  const [first = 'nothing', ...others] = names;
  return others.length === 0 ? `copying ${first}` : `copying ${first} and ${others.length} more`;
}

async function runLoad(
  { request, meter, origin, rounds, definitions }: CopyJob,
  load: Load,
  worker: Worker,
  retried: boolean,
): Promise<readonly CopiedPart[]> {
  if (load.parts.length === 0) return [];
  const passed = new Map<Chunk, number>();
  for (const { transfer } of load.parts) announce(request, meter, transfer);
  try {
    const work = {
      key: request,
      onBytes: ({ transfer, chunk }: TransferPart, bytes: number) => {
        passed.set(chunk, (passed.get(chunk) ?? 0) + bytes);
        meter.passed(transfer.index, bytes);
      },
      onArrived: (parts: readonly CopiedPart[]) => rounds.arrive(parts),
    };
    const [source, target] = [await origin.reader(worker), await worker.target()];
    const copied = await definitions.during(worker, load, (lock) =>
      copyLoad(source, target, load, { ...work, lock }, retried),
    );
    for (const { transfer, chunk, rows, bytes } of copied) {
      meter.copied(transfer.index, {
        rows,
        bytes: bytes - (passed.get(chunk) ?? 0),
        size: chunk.bytes,
      });
    }
    return copied;
  } catch (error) {
    for (const { transfer, chunk } of load.parts)
      meter.passed(transfer.index, -(passed.get(chunk) ?? 0));
    throw error;
  }
}

/** Once for each table, however many chunks and attempts it takes. */
function announce({ onTable }: FillRequest, meter: Meter, { index, table }: Transfer): void {
  if (meter.start(index))
    onTable({ kind: 'started', table: table.name, rows: 0, bytes: 0, durationMs: 0 });
}
