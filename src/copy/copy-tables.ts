// Copies all tables of a subscription from a server, at the snapshot of its slot: with several workers, in chunks, each
// chunk exactly once.

import { toFailure } from '../postgres/failures.ts';
import type { Session } from '../postgres/session.ts';
import { readSequencePositions } from './advance-sequences.ts';
import {
  type CopyRequest,
  type CopyResult,
  type CopyTuning,
  defaultTuning,
} from './copy-request.ts';
import { end, openForReading } from './copy-sessions.ts';
import { type Stop, stopOf } from './copy-stop.ts';
import { fillTables } from './fill-tables.ts';
import { type Origin, validForeignKeys } from './origin.ts';
import { prepareCopy } from './prepare-copy.ts';
import { serverReader } from './row-reader.ts';
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
  const tuning: CopyTuning = { ...defaultTuning, ...request.tuning };
  stop.controller.signal.throwIfAborted();
  const prepared = await prepareCopy(request, source, target, tuning);
  return fillTables(request, originOf(request, stage), prepared, {
    target,
    stop: stop.controller,
  });
}

const originOf = (request: CopyRequest, { source, stop }: Stage): Origin => ({
  open: () => openForReading(request.openSource),
  reader: async (worker) =>
    serverReader(await worker.source(), {
      snapshot: request.snapshot.name,
      openDump: request.dumps?.open ?? null,
      stop: stop.controller.signal,
    }),
  provenForeignKeys: (tables) => validForeignKeys(source, tables),
  positions: async (worker) => readSequencePositions(await worker.source(), request.tables),
  onRowsRead: async () => {
    stop.ignoreSnapshot();
    await request.snapshot.release();
  },
});
