// Notes, after each COPY and under its lock, which file the rows came from, and looks whether the names of the columns meant
// what the snapshot says. Ranges of ctid that were chosen in one file mean nothing in another; what the snapshot shows of
// pg_class and pg_attribute never changes, and so says nothing about it.

import type { Session } from '../../postgres/session.ts';
import { ddl, qualified, sql } from '../../postgres/sql/sql.ts';
import { columnsRenamed } from '../copy-failures.ts';
import { type Heap, isWhole } from '../fill/copy-table.ts';
import type { SnapshotView } from '../source/snapshot-view.ts';
import type { TransferPart } from './choose-transfers.ts';
import { assertRowsVisible } from './detect-rewrite.ts';
import { FileReplaced } from './file-replaced.ts';
import { findOtherName } from './same-names.ts';

export interface FileWatch {
  /** What the session reads from now on. */
  reading(part: TransferPart): void;
  /**
   * In a transaction of the session, which holds the table until its end: another session may read it by its names.
   * @throws SteepError COPY_TABLE_REPLACED where a name means another table or column than in the snapshot.
   */
  hold(part: TransferPart): Promise<void>;
  /**
   * In the transaction of the COPY, when it has ended.
   * @throws SteepError COPY_TABLE_REPLACED where a name meant another table or column than in the snapshot.
   */
  note(): Promise<void>;
  /**
   * When the last transaction has ended, and before the rows are stored for good.
   * @throws FileReplaced where ranges do not hold any more; SteepError COPY_REWRITTEN where rows are hidden.
   */
  assertKept(parts: readonly TransferPart[]): Promise<void>;
}

export const makeFileWatch = (view: SnapshotView): FileWatch => {
  const files = new Map<TransferPart, number | null>();
  let current: TransferPart | null = null;
  const noteFile = async (part: TransferPart): Promise<void> => {
    files.set(part, await readFile(view.session, part.chunk.heap));
  };
  return {
    reading: (part) => {
      current = part;
    },
    hold: async (part) => {
      const { name } = part.chunk.heap;
      await view.session.query(ddl`LOCK TABLE ONLY ${qualified(name)} IN ACCESS SHARE MODE`);
      await assertNames(view.session, part);
    },
    note: async () => {
      const part = current;
      if (!part?.chunk.heap.ranges) return;
      await noteFile(part);
      await assertNames(view.session, part);
    },
    assertKept: async (parts) => {
      // pg_dump has read them in a session of its own, and only now has it surely ended.
      for (const part of parts) if (part.transfer.dumped) await noteFile(part);
      const read = parts.filter((part) => files.has(part));
      const stale = read.filter((part) => files.get(part) !== fileOf(part));
      const ranges = stale.filter(({ chunk }) => !isWhole(chunk));
      if (ranges.length > 0) {
        throw new FileReplaced([...new Set(ranges.map(({ transfer }) => transfer.index))]);
      }
      await assertRowsVisible(
        view,
        stale.map(({ chunk: { heap } }) => ({ heap, expected: heap.cut?.rows ?? null })),
      );
    },
  };
};

/** In which the rows of the part are: of ranges the file that they were chosen in. */
const fileOf = ({ chunk }: TransferPart): number =>
  isWhole(chunk) ? chunk.heap.file : (chunk.heap.cut?.file ?? chunk.heap.file);

/** Tables (by position in the request) whose ranges no longer mean what they did when they were chosen. */
export const replacedTables = async (
  source: Session,
  parts: readonly TransferPart[],
): Promise<readonly number[]> => {
  const replaced = new Set<number>();
  for (const part of parts) {
    if (isWhole(part.chunk)) continue;
    const file = await readFile(source, part.chunk.heap);
    if (file !== fileOf(part)) replaced.add(part.transfer.index);
  }
  return [...replaced];
};

async function assertNames(
  source: Session,
  { transfer, chunk: { heap } }: TransferPart,
): Promise<void> {
  const copied = new Set(transfer.table.columns.map(({ name }) => name));
  const columns = heap.columns.filter(({ name }) => copied.has(name));
  const other = await findOtherName(source, [{ ...heap, columns }]);
  if (other !== null) throw columnsRenamed(source.node, other, 'read');
}

async function readFile(source: Session, { oid }: Heap): Promise<number | null> {
  const [row] = await source.query<{ readonly file: number | null }>(
    sql`SELECT pg_catalog.pg_relation_filenode(${oid}::oid)::int8 AS file`,
  );
  return row?.file ?? null;
}
