// Where the rows of a copy come from, as the engine sees it: a server at a snapshot, or files. Parts are read one after
// the other.

import type { NodeName } from '../../model/state/address.ts';
import type { SnapshotView } from '../source/snapshot-view.ts';
import type { TransferPart } from './choose-transfers.ts';
import { makeFileWatch } from './file-watch.ts';
import { openRows, type PartRows, type RowsWork } from './part-rows.ts';

export interface RowReader {
  /** Named in failures. */
  readonly node: NodeName;
  /** Before each part, possibly while the rows of the one before it are still being stored. */
  begin(isFirst: boolean): Promise<void>;
  open(part: TransferPart): Promise<PartRows>;
  /** After the last part. @throws where what was read is not all that there is. */
  finish(parts: readonly TransferPart[]): Promise<void>;
  /** Ends whatever is being read. */
  abort(): Promise<void>;
}

export const serverReader = (view: SnapshotView, work: Omit<RowsWork, 'hold'>): RowReader => {
  const { session } = view;
  const files = makeFileWatch(view);
  return {
    node: session.node,
    begin: async (isFirst) => {
      if (!isFirst) await files.note();
      await view.begin(isFirst);
    },
    open: (part) => {
      files.reading(part);
      return openRows(session, part, { ...work, hold: (dumped) => files.hold(dumped) });
    },
    // An answer of the session also tells how many rows the last COPY sent.
    finish: async (parts) => {
      await files.note();
      await view.end();
      await files.assertKept(parts);
    },
    abort: () => session.close(),
  };
};

/**
 * Hands the rows of each part to `take`; parts that hold nothing are left out. The reader begins with the next one
 * while the last rows of this one are still being stored: of small tables, that is half of the time.
 */
export const readParts = async <T>(
  reader: RowReader,
  all: readonly TransferPart[],
  take: (part: TransferPart, opening: Promise<PartRows>) => Promise<T>,
): Promise<readonly T[]> => {
  const parts = all.filter((part) => !isEmpty(part));
  if (parts.length === 0) return [];
  const taken: T[] = [];
  let begun: Promise<void> | null = reader.begin(true);
  for (const [index, part] of parts.entries()) {
    await begun;
    const taking = take(part, reader.open(part));
    // Sent when the source has sent the last row.
    begun = index + 1 < parts.length ? reader.begin(false) : null;
    begun?.catch(() => undefined);
    taken.push(await taking);
  }
  await reader.finish(parts);
  return taken;
};

/** Nothing is stored in such a file, so no row of the snapshot can be in it. */
export const isEmpty = ({ chunk }: TransferPart): boolean =>
  chunk.heap.ranges && chunk.heap.blocks === 0;
