// The tasks of writing a snapshot: the ranges of a large table, and the parts of a load, one after the other, with their
// lines in the journal.

import type { FillRequest } from '../../copy/copy-request.ts';
import type { Worker } from '../../copy/copy-sessions.ts';
import { isWhole, type Transfer } from '../../copy/fill/copy-table.ts';
import type { Meter } from '../../copy/fill/progress-meter.ts';
import {
  type Load,
  makeLoads,
  type TransferPart,
  urgencyOf,
} from '../../copy/read/choose-transfers.ts';
import { cutTable } from '../../copy/read/cut-table.ts';
import { FileReplaced } from '../../copy/read/file-replaced.ts';
import { isEmpty, readParts, serverReader } from '../../copy/read/row-reader.ts';
import type { Rounds } from '../../copy/read/table-rounds.ts';
import type { Task } from '../../copy/run-tasks.ts';
import type { SourceReaders } from '../../copy/source/source-readers.ts';
import { formatName } from '../../model/identifier.ts';
import { emptyHash, type SnapshotChunk } from '../../model/snapshot/snapshot.ts';
import { assertFreeSpace } from '../free-space-check.ts';
import { appendLine, type JournalHeader } from '../manifest/journal.ts';
import type { Storage } from '../storage/storage.ts';
import { chunkKey } from './chunk-key.ts';
import type { Compression } from './compression.ts';
import { openPack } from './pack.ts';
import { chunkFile, writeChunk } from './write-chunk.ts';

export interface WriteJob {
  readonly request: Pick<FillRequest, 'onTable'> & {
    readonly storage: Storage;
    readonly header: JournalHeader;
  };
  readonly compression: Compression;
  readonly meter: Meter;
  readonly rounds: Rounds;
  readonly readers: SourceReaders;
  readonly chunkBytes: number;
  /** By chunkKey: what is stored. */
  readonly kept: Map<string, SnapshotChunk>;
  readonly signal: AbortSignal;
}

/** The ranges of tables that have none yet, and these loads: without the parts of such tables. */
export const writeTasks = (job: WriteJob, loads: readonly Load[]): readonly Task[] => [
  ...job.rounds
    .transfers()
    .filter(lacksRanges)
    .map((transfer) => cutTask(job, transfer, hasChunks(job, transfer))),
  ...loads
    .map((load) => ({
      ...load,
      parts: load.parts.filter(({ transfer }) => !lacksRanges(transfer)),
    }))
    .filter(({ parts }) => parts.length > 0)
    .map((load) => writeTask(job, load)),
];

const lacksRanges = ({ chunks }: Transfer): boolean =>
  chunks.some((chunk) => !isWhole(chunk) && chunk.heap.cut === undefined);

const hasChunks = ({ kept }: WriteJob, { index: table, chunks }: Transfer): boolean =>
  chunks.some(({ number }) => kept.has(chunkKey({ table, number })));

/** Chooses the ranges of a table, and puts them on record. `again`: what was written from others is removed first. */
const cutTask = (job: WriteJob, transfer: Transfer, again: boolean): Task => ({
  doing: `counting the rows of ${formatName(transfer.table.name)}`,
  tables: [transfer.table.name],
  rank: 0,
  size: transfer.table.bytes,
  run: async (worker) => {
    const { request, rounds, readers, chunkBytes } = job;
    if (again) await removeChunks(job, transfer);
    const cut = await cutTable(readers.view(await worker.source()), transfer, chunkBytes);
    await appendLine(request.storage, { cut });
    rounds.begin(cut);
    return makeLoads([cut], chunkBytes).map((load) => writeTask(job, load));
  },
});

/** Those that are not on record, too: their rows were read from a file that was replaced meanwhile. */
async function removeChunks(
  { request, compression, kept, meter }: WriteJob,
  { index, table, chunks }: Transfer,
): Promise<void> {
  meter.restart(index);
  for (const { number } of chunks) {
    kept.delete(chunkKey({ table: index, number }));
    await request.storage.remove(chunkFile(table.name, number, compression));
  }
}

const writeTask = (job: WriteJob, load: Load): Task => ({
  doing: `writing ${formatName(load.parts[0]?.transfer.table.name ?? { schema: '', name: '' })}`,
  tables: [...new Set(load.parts.map(({ transfer }) => transfer.table.name))],
  rank: 0,
  size: urgencyOf(load),
  run: async (worker) => {
    const { rounds } = job;
    const entered = rounds.enter(load);
    let rest: Load | null = null;
    try {
      if (entered.parts.length > 0) await writeLoad(job, entered, worker);
    } catch (error) {
      if (!(error instanceof FileReplaced)) throw error;
      rounds.giveUp(error.tables);
      const parts = entered.parts.filter(({ transfer }) => !error.tables.includes(transfer.index));
      if (parts.length > 0) rest = { ...load, parts };
    } finally {
      rounds.leave(entered);
    }
    return [
      ...(rest === null ? [] : [writeTask(job, rest)]),
      ...rounds.takeGivenUp().map((transfer) => cutTask(job, transfer, true)),
    ];
  },
});

async function writeLoad(job: WriteJob, load: Load, worker: Worker): Promise<void> {
  const { request, compression, rounds, readers } = job;
  await assertFreeSpace(request.storage, compression.codec, load.bytes);
  const reader = serverReader(readers.view(await worker.source()), {
    snapshot: request.header.holder.snapshot,
    openDump: null,
    stop: job.signal,
    relays: false,
  });
  const written = await writeParts(job, load, reader);
  rounds.arrive(written.map(({ part, chunk: { rows } }) => ({ ...part, rows })));
  await keep(job, written);
}

interface Written {
  readonly part: TransferPart;
  readonly chunk: SnapshotChunk;
}

async function writeParts(
  { request, compression, meter, signal }: WriteJob,
  load: Load,
  reader: ReturnType<typeof serverReader>,
): Promise<readonly Written[]> {
  const { storage, header, onTable } = request;
  const passed = new Map<TransferPart, number>();
  const onBytes = (part: TransferPart, bytes: number): void => {
    passed.set(part, (passed.get(part) ?? 0) + bytes);
    meter.passed(part.transfer.index, bytes);
  };
  for (const { transfer } of load.parts) {
    const nothing = { rows: 0, bytes: 0, durationMs: 0 };
    if (meter.start(transfer.index)) {
      onTable({ kind: 'started', table: transfer.table.name, ...nothing });
    }
  }
  const pack = openPack(load, { storage, compression, signal });
  try {
    const target = { storage, compression, signal, onBytes, pack };
    const written = await readParts(reader, load.parts, async (part, opening) => ({
      part,
      chunk: await writeChunk(part, await opening, header.source.node, target),
    }));
    await pack?.finish();
    return [
      ...load.parts.filter(isEmpty).map((part) => ({ part, chunk: nothingIn(part) })),
      // The rows of the last part are known now.
      ...written.map(({ part, chunk }) => ({ part, chunk: chunk() })),
    ];
  } catch (error) {
    if (!(error instanceof FileReplaced)) await reader.abort();
    await pack?.abandon(error);
    throw error;
  } finally {
    for (const [part, bytes] of passed) meter.passed(part.transfer.index, -bytes);
  }
}

const nothingIn = ({ chunk: { heap, fromBlock, toBlock } }: TransferPart): SnapshotChunk => ({
  file: null,
  heap: heap.name,
  fromBlock,
  toBlock,
  rows: 0,
  bytes: 0,
  sha256: emptyHash,
  storedBytes: 0,
  storedSha256: emptyHash,
});

/** On the disk, then on record: what a crash takes is written again. */
async function keep(job: WriteJob, written: readonly Written[]): Promise<void> {
  const { storage } = job.request;
  await storage.sync([...new Set(written.flatMap(({ chunk: { file } }) => file ?? []))]);
  const chunks = written.map(({ part: { transfer, chunk }, chunk: stored }) => ({
    table: transfer.index,
    number: chunk.number,
    stored,
  }));
  await appendLine(storage, { chunks });
  for (const { part, chunk } of written) count(job, part, chunk);
}

function count(
  { request, kept, meter, rounds }: WriteJob,
  part: TransferPart,
  stored: SnapshotChunk,
): void {
  const { index, table } = part.transfer;
  kept.set(chunkKey({ table: index, number: part.chunk.number }), stored);
  const { rows, bytes } = stored;
  meter.copied(index, { rows, bytes, size: part.chunk.bytes });
  if (rounds.stored([part]).length === 0) return;
  request.onTable({ kind: 'completed', table: table.name, ...meter.finish(index) });
}
