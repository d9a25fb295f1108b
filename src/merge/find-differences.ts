// The keys of a table that are not the same on both nodes, each with the decision whose row is kept.

import { compareTable, type Readers } from '../compare/difference/compare-table.ts';
import type { Suspicion } from '../compare/difference/compared-table.ts';
import {
  nameOfKey,
  type RowKey,
  readWholeRows,
  type WholeRow,
} from '../compare/repair/read-rows.ts';
import type { GuardEnd } from '../compare/repair/repaired-table.ts';
import type { MergeSide } from '../model/state/merge.ts';
import type { Decision } from './decide.ts';
import type { Rivals } from './hand-decisions.ts';
import { type BothNodes, type MergedTable, otherSide } from './merged-table.ts';

export interface DecidedKey extends Decision {
  readonly key: Pick<Suspicion, 'hash' | 'key'>;
  /** Whose row is overwritten or deleted; null: the other node has no row, or nothing is decided. */
  readonly loser: MergeSide | null;
  readonly rivals: Rivals;
  /** Hashes of both rows; null: the node has none. */
  readonly hashes: Readonly<Record<MergeSide, string | null>>;
}

export interface DecidingWork {
  /** Others than the readers, which still find keys meanwhile. */
  readonly rows: BothNodes;
  readonly decide: (rivals: Rivals, name: string, key: Suspicion['key']) => Decision;
}

export interface DifferenceWork extends DecidingWork {
  readonly readers: Readonly<Record<MergeSide, Readers>>;
  readonly guard: GuardEnd;
  readonly onDecided: (some: readonly DecidedKey[]) => Promise<void>;
  readonly signal: AbortSignal;
  /** Snapshots that other sessions hold. Absent: as it is now. */
  readonly moments?: Readonly<Record<MergeSide, string>>;
}

export interface Differences {
  readonly rowsA: number;
  readonly rowsB: number;
  readonly equal: number;
  readonly different: number;
  readonly onlyA: number;
  readonly onlyB: number;
}

/** Complete, each node at one snapshot. @throws SteepError COMPARE_COLUMNS, TABLE_REPLACED; pg's errors. */
export const findDifferences = async (
  table: MergedTable,
  { readers, guard, onDecided, signal, moments, ...work }: DifferenceWork,
): Promise<Differences> => {
  const { key, counted, ...counts } = await compareTable(table.compared, {
    a: readers.a,
    b: readers.b,
    ...(moments !== undefined && { moments }),
    guard,
    between: async () => undefined,
    fast: false,
    onRead: async () => undefined,
    signal,
    onSuspicions: async (some) => onDecided(await decideRows(table, some, work)),
  });
  return counts;
};

/** The rows of these keys as they are now on both nodes, with what is decided. Those that are the same are left out. */
export const decideRows = async (
  { compared: { columns }, onto }: MergedTable,
  some: readonly RowKey[],
  { rows, decide }: DecidingWork,
): Promise<readonly DecidedKey[]> => {
  const [ofA, ofB] = await Promise.all([
    readWholeRows(rows.a, onto.b.ends.a, some, columns, onto.b.hold),
    readWholeRows(rows.b, onto.b.ends.b, some, columns, onto.b.hold),
  ]);
  return some.flatMap((suspicion): readonly DecidedKey[] => {
    const name = nameOfKey(suspicion);
    return decidedKey(suspicion, name, { a: ofA.get(name)?.[0], b: ofB.get(name)?.[0] }, decide);
  });
};

type Readings = { readonly [S in MergeSide]: WholeRow | undefined };

const decidedKey = (
  { hash, key }: RowKey,
  name: string,
  { a, b }: Readings,
  decide: DecidingWork['decide'],
): readonly DecidedKey[] => {
  const hashes = { a: hashOf(a), b: hashOf(b) };
  if (hashes.a === hashes.b) return [];
  const rivals: Rivals = { a: a?.row, b: b?.row };
  const decision = decide(rivals, name, key);
  const own = { hash: (a ?? b)?.k ?? hash, key };
  return [{ key: own, ...decision, loser: loserOf(decision, rivals), rivals, hashes }];
};

const hashOf = (row: WholeRow | undefined): string | null => row?.hash ?? null;

const loserOf = ({ winner, fault }: Decision, rivals: Rivals): MergeSide | null => {
  const other = otherSide(winner);
  return rivals[other] !== undefined && fault === undefined ? other : null;
};
