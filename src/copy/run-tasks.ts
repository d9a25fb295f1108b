// Runs tasks with a number of workers: the most urgent first, again where a connection broke, none after a failure
// that does not pass. Knows nothing of what the tasks do.

import type { QualifiedName } from '../model/identifier.ts';
import type { NodeName } from '../model/state/address.ts';
import { tryAgain } from '../postgres/retry/try-again.ts';
import type { LockWatch } from '../postgres/retry/watch-locks.ts';
import type { CopyTableEvent } from './copy-request.ts';
import type { Worker } from './copy-sessions.ts';
import type { CopiedPart } from './fill/chunk-checkpoints.ts';
import type { Load } from './read/choose-transfers.ts';

export interface Task {
  /** As in `copying public.orders`. */
  readonly doing: string;
  /** Those that are not copied, should it fail. */
  readonly tables: readonly QualifiedName[];
  /** Lower is sooner. */
  readonly rank: number;
  /** Of tasks with the same rank, the largest is first. */
  readonly size: number;
  /** Returns what can be done now that this is done. `retried`: an earlier attempt may have succeeded unheard. */
  readonly run: (worker: Worker, retried: boolean) => Promise<readonly Task[]>;
  /** The same by a joined worker; null: it has stored nothing. Absent: only this process can do it. */
  readonly lend?: (place: JoinedPlace) => Promise<readonly Task[] | null>;
}

/** A worker in another process, which takes loads of this copy. */
export interface JoinedPlace {
  /** It takes nothing any more. */
  isGone(): boolean;
  /**
   * What is on record of the load when the worker can store nothing of it any more; null: it is not stored.
   * @param onArrived before it is committed; what it throws keeps it from that.
   */
  load(
    load: Load,
    onArrived: (parts: readonly CopiedPart[]) => void,
  ): Promise<readonly CopiedPart[] | null>;
}

export interface Crew {
  /** Whose failures they are, unless they say so themselves. */
  readonly node: NodeName;
  readonly workers: readonly Worker[];
  /** Aborted: everything ends now. Its reason is why. */
  readonly stop: AbortController;
  readonly sleep: (ms: number) => Promise<void>;
  readonly locks: LockWatch;
  /** Of the failure that ends all of it. */
  readonly onFailure: (task: Task, failure: unknown) => void;
  /** Lets workers of other processes join; returns what ends that. Absent: none can. */
  readonly join?: (onPlace: (place: JoinedPlace) => void) => Promise<() => Promise<void>>;
}

/** Says of each of its tables that it is not copied, and why. */
export const tellFailure =
  (onTable: (event: CopyTableEvent) => void): Crew['onFailure'] =>
  ({ tables }, failure) => {
    const error = failure instanceof Error ? failure.message : String(failure);
    const nothing = { rows: 0, bytes: 0, durationMs: 0 };
    for (const table of tables) onTable({ kind: 'failed', table, ...nothing, error });
  };

/**
 * Returns when all tasks, and those that they brought, are done.
 * @throws the reason of crew.stop, which the first failure that does not pass sets.
 */
export const runTasks = async (tasks: readonly Task[], crew: Crew): Promise<void> => {
  const board = makeBoard(tasks, crew.stop.signal);
  const drop = (): void => {
    for (const worker of crew.workers) worker.drop().catch(() => undefined);
    board.wakeAll();
  };
  crew.stop.signal.addEventListener('abort', drop);
  const lent: Promise<void>[] = [];
  // Who cannot be joined copies alone.
  const joined = crew
    .join?.((place) => lent.push(lendTo(place, board, crew)))
    .catch(() => undefined);
  try {
    await Promise.all(crew.workers.map((worker) => work(worker, board, crew)));
    const leave = await joined;
    try {
      await leave?.();
    } finally {
      await Promise.all(lent);
    }
  } finally {
    crew.stop.signal.removeEventListener('abort', drop);
  }
  crew.stop.signal.throwIfAborted();
};

async function work(worker: Worker, board: Board, crew: Crew): Promise<void> {
  for (;;) {
    const task = await board.take();
    if (task === null) return;
    try {
      board.done(await persist(task, worker, crew));
    } catch (error) {
      if (!crew.stop.signal.aborted) crew.onFailure(task, error);
      crew.stop.abort(error);
      board.done([]);
    }
  }
}

/** What a joined worker does not bring, this process does. */
async function lendTo(place: JoinedPlace, board: Board, crew: Crew): Promise<void> {
  while (!place.isGone()) {
    const task = await board.take(isLent);
    if (task?.lend === undefined) return;
    const { lend, ...own } = task;
    try {
      const brought = place.isGone() ? null : await lend(place);
      board.done(brought ?? [place.isGone() ? task : own]);
    } catch (error) {
      if (!crew.stop.signal.aborted) crew.onFailure(task, error);
      crew.stop.abort(error);
      board.done([]);
    }
  }
}

const isLent = ({ lend }: Task): boolean => lend !== undefined;

/** Runs the task until it succeeds or fails for good. */
const persist = (task: Task, worker: Worker, crew: Crew): Promise<readonly Task[]> =>
  tryAgain(
    {
      node: crew.node,
      doing: task.doing,
      sessions: () => worker.sessions(),
      locks: crew.locks,
      sleep: crew.sleep,
      recover: async () => {
        await worker.drop();
        return true;
      },
    },
    (retried) => {
      crew.stop.signal.throwIfAborted();
      return task.run(worker, retried);
    },
  );

interface Board {
  /** The most urgent that is wanted. Waits while others may still bring some; null: there is nothing left to do. */
  take(isWanted?: (task: Task) => boolean): Promise<Task | null>;
  done(brought: readonly Task[]): void;
  wakeAll(): void;
}

function makeBoard(first: readonly Task[], stop: AbortSignal): Board {
  let queue = first.toSorted(byUrgency);
  let running = 0;
  let waiting: (() => void)[] = [];
  const wakeAll = (): void => {
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  };
  return {
    take: async (isWanted = () => true) => {
      for (;;) {
        if (stop.aborted) return null;
        const task = queue.find(isWanted);
        if (task !== undefined) {
          queue = queue.filter((it) => it !== task);
          running += 1;
          return task;
        }
        if (running === 0 && queue.length === 0) return null;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    done: (brought) => {
      running -= 1;
      if (brought.length > 0) queue = [...queue, ...brought].toSorted(byUrgency);
      wakeAll();
    },
    wakeAll,
  };
}

const byUrgency = (a: Task, b: Task): number => a.rank - b.rank || b.size - a.size;
