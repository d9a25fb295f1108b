// Chooses the ranges in which a large table is read, and counts its rows at the snapshot: both while its lock keeps the
// file from being replaced. Each heap is locked alone, so that no session that locks several tables can deadlock with
// the copy.

import type { Session } from '../../postgres/session.ts';
import { ddl, qualified, type Sql, sql, verbatim } from '../../postgres/sql/sql.ts';
import { type CopiedTable, type Heap, isWhole, type Transfer } from '../fill/copy-table.ts';
import type { SnapshotView } from '../source/snapshot-view.ts';
import { chunksOf } from './choose-transfers.ts';
import { assertRowsVisible } from './detect-rewrite.ts';

/**
 * Returns the transfer with other chunks. Heaps that are read as a whole stay as they are.
 * @throws SteepError COPY_REWRITTEN where the snapshot does not see all rows of a file.
 */
export const cutTable = async (
  view: SnapshotView,
  transfer: Transfer,
  chunkBytes: number,
): Promise<Transfer> => {
  const ranged = new Set(
    transfer.chunks.flatMap((chunk) => (isWhole(chunk) ? [] : [chunk.heap.oid])),
  );
  const heaps: Heap[] = [];
  for (const heap of transfer.table.heaps) {
    const wanted = heap.cut !== undefined || ranged.has(heap.oid);
    heaps.push(wanted ? await cutHeap(view, heap, transfer.table) : heap);
  }
  const bytes = heaps.reduce((sum, heap) => sum + heap.bytes, 0);
  const table = { ...transfer.table, heaps, bytes };
  return { ...transfer, table, chunks: chunksOf(table, chunkBytes) };
};

async function cutHeap(view: SnapshotView, heap: Heap, table: CopiedTable): Promise<Heap> {
  const { rows, matching, ...size } = await view.read(async () => {
    // Locks the table until the end of the transaction; the file and its size are read under this lock.
    const counted = await countRows(view.session, heap, table);
    return { ...counted, ...(await readSize(view.session, heap)) };
  });
  const { blocks, bytes, file } = size;
  if (file !== heap.file) {
    await assertRowsVisible(view, [{ heap, expected: heap.cut?.rows ?? null }]);
  }
  return { ...heap, blocks, bytes, cut: { file, rows, matching } };
}

interface Counted {
  readonly rows: number;
  readonly matching: number;
}

async function countRows(source: Session, heap: Heap, { filter }: CopiedTable): Promise<Counted> {
  // As the server has it: sessions that copy use no parallel workers.
  await source.query(ddl`SET LOCAL max_parallel_workers_per_gather TO DEFAULT`);
  const matching =
    filter === null
      ? ddl`pg_catalog.count(*)`
      : ddl`pg_catalog.count(*) FILTER (WHERE ${verbatim(filter)})`;
  const statement: Sql = ddl`SELECT pg_catalog.count(*) AS rows, ${matching} AS matching FROM ONLY ${qualified(heap.name)}`;
  const [row] = await source.query<Counted>(statement);
  return row ?? { rows: 0, matching: 0 };
}

type Size = Pick<Heap, 'blocks' | 'bytes' | 'file'>;

async function readSize(source: Session, { oid, name }: Heap): Promise<Size> {
  const [row] = await source.query<Size>(sql`
    SELECT pg_catalog.pg_relation_filenode(${oid}::oid)::int8 AS file,
           pg_catalog.pg_relation_size(${oid}::oid) / pg_catalog.current_setting('block_size')::int8 AS blocks,
           pg_catalog.pg_table_size(${oid}::oid) AS bytes`);
  if (row === undefined) throw new Error(`table ${name.name} has no size`);
  return row;
}
