// Copies all tables of a subscription from a server, at the snapshot of its slot: with several workers, in chunks, each
// chunk exactly once.

import { toFailure } from '../postgres/failures.ts';
import { tryAgain } from '../postgres/retry/try-again.ts';
import { type LockWatch, watchLocks } from '../postgres/retry/watch-locks.ts';
import type { Session } from '../postgres/session.ts';
import { readSequencePositions } from './check/advance-sequences.ts';
import { watchSlot } from './check/watch-slot.ts';
import {
  type CopyRequest,
  type CopyResult,
  type CopyTuning,
  defaultTuning,
} from './copy-request.ts';
import { end, limitLocks, openForReading } from './copy-sessions.ts';
import { type Stop, stopOf } from './copy-stop.ts';
import { type FillPlan, fillTables } from './fill/fill-tables.ts';
import { type Origin, validForeignKeys } from './fill/origin.ts';
import { readSourceIdentity } from './join/joined-rows.ts';
import { leadJoined } from './join/lead-joined.ts';
import { prepareCopy } from './prepare-copy.ts';
import { cutTable } from './read/cut-table.ts';
import { replacedTables } from './read/file-watch.ts';
import { serverReader } from './read/row-reader.ts';
import type { Crew } from './run-tasks.ts';
import { openReaders } from './source/open-readers.ts';
import type { SourceReaders } from './source/source-readers.ts';

export type { CopyRequest, CopyResult, CopyTableEvent } from './copy-request.ts';

/**
 * Copies, rebuilds what was deferred, advances sequences and analyzes. The snapshot is released when the last row was
 * read. Whatever is thrown: what is in the copy checkpoints is on the target, and nothing else; recoverCopy cleans up
 * the rest.
 * @throws SteepError: the reason why the copy stopped.
 */
export const copyAllTables = async (request: CopyRequest): Promise<CopyResult> => {
  const stop = stopOf(request);
  const unwatch = watchSlot({
    source: request.source,
    open: request.openSource,
    check: request.checkSlot,
    onLost: (failure) => stop.controller.abort(failure),
  });
  const locks = watchLocks(request.locks);
  const sessions: Session[] = [];
  const endAll = (): void => {
    for (const session of sessions) end(session).catch(() => undefined);
  };
  stop.controller.signal.addEventListener('abort', endAll);
  try {
    const { timeoutMs } = request.locks;
    const source = await openForReading(request.openSource, timeoutMs);
    sessions.push(source);
    const target = await request.openTarget();
    sessions.push(target);
    await limitLocks(target, timeoutMs);
    return await copyAll(request, { source, target, stop, locks });
  } catch (error) {
    // What fails after the stop, fails because of it.
    const reason: unknown = stop.controller.signal.aborted ? stop.controller.signal.reason : error;
    throw toFailure(reason, { node: request.node, doing: 'copying tables' });
  } finally {
    stop.forget();
    locks.stop();
    stop.controller.signal.removeEventListener('abort', endAll);
    await Promise.all([unwatch(), ...sessions.map((session) => session.close())]);
  }
};

interface Stage {
  readonly source: Session;
  readonly target: Session;
  readonly stop: Stop;
  readonly locks: LockWatch;
}

async function copyAll(request: CopyRequest, stage: Stage): Promise<CopyResult> {
  const { target, stop, locks } = stage;
  stop.controller.signal.throwIfAborted();
  const filling = await prepare(request, stage);
  const { workers, openSource: open, snapshot, source, sleep, holdTables } = request;
  const readers = await openReaders({
    source,
    open,
    snapshot: snapshot.name,
    transfers: filling.transfers,
    sessions: workers,
    hold: holdTables === true,
    locks,
    sleep,
    stop: stop.controller.signal,
  });
  try {
    const origin = originOf(request, stage, readers);
    const join = joinOf(request, stage, filling);
    return await fillTables(request, origin, filling, {
      target,
      stop: stop.controller,
      locks,
      ...(join !== undefined && { join }),
    });
  } finally {
    await readers.close();
  }
}

/** The session to the target has nothing else to do while rows are read. */
const joinOf = (
  { node, source: name, subscription, runId, snapshot, lease, ...request }: CopyRequest,
  { source, target: session, stop, locks }: Stage,
  { replica }: FillPlan,
): Crew['join'] => {
  if (lease === undefined) return undefined;
  return async (onPlace) => {
    const identity = await readSourceIdentity(source);
    const copy = { node, source: name, subscription, runId, snapshot: snapshot.name };
    const work = {
      ...request,
      node,
      offer: { ...copy, ...identity, replica },
      session,
      open: request.openTarget,
      lease,
      locks,
      stop: stop.controller.signal,
    };
    return leadJoined(work, onPlace);
  };
};

const prepare = (request: CopyRequest, { source, target, locks }: Stage): Promise<FillPlan> => {
  const { node, sleep } = request;
  const tuning: CopyTuning = { ...defaultTuning, ...request.tuning };
  const sessions = (): readonly Session[] => [source, target];
  const recover = async (): Promise<boolean> => !source.closed && !target.closed;
  return tryAgain({ node, doing: 'preparing the copy', sessions, locks, sleep, recover }, () =>
    prepareCopy(request, source, target, tuning),
  );
};

const originOf = (
  request: CopyRequest,
  { source, stop }: Stage,
  readers: SourceReaders,
): Origin => ({
  open: readers.open,
  cut: async (worker, transfer) => {
    const { chunkBytes } = { ...defaultTuning, ...request.tuning };
    return cutTable(readers.view(await worker.source()), transfer, chunkBytes);
  },
  reader: async (worker) =>
    serverReader(readers.view(await worker.source()), {
      snapshot: request.snapshot.name,
      openDump: request.dumps?.open ?? null,
      stop: stop.controller.signal,
      relays: true,
    }),
  replaced: async (worker, parts) => replacedTables(await worker.source(), parts),
  provenForeignKeys: (tables) => validForeignKeys(source, tables),
  positions: async (worker) => readSequencePositions(await worker.source(), request.tables),
  onRowsRead: async () => {
    stop.ignoreSnapshot();
    await readers.release();
    await request.snapshot.release();
  },
});
