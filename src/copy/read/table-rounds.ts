// Which chunks of each table hold, and how many of them are there. When the file of a table is replaced, all of its
// chunks are void: the table begins a new round, with other ranges. Pure.

import { SteepError } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import type { Transfer } from '../fill/copy-table.ts';
import type { Load, TransferPart } from './choose-transfers.ts';
import { FileReplaced } from './file-replaced.ts';

/** How often the ranges of one table are chosen before its copy ends: once, and five times again. */
export const mostRounds = 6;

export interface RowsOfPart extends TransferPart {
  readonly rows: number;
}

export interface Rounds {
  /** As they are read now, in the order of the request. */
  transfers(): readonly Transfer[];
  /** What of the load still holds; it is being read from now on, until leave(). */
  enter(load: Load): Load;
  leave(load: Load): void;
  /**
   * Just before the parts are stored for good.
   * @throws FileReplaced where the table was given up meanwhile; SteepError COPY_MISCOUNTED where it would be complete
   * with other rows than the snapshot showed.
   */
  arrive(parts: readonly RowsOfPart[]): void;
  /** They are stored. Returns the tables that are complete with them. */
  stored(parts: readonly TransferPart[]): readonly Transfer[];
  /** All chunks of these tables are void. @throws SteepError COPY_FILE_REPLACED when it was too often. */
  giveUp(tables: readonly number[]): void;
  /** Tables that were given up, each once, as soon as none of their chunks is read any more. */
  takeGivenUp(): readonly Transfer[];
  /** The table begins again, with these chunks. */
  begin(transfer: Transfer): void;
}

interface Round {
  transfer: Transfer;
  count: number;
  isGivenUp: boolean;
  /** Given up, and on its way to a new round. */
  isTaken: boolean;
  reading: number;
  left: number;
  /** Chunk → rows, of all that arrived. */
  readonly rows: Map<number, number>;
}

/** @param there Rows of a chunk that an earlier attempt has brought; null: it is not there. */
export const makeRounds = (transfers: readonly Transfer[], there: There): Rounds => {
  const rounds = transfers.map((transfer) => firstRound(transfer, there));
  const of = ({ index }: Pick<Transfer, 'index'>): Round => {
    const round = rounds[index];
    if (round === undefined) throw new Error(`table ${index} does not exist`);
    return round;
  };
  const isVoid = ({ transfer }: TransferPart): boolean => {
    const round = of(transfer);
    return round.isGivenUp || round.transfer !== transfer;
  };
  return {
    transfers: () => rounds.map(({ transfer }) => transfer),
    ...readings(of, isVoid),
    giveUp: (tables) => {
      for (const index of tables) giveUp(of({ index }));
    },
    takeGivenUp: () => {
      const taken = rounds.filter((it) => it.isGivenUp && !it.isTaken && it.reading === 0);
      for (const round of taken) round.isTaken = true;
      return taken.map(({ transfer }) => transfer);
    },
    begin: (transfer) => {
      const { count } = of(transfer);
      rounds[transfer.index] = { ...firstRound(transfer, () => null), count: count + 1 };
    },
  };
};

/** What becomes of the chunks of one load. */
const readings = (
  of: (transfer: Transfer) => Round,
  isVoid: (part: TransferPart) => boolean,
): Pick<Rounds, 'enter' | 'leave' | 'arrive' | 'stored'> => ({
  enter: (load) => {
    const parts = load.parts.filter((part) => !isVoid(part));
    for (const { transfer } of parts) of(transfer).reading += 1;
    return { ...load, parts };
  },
  leave: ({ parts }) => {
    for (const { transfer } of parts) of(transfer).reading -= 1;
  },
  arrive: (parts) => {
    const gone = parts.filter(isVoid).map(({ transfer }) => transfer.index);
    if (gone.length > 0) throw new FileReplaced([...new Set(gone)]);
    for (const { transfer, chunk, rows } of parts) of(transfer).rows.set(chunk.number, rows);
    for (const { transfer } of parts) assertCounted(of(transfer));
  },
  stored: (parts) =>
    parts.flatMap((part) => {
      if (isVoid(part)) return [];
      const round = of(part.transfer);
      round.left -= 1;
      return round.left === 0 ? [part.transfer] : [];
    }),
});

type There = (transfer: Transfer, chunk: number) => number | null;

function firstRound(transfer: Transfer, there: There): Round {
  const found = transfer.chunks.flatMap(({ number }) => {
    const rows = there(transfer, number);
    return rows === null ? [] : [[number, rows] as const];
  });
  const left = transfer.chunks.length - found.length;
  const rows = new Map(found);
  return { transfer, count: 0, isGivenUp: false, isTaken: false, reading: 0, left, rows };
}

/** Heaps that are read as a whole are read by one statement, which can miss nothing. */
function assertCounted({ transfer, rows }: Round): void {
  const { table, chunks } = transfer;
  if (rows.size < chunks.length) return;
  const counted = table.heaps.reduce((sum, { cut }) => sum + (cut?.matching ?? 0), 0);
  const arrived = chunks
    .filter(({ heap }) => heap.cut !== undefined)
    .reduce((sum, { number }) => sum + (rows.get(number) ?? 0), 0);
  if (arrived === counted) return;
  throw new SteepError(
    'COPY_MISCOUNTED',
    `Table ${formatName(table.name)}: its ranges have ${arrived} rows, and the source showed ${counted} rows at the snapshot.`,
    { suggestions: ['Run the same command again, and report it if it happens again.'] },
  );
}

function giveUp(round: Round): void {
  if (round.isGivenUp) return;
  round.isGivenUp = true;
  if (round.count < mostRounds) return;
  throw new SteepError(
    'COPY_FILE_REPLACED',
    `The file of table ${formatName(round.transfer.table.name)} was replaced ${round.count} times while it was copied, and each time its copy started again.`,
    {
      suggestions: [
        'Do not run VACUUM FULL, CLUSTER, pg_repack or TRUNCATE on the table until the copy has ended.',
        'Or let them wait until the rows are read: --hold-tables',
      ],
    },
  );
}
