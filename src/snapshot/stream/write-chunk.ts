// Stores the rows of one chunk: as they come from the server, compressed, counted and hashed on the way.

import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TransferPart } from '../../copy/read/choose-transfers.ts';
import type { PartRows } from '../../copy/read/part-rows.ts';
import { SteepError } from '../../model/errors.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { SnapshotChunk } from '../../model/snapshot/snapshot.ts';
import { toFailure } from '../../postgres/failures.ts';
import { tableFolder } from '../manifest/table-folder.ts';
import type { Storage } from '../storage/storage.ts';
import { compress } from './codec.ts';
import { type Compression, codecSuffix } from './compression.ts';
import { type HashStream, hashStream } from './hash-stream.ts';

export interface ChunkTarget {
  readonly storage: Storage;
  readonly compression: Compression;
  readonly signal: AbortSignal;
  /** Bytes of rows, as they pass. */
  readonly onBytes: (part: TransferPart, bytes: number) => void;
}

/** What is stored; the rows are counted by the server, once it has ended the transaction. */
export type WrittenChunk = () => SnapshotChunk;

export const writeChunk = async (
  part: TransferPart,
  out: PartRows,
  node: string,
  target: ChunkTarget,
): Promise<WrittenChunk> => {
  const { storage, compression, signal } = target;
  const file = chunkFile(part.transfer.table.name, part.chunk.number, compression);
  const raw = hashStream((bytes) => target.onBytes(part, bytes));
  const stored = compression.codec === 'none' ? raw : hashStream();
  const flowing = flow(out, raw, stored, compression);
  const ends = await Promise.allSettled([flowing, store(storage, file, stored, signal)]);
  assertStored(ends, node, part);
  const { heap, fromBlock, toBlock } = part.chunk;
  const facts = { bytes: raw.bytes(), sha256: raw.sha256() };
  const kept = { storedBytes: stored.bytes(), storedSha256: stored.sha256() };
  return () => ({
    file,
    heap: heap.name,
    fromBlock,
    toBlock,
    rows: out.sent(),
    ...facts,
    ...kept,
  });
};

const store = async (
  storage: Storage,
  file: string,
  { stream }: HashStream,
  signal: AbortSignal,
): Promise<void> => {
  try {
    await storage.write(file, stream, signal);
  } catch (error) {
    // Where it failed before it read anything, nothing else ends the stream, and the rows would wait indefinitely. Rows
    // that had all arrived have no pipeline any more that hears of the error.
    stream.on('error', () => undefined);
    stream.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
};

/**
 * A full disk ends the stream, and a broken connection ends the file: the error that has a message is reported as the
 * cause.
 */
const assertStored = (
  ends: readonly PromiseSettledResult<void>[],
  node: string,
  { transfer }: TransferPart,
): void => {
  const causes = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
  if (causes.length === 0) return;
  const told = causes.findLast((cause) => cause instanceof SteepError);
  throw told ?? toFailure(causes[0], { node, doing: `reading ${formatName(transfer.table.name)}` });
};

const flow = (
  out: PartRows,
  raw: HashStream,
  stored: HashStream,
  compression: Compression,
): Promise<void> => {
  const first: Transform = raw.stream;
  return raw === stored
    ? pipeline(out.stream, first)
    : pipeline(out.stream, first, compress(compression), stored.stream);
};

/** Where the rows of a chunk are stored. */
export const chunkFile = (
  table: QualifiedName,
  number: number,
  { codec }: Pick<Compression, 'codec'>,
): string => `data/${tableFolder(table)}/${number}.bin${codecSuffix(codec)}`;
