// Fills tables from whatever origin: drops what is faster made afterwards, loads the chunks that are not in the copy
// checkpoints, builds indexes and constraints, advances sequences and analyzes. Reads like the order of things; the
// parts are next to it.

import { formatName } from '../../model/identifier.ts';
import type { LockWatch } from '../../postgres/retry/watch-locks.ts';
import type { Session } from '../../postgres/session.ts';
import { checkTasks } from '../check/check-tasks.ts';
import {
  type CopyResult,
  type CopyTuning,
  defaultTuning,
  type FillRequest,
} from '../copy-request.ts';
import { makeWorker, openForWriting, type Worker } from '../copy-sessions.ts';
import { holdDefinitions } from '../definitions/hold-definitions.ts';
import { finishTask } from '../finish-copy.ts';
import { deferObjects } from '../indexes/defer-objects.ts';
import type { DeferredObject } from '../indexes/deferred-object.ts';
import { foreignKeyTasks, tasksAfterRows } from '../indexes/rebuild-tasks.ts';
import { makeRounds, type Rounds } from '../read/table-rounds.ts';
import { type Crew, runTasks, tellFailure } from '../run-tasks.ts';
import type { TargetTable, Transfer } from './copy-table.ts';
import { type CopyJob, rowTasks } from './copy-tasks.ts';
import { keepHeapSmall } from './keep-heap-small.ts';
import { maintenanceWorkMem } from './maintenance-memory.ts';
import type { Origin } from './origin.ts';
import { makeMeter } from './progress-meter.ts';

export interface FillPlan {
  /** In the order of the transfers; null: it is not there. */
  readonly targets: readonly (TargetTable | null)[];
  readonly transfers: readonly Transfer[];
  /** The role may switch triggers and foreign keys off for its session. */
  readonly replica: boolean;
  /** What an earlier attempt has left; absent: there was none. */
  readonly earlier?: EarlierAttempt;
}

export interface EarlierAttempt {
  /** Of each transfer: the numbers of the chunks that are there. */
  readonly chunks: readonly ReadonlySet<number>[];
  readonly deferred: readonly DeferredObject[];
}

export interface FillStage {
  readonly target: Session;
  /** Aborted: everything ends now. Its reason is why. */
  readonly stop: AbortController;
  readonly locks: LockWatch;
  /** While rows are read. Absent: no worker of another process can join. */
  readonly join?: Crew['join'];
}

/** @throws the reason of stop, which the first failure that does not pass sets. */
export const fillTables = async (
  request: FillRequest,
  origin: Origin,
  filling: FillPlan,
  stage: FillStage,
): Promise<CopyResult> => {
  keepHeapSmall();
  const startedAt = request.clock();
  const tuning: CopyTuning = { ...defaultTuning, ...request.tuning };
  const { transfers } = filling;
  const meter = makeMeter({ ...request, transfers, report: request.onProgress });
  meter.phase('preparing');
  const deferred = await putOff(request, origin, filling, { ...stage, tuning });
  const crew = await gatherCrew(request, origin, stage, { tuning, replica: filling.replica });
  const byTable = Map.groupBy(deferred, ({ table }) => formatName(table));
  const job: CopyJob = {
    request,
    rounds: roundsOf(filling),
    changed: new Map(),
    origin,
    definitions: holdDefinitions(request),
    chunkBytes: tuning.chunkBytes,
    isWanted: ({ transfer, chunk }) => !thereOf(filling, transfer.index).has(chunk.number),
    deferred: byTable,
    meter,
    onRowsRead: async () => {
      meter.phase('indexing');
      await origin.onRowsRead();
    },
  };
  try {
    await runCopyTasks(job, origin, crew, stage.join);
    await Promise.all(crew.workers.map((worker) => worker.close()));
  } catch (error) {
    await Promise.all(crew.workers.map((worker) => worker.drop()));
    throw error;
  }
  meter.flush();
  return { tables: transfers.length, ...meter.total(), durationMs: request.clock() - startedAt };
};

const none: ReadonlySet<number> = new Set();

const thereOf = ({ earlier }: FillPlan, index: number): ReadonlySet<number> =>
  earlier?.chunks[index] ?? none;

/** Only files are loaded beside chunks that are there: their ranges were counted when they were written. */
const roundsOf = (filling: FillPlan): Rounds =>
  makeRounds(filling.transfers, ({ index }, chunk) =>
    thereOf(filling, index).has(chunk) ? 0 : null,
  );

/** Tables that have rows of the copy were seen to by the attempt that brought them. */
const putOff = (
  request: FillRequest,
  { provenForeignKeys }: Origin,
  filling: FillPlan,
  { target, tuning, locks }: FillStage & { readonly tuning: CopyTuning },
): Promise<readonly DeferredObject[]> =>
  deferObjects({
    subscription: request.subscription,
    sleep: request.sleep,
    target,
    locks,
    provenForeignKeys,
    published: filling.transfers.map(({ table }) => table),
    targets: filling.targets.map((table, index) =>
      thereOf(filling, index).size > 0 ? null : table,
    ),
    deferFromBytes: tuning.deferFromBytes,
    before: filling.earlier?.deferred ?? [],
  });

async function runCopyTasks(
  job: CopyJob,
  origin: Origin,
  crew: Crew,
  join: Crew['join'],
): Promise<void> {
  const { meter, rounds, isWanted } = job;
  const full = rounds
    .transfers()
    .filter((transfer) => !transfer.chunks.some((chunk) => isWanted({ transfer, chunk })));
  meter.phase('copying');
  const tasks = rowTasks(job);
  if (tasks.length === 0) await job.onRowsRead();
  const checks = tasks.length === 0 ? checkTasks(job) : [];
  const joined = join === undefined ? crew : { ...crew, join };
  await runTasks([...tasks, ...tasksAfterRows(job, full), ...checks], joined);
  meter.phase('finishing');
  await runTasks(foreignKeyTasks(job, 'add'), crew);
  await runTasks(foreignKeyTasks(job, 'validate'), crew);
  await runTasks([finishTask(job, origin.positions)], crew);
}

interface CrewOptions {
  readonly tuning: CopyTuning;
  readonly replica: boolean;
}

async function gatherCrew(
  { node, workers, sleep, openTarget, onTable }: FillRequest,
  origin: Origin,
  { target, stop, locks }: FillStage,
  { tuning, replica }: CrewOptions,
): Promise<Crew> {
  const memory = await maintenanceWorkMem(target, workers, tuning.maintenanceWorkMem);
  const lockTimeoutMs = locks.policy.timeoutMs;
  const options = { replica, maintenanceWorkMem: memory, lockTimeoutMs };
  const hire = (): Worker => makeWorker(origin.open, () => openForWriting(openTarget, options));
  return {
    node,
    workers: Array.from({ length: Math.max(1, workers) }, hire),
    stop,
    sleep,
    locks,
    onFailure: tellFailure(onTable),
  };
}
