// One node's queue, as a worker serves it: a session with a lease, woken by NOTIFY, that takes operations while there is
// a place for one. What is lost with the session is left to the worker that takes it next.

import { setTimeout as delay } from 'node:timers/promises';
import { assertMetadataCurrent } from '../../catalog/metadata/read-node-status.ts';
import { readCancelled, readNextDue } from '../../catalog/queue/read-operations.ts';
import { keepSeen } from '../../metadata/keep-seen.ts';
import { claimWork, endAbandoned } from '../../metadata/queue/claim-work.ts';
import { purgeWork } from '../../metadata/queue/end-work.ts';
import { takeLease } from '../../metadata/queue/take-lease.ts';
import type { Connections } from '../../model/connection/conninfo.ts';
import type { SteepError } from '../../model/errors.ts';
import { unreadError } from '../../model/plan/exit-of-errors.ts';
import type { DesiredNode } from '../../model/state/state.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { createWakeup, type Wakeup } from '../../postgres/wakeup.ts';
import { openNodes } from '../nodes.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { lookAtMostEvery, lookEvery } from './look-pace.ts';
import { type RunningWork, type StopReason, startWork, type WorkPlace } from './run-work.ts';

/** What all queues of a worker share. */
export interface SharedPlaces {
  /** False: the worker runs as many operations as it may; `wake` is called once when a place is free. */
  readonly take: (wake: () => void) => boolean;
  readonly free: () => void;
}

export interface Serving
  extends Pick<WorkPlace, 'file' | 'snapshots' | 'waitForLockMs' | 'onEvent' | 'say'> {
  readonly runtime: RuntimeEnvironment;
  readonly connections: Connections;
  readonly places: SharedPlaces;
  /** For people: who took an operation. */
  readonly worker: string;
  readonly applicationName: string;
  /** Aborted: no operation is taken any more. */
  readonly stopping: AbortSignal;
  /** Operations that run when the worker is to end are finished first. */
  readonly drain: boolean;
  /** End when nothing is left to do now. */
  readonly once: boolean;
  readonly onEnded: (status: Awaited<RunningWork['ended']>) => void;
}

const keptMs = 30 * 24 * 3_600_000;

/** Until the worker is to end, or with `once`, until nothing is left to do. @throws SteepError: why the session ended. */
export const serveNode = async (node: DesiredNode, serving: Serving): Promise<void> => {
  const { connections, runtime, applicationName } = serving;
  const opened = await openNodes(
    [node],
    connections,
    { applicationName, readOnly: false },
    runtime,
  );
  try {
    const session = opened.metadata.get(node.name);
    if (session === undefined) {
      throw unreadError(opened.unreadable[node.name], `Node ${node.name} was not read.`);
    }
    await serveQueue(node.name, session, serving);
  } catch (error) {
    throw toFailure(error, { node: node.name, doing: 'serving its queue' });
  } finally {
    await opened.close();
  }
};

interface Queue {
  readonly node: string;
  readonly session: Session;
  readonly lease: number;
  readonly running: Map<number, RunningWork>;
  readonly wakeup: Wakeup;
}

const serveQueue = async (node: string, session: Session, serving: Serving): Promise<void> => {
  const lease = await takeLease(session, assertMetadataCurrent);
  const wakeup = createWakeup();
  const { stopping, drain, once } = serving;
  const queue: Queue = {
    node,
    session,
    lease,
    running: new Map(),
    wakeup,
  };
  await session.listen('steep_repl_work', wakeup.wake);
  const lost: SteepError[] = [];
  session.onClose((failure) => {
    if (failure !== null) lost.push(failure);
    for (const { stop } of queue.running.values()) stop('lease lost');
    wakeup.wake();
  });
  stopping.addEventListener('abort', wakeup.wake);
  await purgeWork(session, keptMs);
  const stopSeeing = keepSeen(session, node);
  try {
    while (lost.length === 0 && !(stopping.aborted && (!drain || queue.running.size === 0))) {
      const dueMs = await look(queue, serving);
      if (once && queue.running.size === 0 && dueMs === null) break;
      await delay(lookAtMostEvery);
      await wakeup.wokenWithin(Math.min(lookEvery, dueMs ?? lookEvery) - lookAtMostEvery);
    }
  } finally {
    stopSeeing();
    stopping.removeEventListener('abort', wakeup.wake);
    await endRunning(queue, lost.length > 0 ? 'lease lost' : 'worker ends');
  }
  for (const failure of lost) throw failure;
};

/** @returns milliseconds until something is due that nobody runs; null: nothing waits. */
const look = async (queue: Queue, serving: Serving): Promise<number | null> => {
  const { session, node, lease, running } = queue;
  for (const id of await readCancelled(session, lease)) running.get(id)?.stop('cancelled');
  await endAbandoned(session, node);
  while (!serving.stopping.aborted && serving.places.take(queue.wakeup.wake)) {
    const work = await claimOrFree(queue, serving);
    if (work === null) return readNextDue(session, node);
    begin(work, queue, serving);
  }
  // A place that becomes free wakes it.
  return lookEvery;
};

const claimOrFree = async ({ session, node, lease }: Queue, { worker, places }: Serving) => {
  try {
    const work = await claimWork(session, { node, lease, worker });
    if (work === null) places.free();
    return work;
  } catch (error) {
    places.free();
    throw error;
  }
};

const begin = (
  work: Parameters<typeof startWork>[0],
  { session, lease, running, wakeup }: Queue,
  serving: Serving,
): void => {
  const started = startWork(work, { ...serving, session, lease });
  running.set(work.id, started);
  void started.ended.then((status) => {
    running.delete(work.id);
    serving.onEnded(status);
    serving.places.free();
    wakeup.wake();
  });
};

/** What still runs is given back, or left: another worker resumes it. */
const endRunning = async ({ running }: Queue, why: StopReason): Promise<void> => {
  for (const { stop } of running.values()) stop(why);
  await Promise.all([...running.values()].map(({ ended }) => ended));
};
