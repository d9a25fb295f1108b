// Reads the rows of a snapshot's files, as the copy engine takes them from a server.

import { type Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TransferPart } from '../../copy/read/choose-transfers.ts';
import type { RowReader } from '../../copy/read/row-reader.ts';
import type { SnapshotChunk, SnapshotManifest } from '../../model/snapshot/snapshot.ts';
import type { Storage } from '../storage/storage.ts';
import { decompress } from './codec.ts';
import { parseCompression } from './compression.ts';

/** One of these serves one worker: it reads one part at a time. */
export const fileReader = (storage: Storage, manifest: SnapshotManifest): RowReader => {
  const { codec } = parseCompression(manifest.compression);
  const chunkOf = chunksByTable(manifest);
  let reading: AbortController | null = null;
  return {
    node: manifest.source.node,
    begin: async () => undefined,
    open: async (part) => {
      const stored = chunkOf(part);
      const { file, rows, bytes, sha256 } = stored;
      if (file === null) throw new Error('a chunk without rows has no file');
      const begun = new AbortController();
      reading = begun;
      const stream = decompress(codec, { file, limitBytes: bytes });
      void feed(() => openStored(storage, file, stored, begun.signal), stream).finally(() => {
        if (reading === begun) reading = null;
      });
      const columns = part.transfer.table.columns.map(({ name }) => name);
      return { stream, columns, sent: () => rows, sha256, abandon: async () => undefined };
    },
    finish: async () => undefined,
    abort: async () => reading?.abort(),
  };
};

/** What goes wrong ends the stream: for every reader hears of it there. */
const feed = async (open: () => Promise<Readable>, stream: Duplex): Promise<void> => {
  try {
    await pipeline(await open(), stream);
  } catch (error) {
    stream.destroy(error instanceof Error ? error : new Error(String(error)));
  }
};

/** The bytes of one chunk; none is stored of a table without rows, where nothing compresses it. */
const openStored = async (
  storage: Storage,
  file: string,
  { offset: from, storedBytes: bytes }: SnapshotChunk,
  signal: AbortSignal,
): Promise<Readable> => {
  if (from === undefined) return storage.read(file, signal);
  return bytes === 0 ? Readable.from([]) : storage.read(file, signal, { from, bytes });
};

/** Transfers are numbered as the tables of the request, which may be a part of those in the manifest. */
const chunksByTable = ({
  tables,
  source,
}: SnapshotManifest): ((part: TransferPart) => SnapshotChunk) => {
  const byName = new Map(tables.map((table) => [keyOf(table), table]));
  return ({ transfer, chunk }) => {
    const found = byName.get(keyOf(transfer.table.name))?.chunks[chunk.number];
    if (found === undefined) throw new Error(`the snapshot of ${source.node} has no such chunk`);
    return found;
  };
};

const keyOf = ({ schema, name }: { readonly schema: string; readonly name: string }): string =>
  JSON.stringify([schema, name]);
