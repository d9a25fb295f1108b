// What the workers of a copy do with rows: each load, its events and its place in the sums. What comes after the rows
// of a table is in rebuild-tasks.ts.

import { formatName } from '../model/identifier.ts';
import type { Load } from './choose-transfers.ts';
import { copyLoad } from './copy-load.ts';
import type { FillRequest } from './copy-request.ts';
import type { Worker } from './copy-sessions.ts';
import type { Chunk, Transfer } from './copy-table.ts';
import type { CopiedPart } from './ledger.ts';
import type { Origin } from './origin.ts';
import type { PostponedByTable } from './postponed.ts';
import type { Meter } from './progress-meter.ts';
import { ranks, tasksAfterRows } from './rebuild-tasks.ts';
import type { Task } from './run-tasks.ts';

export interface CopyJob {
  readonly request: FillRequest;
  readonly transfers: readonly Transfer[];
  /** Chunks that are not there yet. */
  readonly chunksLeft: readonly number[];
  readonly reader: Origin['reader'];
  readonly postponed: PostponedByTable;
  readonly meter: Meter;
  /** Called once, when the last row was read and is stored. */
  readonly onRowsRead: () => Promise<void>;
}

/** All loads; each brings what can be done after it. */
export const loadTasks = (job: CopyJob, loads: readonly Load[]): readonly Task[] => {
  const left = { chunks: [...job.chunksLeft], loads: loads.length };
  return loads.map((load) => ({
    doing: describeLoad(load),
    tables: load.parts.map(({ transfer }) => transfer.table.name),
    rank: ranks.load,
    size: load.bytes,
    run: async (worker, retried) => {
      const copied = await runLoad(job, load, worker, retried);
      const complete = countDown(left.chunks, copied);
      left.loads -= 1;
      if (left.loads === 0) await job.onRowsRead();
      return tasksAfterRows(job, complete);
    },
  }));
};

function describeLoad({ parts }: Load): string {
  const names = [...new Set(parts.map(({ transfer }) => formatName(transfer.table.name)))];
  const [first = 'nothing', ...others] = names;
  return others.length === 0 ? `copying ${first}` : `copying ${first} and ${others.length} more`;
}

async function runLoad(
  { request, meter, reader }: CopyJob,
  load: Load,
  worker: Worker,
  retried: boolean,
): Promise<readonly CopiedPart[]> {
  const passed = new Map<Chunk, number>();
  for (const { transfer } of load.parts) announce(request, meter, transfer);
  try {
    const work = {
      key: request,
      onBytes: (
        { transfer, chunk }: { readonly transfer: Transfer; readonly chunk: Chunk },
        bytes: number,
      ) => {
        passed.set(chunk, (passed.get(chunk) ?? 0) + bytes);
        meter.passed(transfer.index, bytes);
      },
    };
    const [source, target] = [await reader(worker), await worker.target()];
    const copied = await copyLoad(source, target, load, work, retried);
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

/** The tables whose last chunk this was. */
function countDown(chunksLeft: number[], copied: readonly CopiedPart[]): readonly Transfer[] {
  const complete: Transfer[] = [];
  for (const { transfer } of copied) {
    const left = (chunksLeft[transfer.index] ?? 0) - 1;
    chunksLeft[transfer.index] = left;
    if (left === 0) complete.push(transfer);
  }
  return complete;
}
