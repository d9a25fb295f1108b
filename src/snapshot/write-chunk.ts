// Stores the rows of one chunk: as they come from the server, compressed, counted and hashed on the way.

import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Part } from '../copy/choose-transfers.ts';
import type { PartRows } from '../copy/part-rows.ts';
import { SteepError } from '../model/errors.ts';
import { formatName } from '../model/identifier.ts';
import type { SnapshotChunk } from '../model/snapshot.ts';
import { toFailure } from '../postgres/failures.ts';
import { compress } from './codec.ts';
import { type Compression, codecSuffix } from './compression.ts';
import type { Storage } from './storage/storage.ts';
import { tableFolder } from './table-folder.ts';
import { type Tap, tap } from './tap.ts';

export interface ChunkTarget {
  readonly storage: Storage;
  readonly compression: Compression;
  readonly signal: AbortSignal;
  /** Bytes of rows, as they pass. */
  readonly onBytes: (part: Part, bytes: number) => void;
}

/** What is stored; the rows are counted by the server, once it has ended the transaction. */
export type WrittenChunk = () => SnapshotChunk;

export const writeChunk = async (
  part: Part,
  out: PartRows,
  node: string,
  target: ChunkTarget,
): Promise<WrittenChunk> => {
  const { storage, compression, signal } = target;
  const file = fileOf(part, compression);
  const raw = tap((bytes) => target.onBytes(part, bytes));
  const stored = compression.codec === 'none' ? raw : tap();
  const flowing = flow(out, raw, stored, compression);
  const writing = storage.write(file, stored.stream, signal).catch((error: Error) => {
    // Where it failed before it read anything, nobody else ends the stream, and the rows would wait for ever.
    stored.stream.destroy(error);
    throw error;
  });
  const [flowed, written] = await Promise.allSettled([flowing, writing]);
  // A full disk ends the stream, and a broken connection ends the file: the cause is whoever has words for it.
  for (const end of [written, flowed]) {
    if (end.status === 'rejected' && end.reason instanceof SteepError) throw end.reason;
  }
  for (const end of [flowed, written]) {
    if (end.status === 'rejected') {
      throw toFailure(end.reason, {
        node,
        doing: `reading ${formatName(part.transfer.table.name)}`,
      });
    }
  }
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

const flow = (out: PartRows, raw: Tap, stored: Tap, compression: Compression): Promise<void> => {
  const first: Transform = raw.stream;
  return raw === stored
    ? pipeline(out.stream, first)
    : pipeline(out.stream, first, compress(compression), stored.stream);
};

const fileOf = ({ transfer, chunk }: Part, { codec }: Compression): string =>
  `data/${tableFolder(transfer.table.name)}/${chunk.number}.bin${codecSuffix(codec)}`;
