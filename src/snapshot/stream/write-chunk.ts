// Stores the rows of one chunk: as they come from the server, compressed, counted and hashed on the way.

import type { Readable, Transform } from 'node:stream';
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
import type { Pack } from './pack.ts';

export interface ChunkTarget {
  readonly storage: Storage;
  readonly compression: Compression;
  readonly signal: AbortSignal;
  /** Bytes of rows, as they pass. */
  readonly onBytes: (part: TransferPart, bytes: number) => void;
  /** The file that small tables share; null: there is none. */
  readonly pack: Pack | null;
}

/** What is stored; the rows are counted by the server, once it has ended the transaction. */
export type WrittenChunk = () => SnapshotChunk;

export const writeChunk = async (
  part: TransferPart,
  out: PartRows,
  node: string,
  target: ChunkTarget,
): Promise<WrittenChunk> => {
  const { compression } = target;
  const place = placeOf(part, target);
  const raw = hashStream((bytes) => target.onBytes(part, bytes));
  const stored = compression.codec === 'none' ? raw : hashStream();
  const flowing = flow(out, raw, stored, compression);
  const ends = await Promise.allSettled([flowing, store(place, stored)]);
  const at = assertStored(ends, node, part);
  const { heap, fromBlock, toBlock } = part.chunk;
  const facts = { bytes: raw.bytes(), sha256: raw.sha256() };
  const kept = { storedBytes: stored.bytes(), storedSha256: stored.sha256() };
  return () => ({
    ...at,
    heap: heap.name,
    fromBlock,
    toBlock,
    rows: out.sent(),
    ...facts,
    ...kept,
  });
};

type PlacedAt = Pick<SnapshotChunk, 'file' | 'offset'>;

/** Where the bytes go: into the file of the load, or into one of their own. */
const placeOf = (
  part: TransferPart,
  { storage, compression, signal, pack }: ChunkTarget,
): ((content: Readable) => Promise<PlacedAt>) => {
  if (pack?.holds(part)) {
    return async (content) => ({ file: pack.file, offset: await pack.append(content) });
  }
  const file = chunkFile(part.transfer.table.name, part.chunk.number, compression);
  return async (content) => {
    await storage.write(file, content, signal);
    return { file };
  };
};

const store = async (
  place: (content: Readable) => Promise<PlacedAt>,
  { stream }: HashStream,
): Promise<PlacedAt> => {
  try {
    return await place(stream);
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
  [flowed, placed]: readonly [PromiseSettledResult<void>, PromiseSettledResult<PlacedAt>],
  node: string,
  { transfer }: TransferPart,
): PlacedAt => {
  const causes = [flowed, placed].flatMap((end) =>
    end.status === 'rejected' ? [end.reason as unknown] : [],
  );
  if (placed.status === 'fulfilled' && causes.length === 0) return placed.value;
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
