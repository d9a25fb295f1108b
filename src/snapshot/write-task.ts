// One task of writing a snapshot: the parts of a load, one after the other, and then their lines in the journal.

import type { Load, Part } from '../copy/choose-transfers.ts';
import type { FillRequest } from '../copy/copy-request.ts';
import type { Meter } from '../copy/progress-meter.ts';
import { isEmpty, readParts, serverReader } from '../copy/row-reader.ts';
import type { Task } from '../copy/run-tasks.ts';
import { formatName } from '../model/identifier.ts';
import { emptyHash, type SnapshotChunk } from '../model/snapshot.ts';
import { chunkKey } from './chunk-key.ts';
import type { Compression } from './compression.ts';
import { appendLine, type JournalHeader } from './journal.ts';
import { assertRoom } from './room.ts';
import type { Storage } from './storage/storage.ts';
import { writeChunk } from './write-chunk.ts';

export interface WriteJob {
  readonly request: Pick<FillRequest, 'onTable'> & {
    readonly storage: Storage;
    readonly header: JournalHeader;
  };
  readonly compression: Compression;
  readonly meter: Meter;
  /** Chunks that each table lacks. */
  readonly left: number[];
  /** By chunkKey: what is stored. */
  readonly kept: Map<string, SnapshotChunk>;
  readonly signal: AbortSignal;
}

export const writeTask = (job: WriteJob, load: Load): Task => ({
  doing: `writing ${formatName(load.parts[0]?.transfer.table.name ?? { schema: '', name: '' })}`,
  tables: [...new Set(load.parts.map(({ transfer }) => transfer.table.name))],
  rank: 0,
  size: load.bytes,
  run: async (worker) => {
    const { request, compression } = job;
    await assertRoom(request.storage, compression.codec, load.bytes);
    const reader = serverReader(await worker.source(), {
      snapshot: request.header.holder.snapshot,
      openDump: null,
      stop: job.signal,
    });
    const written = await writeParts(job, load, reader);
    for (const { part, chunk } of written) await note(job, part, chunk);
    return [];
  },
});

interface Written {
  readonly part: Part;
  readonly chunk: SnapshotChunk;
}

async function writeParts(
  { request, compression, meter, signal }: WriteJob,
  load: Load,
  reader: ReturnType<typeof serverReader>,
): Promise<readonly Written[]> {
  const { storage, header, onTable } = request;
  const passed = new Map<Part, number>();
  const onBytes = (part: Part, bytes: number): void => {
    passed.set(part, (passed.get(part) ?? 0) + bytes);
    meter.passed(part.transfer.index, bytes);
  };
  for (const { transfer } of load.parts) {
    const nothing = { rows: 0, bytes: 0, durationMs: 0 };
    if (meter.start(transfer.index)) {
      onTable({ kind: 'started', table: transfer.table.name, ...nothing });
    }
  }
  try {
    const target = { storage, compression, signal, onBytes };
    const written = await readParts(reader, load.parts, async (part, opening) => ({
      part,
      chunk: await writeChunk(part, await opening, header.source.node, target),
    }));
    return [
      ...load.parts.filter(isEmpty).map((part) => ({ part, chunk: nothingIn(part) })),
      // The rows of the last part are known now.
      ...written.map(({ part, chunk }) => ({ part, chunk: chunk() })),
    ];
  } catch (error) {
    await reader.abort();
    throw error;
  } finally {
    for (const [part, bytes] of passed) meter.passed(part.transfer.index, -bytes);
  }
}

const nothingIn = ({ chunk: { heap, fromBlock, toBlock } }: Part): SnapshotChunk => ({
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

async function note(job: WriteJob, part: Part, stored: SnapshotChunk): Promise<void> {
  const { request, kept, meter, left } = job;
  const { index, table } = part.transfer;
  const chunk = { table: index, number: part.chunk.number, stored };
  await appendLine(request.storage, { chunk });
  kept.set(chunkKey(chunk), stored);
  const { rows, bytes } = stored;
  meter.copied(index, { rows, bytes, size: part.chunk.bytes });
  left[index] = (left[index] ?? 0) - 1;
  if (left[index] > 0) return;
  request.onTable({ kind: 'completed', table: table.name, ...meter.finish(index) });
}
