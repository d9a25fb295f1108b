// Copies all tables of a subscription at the snapshot of its slot: with several workers, in chunks, each chunk exactly
// once. Reads like the order of things; the parts are beside it.

import { interruption } from '../model/interruption.ts';
import { toFailure } from '../postgres/failures.ts';
import type { Session } from '../postgres/session.ts';
import { advanceSequences } from './advance-sequences.ts';
import { makeLoads } from './choose-transfers.ts';
import { snapshotGone } from './copy-failures.ts';
import {
  type CopyRequest,
  type CopyResult,
  type CopyTuning,
  defaultTuning,
} from './copy-request.ts';
import { end, makeWorker, openForReading, openForWriting } from './copy-sessions.ts';
import { type CopyJob, loadTasks } from './copy-tasks.ts';
import { maintenanceWorkMem } from './maintenance-memory.ts';
import { postpone } from './postpone.ts';
import { prepareCopy } from './prepare-copy.ts';
import { makeMeter } from './progress-meter.ts';
import { foreignKeyTasks } from './rebuild-tasks.ts';
import { runTasks } from './run-tasks.ts';
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

interface Stop {
  readonly controller: AbortController;
  /** The snapshot is not needed any more. */
  readonly ignoreSnapshot: () => void;
  readonly forget: () => void;
}

/** Everything that ends a copy, as one signal whose reason is the error to throw. */
function stopOf({ signal, snapshot, source }: CopyRequest): Stop {
  const controller = new AbortController();
  const interrupt = (): void => controller.abort(interruption(signal, signal.reason));
  const lose = (): void => controller.abort(snapshotGone(source, snapshot.lost.reason));
  if (signal.aborted) interrupt();
  if (snapshot.lost.aborted) lose();
  signal.addEventListener('abort', interrupt);
  snapshot.lost.addEventListener('abort', lose);
  const ignoreSnapshot = (): void => snapshot.lost.removeEventListener('abort', lose);
  return {
    controller,
    ignoreSnapshot,
    forget: () => {
      ignoreSnapshot();
      signal.removeEventListener('abort', interrupt);
    },
  };
}

interface Stage {
  readonly source: Session;
  readonly target: Session;
  readonly stop: Stop;
}

async function copyAll(request: CopyRequest, { source, target, stop }: Stage): Promise<CopyResult> {
  const { subscription, clock, sleep, workers } = request;
  const startedAt = clock();
  const tuning: CopyTuning = { ...defaultTuning, ...request.tuning };
  stop.controller.signal.throwIfAborted();
  const prepared = await prepareCopy(request, source, target, tuning);
  const { published, targets, transfers, replica } = prepared;
  const meter = makeMeter({ transfers, workers, clock, report: request.onProgress });
  meter.phase('preparing');
  const postponed = await postpone({
    subscription,
    source,
    target,
    published,
    targets,
    fromBytes: tuning.postponeFromBytes,
    sleep,
  });
  const memory = await maintenanceWorkMem(target, workers, tuning.maintenanceWorkMem);
  const crew = {
    node: request.node,
    workers: Array.from({ length: Math.max(1, workers) }, () =>
      makeWorker(
        () => openForReading(request.openSource),
        () => openForWriting(request.openTarget, { replica, maintenanceWorkMem: memory }),
      ),
    ),
    stop: stop.controller,
    sleep,
  };
  const job: CopyJob = {
    request,
    transfers,
    postponed,
    meter,
    onRowsRead: async () => {
      stop.ignoreSnapshot();
      meter.phase('indexing');
      await request.snapshot.release();
    },
  };
  try {
    meter.phase('copying');
    await runTasks(loadTasks(job, makeLoads(transfers, tuning.chunkBytes)), crew);
    meter.phase('finishing');
    for (const kind of ['add', 'validate'] as const)
      await runTasks(foreignKeyTasks(job, kind), crew);
  } finally {
    await Promise.all(crew.workers.map((worker) => worker.drop()));
  }
  await advanceSequences(source, target, request.tables);
  meter.flush();
  return { tables: transfers.length, ...meter.total(), durationMs: clock() - startedAt };
}
