// Copies all tables of a subscription at the snapshot of its slot: with several workers, in chunks, each chunk exactly
// once. Reads like the order of things; the parts are beside it.

import { formatName } from '../model/identifier.ts';
import { toFailure } from '../postgres/failures.ts';
import type { Session } from '../postgres/session.ts';
import { makeLoads } from './choose-transfers.ts';
import {
  type CopyRequest,
  type CopyResult,
  type CopyTuning,
  defaultTuning,
} from './copy-request.ts';
import { end, makeWorker, openForReading, openForWriting, type Worker } from './copy-sessions.ts';
import { type Stop, stopOf } from './copy-stop.ts';
import { type CopyJob, loadTasks } from './copy-tasks.ts';
import { finishTask } from './finish-copy.ts';
import { maintenanceWorkMem } from './maintenance-memory.ts';
import { postpone } from './postpone.ts';
import { prepareCopy } from './prepare-copy.ts';
import { makeMeter } from './progress-meter.ts';
import { foreignKeyTasks } from './rebuild-tasks.ts';
import { type Crew, runTasks } from './run-tasks.ts';
import { watchSlot } from './watch-slot.ts';

export type { CopyRequest, CopyResult, TableEvent } from './copy-request.ts';

/**
 * Copies, builds what was put off, advances sequences and analyzes. The snapshot is released when the last row was
 * read. Whatever is thrown: what is in the ledger is on the target, and nothing else; settleCopy makes the rest good.
 * @throws SteepError: the reason why the copy stopped.
 */
export const copyTables = async (request: CopyRequest): Promise<CopyResult> => {
  const stop = stopOf(request);
  const unwatch = watchSlot({
    source: request.source,
    slot: request.snapshot.slot,
    open: request.openSource,
    onLost: (failure) => stop.controller.abort(failure),
  });
  const sessions: Session[] = [];
  const endAll = (): void => {
    for (const session of sessions) end(session).catch(() => undefined);
  };
  stop.controller.signal.addEventListener('abort', endAll);
  try {
    const source = await openForReading(request.openSource);
    sessions.push(source);
    const target = await request.openTarget();
    sessions.push(target);
    return await copyAll(request, { source, target, stop });
  } catch (error) {
    // What fails after the stop, fails because of it.
    const reason: unknown = stop.controller.signal.aborted ? stop.controller.signal.reason : error;
    throw toFailure(reason, { node: request.node, doing: 'copying tables' });
  } finally {
    stop.forget();
    stop.controller.signal.removeEventListener('abort', endAll);
    await Promise.all([unwatch(), ...sessions.map((session) => session.close())]);
  }
};

interface Stage {
  readonly source: Session;
  readonly target: Session;
  readonly stop: Stop;
}

async function copyAll(request: CopyRequest, stage: Stage): Promise<CopyResult> {
  const { source, target, stop } = stage;
  const startedAt = request.clock();
  const tuning: CopyTuning = { ...defaultTuning, ...request.tuning };
  stop.controller.signal.throwIfAborted();
  const prepared = await prepareCopy(request, source, target, tuning);
  const { transfers } = prepared;
  const meter = makeMeter({ ...request, transfers, report: request.onProgress });
  meter.phase('preparing');
  const postponed = await postpone({ ...request, ...prepared, ...stage, ...tuning });
  const crew = await gatherCrew(request, stage, tuning, prepared.replica);
  const onRowsRead = async (): Promise<void> => {
    stop.ignoreSnapshot();
    meter.phase('indexing');
    await request.snapshot.release();
  };
  const byTable = Map.groupBy(postponed, ({ table }) => formatName(table));
  const job: CopyJob = { request, transfers, postponed: byTable, meter, onRowsRead };
  try {
    meter.phase('copying');
    await runTasks(loadTasks(job, makeLoads(transfers, tuning.chunkBytes)), crew);
    meter.phase('finishing');
    await runTasks(foreignKeyTasks(job, 'add'), crew);
    await runTasks(foreignKeyTasks(job, 'validate'), crew);
    await runTasks([finishTask(request, transfers)], crew);
    await Promise.all(crew.workers.map((worker) => worker.close()));
  } catch (error) {
    await Promise.all(crew.workers.map((worker) => worker.drop()));
    throw error;
  }
  meter.flush();
  return { tables: transfers.length, ...meter.total(), durationMs: request.clock() - startedAt };
}

async function gatherCrew(
  { node, workers, sleep, openSource, openTarget, onTable }: CopyRequest,
  { target, stop }: Stage,
  tuning: CopyTuning,
  replica: boolean,
): Promise<Crew> {
  const memory = await maintenanceWorkMem(target, workers, tuning.maintenanceWorkMem);
  const options = { replica, maintenanceWorkMem: memory };
  const hire = (): Worker =>
    makeWorker(
      () => openForReading(openSource),
      () => openForWriting(openTarget, options),
    );
  return {
    node,
    workers: Array.from({ length: Math.max(1, workers) }, hire),
    stop: stop.controller,
    sleep,
    onFailure: ({ tables }, failure) => {
      const error = failure instanceof Error ? failure.message : String(failure);
      const nothing = { rows: 0, bytes: 0, durationMs: 0 };
      for (const table of tables) onTable({ kind: 'failed', table, ...nothing, error });
    },
  };
}
