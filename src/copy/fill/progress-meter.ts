// Adds up how far a copy is, and says so at most four times a second. Knows no server.

import type { CopyPhase } from '../../model/copy/init-phase.ts';
import type { CopyProgress } from '../../model/copy/init-progress.ts';
import {
  type CopyLook,
  reduceProgress,
  type TableLook,
  unseenProgress,
} from '../../model/copy/reduce-progress.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { Transfer } from './copy-table.ts';

export interface Meter {
  /** True the first time. */
  start(table: number): boolean;
  /** Bytes of rows that may still be rolled back; negative: they were. */
  passed(table: number, bytes: number): void;
  /** A chunk is there for good. */
  copied(
    table: number,
    chunk: { readonly rows: number; readonly bytes: number; readonly size: number },
  ): void;
  /** What is there of the table is removed: it begins again. */
  restart(table: number): void;
  /** The table is done, with all that belongs to it. */
  finish(table: number): {
    readonly rows: number;
    readonly bytes: number;
    readonly durationMs: number;
  };
  phase(phase: CopyPhase): void;
  total(): { readonly rows: number; readonly bytes: number };
  /** Says the last word, whenever the one before it was. */
  flush(): void;
}

interface Tally {
  readonly name: QualifiedName;
  readonly size: number;
  startedAt: number | null;
  rows: number;
  bytes: number;
  /** Of `size`: in chunks that are there. */
  sizeDone: number;
  done: boolean;
}

export interface MeterOptions {
  readonly transfers: readonly Transfer[];
  readonly workers: number;
  readonly clock: () => number;
  readonly report: (progress: CopyProgress) => void;
}

const everyMs = 250;

export const makeMeter = ({ transfers, workers, clock, report }: MeterOptions): Meter => {
  const tallies = transfers.map(({ table }) => newTally(table.name, table.bytes));
  let phase: CopyPhase = 'copying';
  let state = unseenProgress;
  let reportedAt = Number.NEGATIVE_INFINITY;
  const say = (): void => {
    reportedAt = clock();
    state = reduceProgress(state, lookAtAll(tallies, { phase, workers, at: reportedAt }));
    report({ ...state.progress, phase });
  };
  const edit: Edit = (table, change) => {
    const tally = tallies[table] ?? nobody;
    Object.assign(tally, change(tally));
    if (clock() - reportedAt >= everyMs) say();
    return tally;
  };
  return {
    ...edits(edit, clock),
    phase: (next) => {
      phase = next;
      say();
    },
    total: () => ({ rows: sum(tallies, 'rows'), bytes: sum(tallies, 'bytes') }),
    flush: say,
  };
};

type Edit = (table: number, change: (tally: Tally) => Partial<Tally>) => Tally;

type Edits = Pick<Meter, 'start' | 'passed' | 'copied' | 'restart' | 'finish'>;

const edits = (edit: Edit, clock: () => number): Edits => ({
  start: (table) => {
    let isFirst = false;
    edit(table, ({ startedAt }) => {
      isFirst = startedAt === null;
      return { startedAt: startedAt ?? clock() };
    });
    return isFirst;
  },
  passed: (table, more) => {
    edit(table, ({ bytes }) => ({ bytes: bytes + more }));
  },
  copied: (table, chunk) => {
    edit(table, ({ rows, bytes, sizeDone }) => ({
      rows: rows + chunk.rows,
      bytes: bytes + chunk.bytes,
      sizeDone: sizeDone + chunk.size,
    }));
  },
  restart: (table) => {
    edit(table, () => ({ rows: 0, bytes: 0, sizeDone: 0 }));
  },
  finish: (table) => {
    const { rows, bytes, startedAt } = edit(table, ({ size }) => ({ done: true, sizeDone: size }));
    return { rows, bytes, durationMs: clock() - (startedAt ?? clock()) };
  },
});

const newTally = (name: QualifiedName, size: number): Tally => ({
  name,
  size,
  startedAt: null,
  rows: 0,
  bytes: 0,
  sizeDone: 0,
  done: false,
});

const nobody: Tally = newTally({ schema: '', name: '' }, 0);

const sum = (tallies: readonly Tally[], key: 'rows' | 'bytes' | 'size' | 'sizeDone'): number =>
  tallies.reduce((total, tally) => total + tally[key], 0);

/** What the phases after the rows take is not known before: they have the last tenth. */
const shareOfRows = 90;

const lookAtAll = (
  tallies: readonly Tally[],
  moment: Pick<CopyLook, 'phase' | 'workers' | 'at'>,
): CopyLook => {
  const size = sum(tallies, 'size');
  const done = tallies.filter((tally) => tally.done).length;
  const moved = tallies.reduce((total, tally) => total + movedOf(tally), 0);
  const tablesPart = tallies.length === 0 ? 1 : done / tallies.length;
  const rowsPart = size === 0 ? tablesPart : moved / size;
  return {
    ...moment,
    percent: Math.min(100, rowsPart * shareOfRows + tablesPart * (100 - shareOfRows)),
    tablesTotal: tallies.length,
    tablesDone: done,
    rowsCopied: sum(tallies, 'rows'),
    bytesCopied: sum(tallies, 'bytes'),
    bytesTotal: size,
    moved,
    tables: tallies.filter(isRunning).map(lookAt),
  };
};

const isRunning = (tally: Tally): boolean =>
  tally.startedAt !== null && tally.sizeDone < tally.size;

/** Of the size on the source. What is on the way counts at most as what is left. */
const movedOf = (tally: Tally): number =>
  Math.min(tally.size, Math.max(tally.sizeDone, Math.min(tally.bytes, 0.99 * tally.size)));

const lookAt = (tally: Tally): TableLook => {
  const moved = movedOf(tally);
  return {
    table: formatName(tally.name),
    syncState: 'd',
    rowsDone: tally.rows,
    bytesDone: tally.bytes,
    bytesTotal: tally.size,
    percent: tally.size === 0 ? 0 : (100 * moved) / tally.size,
    moved,
  };
};
