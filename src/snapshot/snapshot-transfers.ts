// The tables of a snapshot as the copy engine knows tables: what was published, in which chunks and in which form.

import type { Chunk, CopiedTable, Transfer } from '../copy/fill/copy-table.ts';
import { formatName, type QualifiedName } from '../model/identifier.ts';
import type { SnapshotChunk, SnapshotManifest, SnapshotTable } from '../model/snapshot/snapshot.ts';

/** In the order of the tables asked for, all of which the manifest has. */
export const transfersOf = (
  { tables, source }: SnapshotManifest,
  wanted: readonly QualifiedName[],
): readonly Transfer[] => {
  const byName = new Map(tables.map((table) => [formatName(table), table]));
  const encoding = source.encoding === 'UTF8' ? null : source.encoding;
  return wanted.map((name, index) => {
    const table = byName.get(formatName(name));
    if (table === undefined) throw new Error(`the snapshot has no table ${formatName(name)}`);
    const { format, chunks } = table;
    return {
      index,
      table: published(table),
      format,
      dumped: false,
      encoding,
      chunks: chunks.map(toChunk(table)),
    };
  });
};

const published = ({ schema, name, columns, filter, size }: SnapshotTable): CopiedTable => ({
  name: { schema, name },
  columns: columns.map((column) => ({ ...column, generated: false })),
  filter,
  heaps: [],
  bytes: size,
});

/** Bytes of the order of the table's size, so that all tables are measured alike. */
const toChunk =
  ({ size, bytes }: SnapshotTable) =>
  (chunk: SnapshotChunk, number: number): Chunk => ({
    number,
    heap: {
      oid: 0,
      name: chunk.heap,
      blocks: chunk.file === null ? 0 : 1,
      bytes: chunk.bytes,
      file: 0,
      ranges: true,
      columns: [],
    },
    fromBlock: chunk.fromBlock,
    toBlock: chunk.toBlock,
    bytes: bytes === 0 ? 0 : Math.round((size * chunk.bytes) / bytes),
  });
