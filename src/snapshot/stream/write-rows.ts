// Writes all chunks of a snapshot that are not stored yet, with several workers.

import { type CopyTuning, defaultTuning, type FillRequest } from '../../copy/copy-request.ts';
import { makeWorker, type Worker } from '../../copy/copy-sessions.ts';
import type { Transfer } from '../../copy/fill/copy-table.ts';
import { keepHeapSmall } from '../../copy/fill/keep-heap-small.ts';
import { type Meter, makeMeter } from '../../copy/fill/progress-meter.ts';
import { makeLoads } from '../../copy/read/choose-transfers.ts';
import { makeRounds } from '../../copy/read/table-rounds.ts';
import { runTasks, tellFailure } from '../../copy/run-tasks.ts';
import { openReaders } from '../../copy/source/open-readers.ts';
import type { SourceReaders } from '../../copy/source/source-readers.ts';
import type { SnapshotChunk } from '../../model/snapshot/snapshot.ts';
import type { LockWatch } from '../../postgres/retry/watch-locks.ts';
import type { Session } from '../../postgres/session.ts';
import { assertFreeSpace } from '../free-space-check.ts';
import type { JournalHeader } from '../manifest/journal.ts';
import type { Storage } from '../storage/storage.ts';
import { chunkKey } from './chunk-key.ts';
import { parseCompression } from './compression.ts';
import { writeTasks } from './write-task.ts';

export interface WriteRequest
  extends Pick<FillRequest, 'clock' | 'sleep' | 'locks' | 'onProgress' | 'onTable'> {
  readonly storage: Storage;
  readonly header: JournalHeader;
  readonly jobs: number;
  readonly openSource: () => Promise<Session>;
  /** Every table is held in ACCESS SHARE mode until the last row is read. */
  readonly holdTables: boolean;
  readonly tuning?: Partial<CopyTuning>;
}

export interface WriteStage {
  /** Aborted: everything ends now. Its reason is why. */
  readonly stop: AbortController;
  readonly locks: LockWatch;
}

/**
 * Returns the transfers with the chunks that were written.
 * @param kept what is stored, by chunkKey; what is written is added, and what is void is removed.
 * @throws the reason of stop, which the first failure that does not pass sets.
 */
export const writeRows = async (
  request: WriteRequest,
  transfers: readonly Transfer[],
  kept: Map<string, SnapshotChunk>,
  { stop, locks }: WriteStage,
): Promise<readonly Transfer[]> => {
  keepHeapSmall();
  const { storage, header, sleep, onTable } = request;
  const compression = parseCompression(header.choice.compression);
  const { chunkBytes } = { ...defaultTuning, ...request.tuning };
  const isMissing = (table: number, number: number): boolean =>
    !kept.has(chunkKey({ table, number }));
  const rounds = makeRounds(
    transfers,
    ({ index: table }, number) => kept.get(chunkKey({ table, number }))?.rows ?? null,
  );
  const loads = makeLoads(transfers, chunkBytes, ({ transfer, chunk }) =>
    isMissing(transfer.index, chunk.number),
  );
  const size = loads.reduce((sum, { bytes }) => sum + bytes, 0);
  await assertFreeSpace(storage, compression.codec, size);
  const meter = meterOf(request, transfers, kept);
  const node = header.source.node;
  const readers = await readersOf(request, transfers, { stop, locks });
  const writing = { request, compression, meter, rounds, readers, kept, chunkBytes };
  const tasks = writeTasks({ ...writing, signal: stop.signal }, loads);
  const workers = hire(request, readers);
  try {
    const crew = { node, workers, stop, sleep, locks, onFailure: tellFailure(onTable) };
    await runTasks(tasks, crew);
    meter.flush();
    return rounds.transfers();
  } finally {
    await Promise.all(workers.map((worker) => worker.drop()));
    await readers.close();
  }
};

const readersOf = (
  { openSource: open, header, jobs, holdTables, sleep }: WriteRequest,
  transfers: readonly Transfer[],
  { stop, locks }: WriteStage,
): Promise<SourceReaders> =>
  openReaders({
    source: header.source.node,
    open,
    snapshot: header.holder.snapshot,
    transfers,
    sessions: jobs,
    hold: holdTables,
    locks,
    sleep,
    stop: stop.signal,
  });

const hire = ({ jobs }: WriteRequest, { open }: SourceReaders): readonly Worker[] =>
  Array.from({ length: Math.max(1, jobs) }, () =>
    makeWorker(open, () => Promise.reject(new Error('a snapshot is written to files'))),
  );

/** Chunks that were kept count as done. */
function meterOf(
  { jobs: workers, clock, onProgress: report }: WriteRequest,
  transfers: readonly Transfer[],
  kept: ReadonlyMap<string, SnapshotChunk>,
): Meter {
  const meter = makeMeter({ transfers, workers, clock, report });
  meter.phase('copying');
  for (const { index, chunks } of transfers) {
    for (const { number, bytes: size } of chunks) {
      const stored = kept.get(chunkKey({ table: index, number }));
      if (stored === undefined) continue;
      meter.start(index);
      meter.copied(index, { rows: stored.rows, bytes: stored.bytes, size });
    }
  }
  return meter;
}
