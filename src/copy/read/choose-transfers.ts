// Decides how the rows of each table travel: which form, in which chunks, with which company. Pure.

import { SteepError } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import type { NodeName } from '../../model/state/address.ts';
import {
  type Chunk,
  type CopiedTable,
  type Heap,
  isRanged,
  type TargetTable,
  type Transfer,
} from '../fill/copy-table.ts';

export interface TransferChoice {
  readonly node: NodeName;
  readonly published: readonly CopiedTable[];
  readonly targets: readonly (TargetTable | null)[];
  readonly sourceEncoding: string;
  readonly targetEncoding: string;
  /** Bytes of a table that one chunk may have. */
  readonly chunkBytes: number;
  /** Tables (by formatName) that pg_dump is to read. */
  readonly dumped: ReadonlySet<string>;
}

/** @throws SteepError COPY_UNFIT naming every table that does not fit. */
export const chooseTransfers = (choice: TransferChoice): readonly Transfer[] => {
  assertFit(choice, misfitOf);
  const unicode = choice.sourceEncoding === 'UTF8' && choice.targetEncoding === 'UTF8';
  return choice.published.map((table, index) => {
    if (choice.dumped.has(formatName(table.name)) && isDumpable(table, choice)) {
      const chunks = chunksOf(table, Number.POSITIVE_INFINITY);
      return { index, table, format: 'text', dumped: true, encoding: 'UTF8', chunks };
    }
    const binary = unicode && agree(table, choice.targets[index] ?? null);
    return {
      index,
      table,
      format: binary ? 'binary' : 'text',
      dumped: false,
      encoding: unicode ? null : choice.targetEncoding,
      chunks: chunksOf(table, choice.chunkBytes),
    };
  });
};

/** pg_dump chooses no rows, leaves generated columns out, and sends UTF-8, which not every text can be turned into. */
const isDumpable = (
  { columns, filter }: CopiedTable,
  { sourceEncoding, targetEncoding }: TransferChoice,
): boolean =>
  filter === null &&
  columns.length > 0 &&
  columns.every(({ generated }) => !generated) &&
  ![sourceEncoding, targetEncoding].includes('SQL_ASCII');

type Fit = Pick<TransferChoice, 'node' | 'published' | 'targets'>;

/** @throws SteepError COPY_UNFIT naming every table of which `misfit` says what is wrong. */
export const assertFit = (
  { node, published, targets }: Fit,
  misfit: (table: CopiedTable, target: TargetTable | null) => string | null,
): void => {
  const misfits = published.flatMap((table, index) => {
    const found = misfit(table, targets[index] ?? null);
    return found === null ? [] : [`${formatName(table.name)} ${found}`];
  });
  if (misfits.length === 0) return;
  throw new SteepError(
    'COPY_UNFIT',
    `Node ${node}: these tables cannot take the copy: ${misfits.join('; ')}.`,
    { suggestions: ['To see the differences by column: steep schema compare'] },
  );
};

/** Why the target cannot take the rows in any form; null: it can. */
export function misfitOf(table: CopiedTable, target: TargetTable | null): string | null {
  if (target === null) return 'is missing';
  if (target.kind === 'reserved') return 'belongs to PostgreSQL or to steep_repl';
  if (target.kind === 'other') return 'is not a table';
  if (target.unlogged) return 'is unlogged: a crash of the server would empty it';
  const known = new Map(target.columns.map((column) => [column.name, column]));
  const missing = table.columns.filter(({ name }) => !known.has(name));
  if (missing.length > 0) return `does not have ${missing.map(({ name }) => name).join(', ')}`;
  const generated = table.columns.filter(({ name }) => known.get(name)?.generated);
  return generated.length === 0
    ? null
    : `generates ${generated.map(({ name }) => name).join(', ')} itself`;
}

/** Whether every value has the same binary form on both ends. */
export function agree(table: CopiedTable, target: TargetTable | null): boolean {
  const wires = new Map(target?.columns.map(({ name, wire }) => [name, wire]));
  return table.columns.every(({ name, wire }) => wire !== null && wires.get(name) === wire);
}

/** At least one for each heap, so that every table has its place in the copy checkpoints. */
export function chunksOf(table: CopiedTable, chunkBytes: number): readonly Chunk[] {
  const heaps = table.heaps.length === 0 ? [nothing(table)] : table.heaps;
  return heaps
    .flatMap((heap) => rangesOf(heap, chunkBytes))
    .map((chunk, number) => ({ ...chunk, number }));
}

/** A partitioned table without partitions: it has its place in the copy checkpoints all the same. */
const nothing = ({ name }: CopiedTable): Heap => ({
  oid: 0,
  name,
  blocks: 0,
  bytes: 0,
  file: 0,
  ranges: true,
  columns: [],
});

function rangesOf(heap: Heap, chunkBytes: number): readonly Omit<Chunk, 'number'>[] {
  const wanted = heap.ranges ? Math.ceil(heap.bytes / chunkBytes) : 1;
  const count = Math.max(1, Math.min(wanted, heap.blocks));
  const border = (index: number): number => Math.floor((heap.blocks * index) / count);
  return Array.from({ length: count }, (_, index) => ({
    heap,
    fromBlock: border(index),
    toBlock: index === count - 1 ? null : border(index + 1),
    bytes: Math.round(heap.bytes / count),
  }));
}

/** What one worker copies in one transaction of the target. */
export interface Load {
  readonly parts: readonly TransferPart[];
  readonly bytes: number;
}

export interface TransferPart {
  readonly transfer: Transfer;
  readonly chunk: Chunk;
}

const batchBytes = 8 * 1024 * 1024;
const batchTables = 50;

/**
 * Longest first; small tables together, so that they cost few commits, and small loads last.
 */
export const makeLoads = (
  transfers: readonly Transfer[],
  chunkBytes: number,
  isWanted: (part: TransferPart) => boolean = () => true,
): readonly Load[] => {
  const room = Math.min(batchBytes, chunkBytes);
  const parts = transfers
    .flatMap((transfer) => transfer.chunks.map((chunk) => ({ transfer, chunk })))
    .filter(isWanted);
  const sorted = parts.toSorted(
    (a, b) => b.chunk.bytes - a.chunk.bytes || a.transfer.index - b.transfer.index,
  );
  const loads: { parts: TransferPart[]; bytes: number }[] = [];
  for (const part of sorted) {
    const last = loads.at(-1);
    const fits = last && last.parts.length < batchTables && last.bytes + part.chunk.bytes <= room;
    if (fits) {
      last.parts.push(part);
      last.bytes += part.chunk.bytes;
    } else loads.push({ parts: [part], bytes: part.chunk.bytes });
  }
  return loads;
};

/** How urgent a load is: of a table that is read in ranges all of it counts, so that one table after the other ends. */
export const urgencyOf = ({ parts, bytes }: Load): number =>
  Math.max(bytes, ...parts.map(({ transfer }) => (isRanged(transfer) ? transfer.table.bytes : 0)));
