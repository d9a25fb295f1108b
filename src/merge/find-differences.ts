// The keys of a table that are not the same on both nodes, each with the decision whose row is kept.

import { compareTable, type Readers } from '../compare/difference/compare-table.ts';
import type { Suspicion } from '../compare/difference/compared-table.ts';
import { nameOfKey, type RowValues, readWholeRows } from '../compare/repair/read-rows.ts';
import type { GuardEnd } from '../compare/repair/repaired-table.ts';
import type { MergeSide } from '../model/state/merge.ts';
import type { Decision } from './decide.ts';
import type { Rivals } from './hand-decisions.ts';
import type { BothNodes, MergedTable } from './merged-table.ts';

export interface DecidedKey extends Decision {
  readonly key: Pick<Suspicion, 'hash' | 'key'>;
  /** Whose row is overwritten or deleted; null: the other node has no row, or nothing is decided. */
  readonly loser: MergeSide | null;
  readonly rivals: Rivals;
}

export interface DifferenceWork {
  readonly readers: Readonly<Record<MergeSide, Readers>>;
  /** Others, which read rows while the readers still find keys. */
  readonly rows: BothNodes;
  readonly guard: GuardEnd;
  readonly decide: (rivals: Rivals, name: string, key: Suspicion['key']) => Decision;
  readonly onDecided: (some: readonly DecidedKey[]) => Promise<void>;
  readonly signal: AbortSignal;
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
  { compared, onto }: MergedTable,
  { readers, rows, guard, decide, onDecided, signal }: DifferenceWork,
): Promise<Differences> => {
  const columns = compared.columns;
  const { key, counted, ...counts } = await compareTable(compared, {
    a: readers.a,
    b: readers.b,
    guard,
    between: async () => undefined,
    fast: false,
    onRead: async () => undefined,
    signal,
    onSuspicions: async (some) => {
      const [ofA, ofB] = await Promise.all([
        readWholeRows(rows.a, onto.b.ends.a, some, columns, onto.b.hold),
        readWholeRows(rows.b, onto.b.ends.b, some, columns, onto.b.hold),
      ]);
      const decided = some.flatMap((suspicion): readonly DecidedKey[] => {
        const name = nameOfKey(suspicion);
        const a: RowValues | undefined = ofA.get(name)?.[0]?.row;
        const b: RowValues | undefined = ofB.get(name)?.[0]?.row;
        // Between the two readings the rows became the same, or went.
        if (a === undefined && b === undefined) return [];
        const { hash, key: text } = suspicion;
        const decision = decide({ a, b }, name, text);
        const { winner, fault } = decision;
        const lost = winner === 'a' ? b : a;
        const isLost = lost !== undefined && fault === undefined;
        const loser = isLost ? (winner === 'a' ? 'b' : 'a') : null;
        return [{ key: { hash, key: text }, ...decision, loser, rivals: { a, b } }];
      });
      await onDecided(decided);
    },
  });
  return counts;
};
