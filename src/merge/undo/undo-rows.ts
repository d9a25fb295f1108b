// Rows that lost a merge are written back, some at a time: on both nodes, in one transaction each, while both rows are
// locked. The node whose rows won commits first; a run that ends between the commits is finished by the next one, which
// finds the row that lost on the one node, and the row of the merge on the other.

import type { RowWork } from '../../compare/repair/plan-rows.ts';
import {
  nameOfKey,
  type RepairKey,
  type RowValues,
  readWholeRows,
  selectWholeRows,
  type WholeRow,
  type WholeRows,
} from '../../compare/repair/read-rows.ts';
import {
  type LosingRow,
  type RowWriter,
  writeRepairedRows,
} from '../../compare/repair/write-rows.ts';
import { isSameVersion } from '../../compare/settle/judge-rows.ts';
import type { Fence } from '../../compare/settle/settle.ts';
import { noteMerged } from '../../metadata/merge-audit.ts';
import type { MergeSide } from '../../model/state/merge.ts';
import { isLockFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import type { TableKinds } from '../../postgres/sql/named-tables.ts';
import { type MergedTable, otherSide } from '../merged-table.ts';
import { inSavepoint } from '../write-decisions.ts';
import { judgeUndo, type LostRow, withLost } from './judge-undo.ts';

export interface UndoKey extends RepairKey {
  readonly lost: LostRow;
}

export interface UndoEnd {
  /** In which alone rows are written, tagged with an origin. */
  readonly session: Session;
  /** First in each transaction, with the table locked. */
  readonly begin: (table: MergedTable) => Promise<TableKinds>;
}

export interface UndoWork {
  readonly runId: string;
  /** On record of each row that is overwritten. */
  readonly rule: string;
  readonly ends: Readonly<Record<MergeSide, UndoEnd>>;
  /** Which node lost the rows. */
  readonly loser: MergeSide;
  /** From the node that won to the one that lost. */
  readonly fence: Fence;
  /** Of the clock of the fence. */
  readonly deadline: number;
}

/** later: another attempt may do it. */
export type UndoOutcome =
  | 'restored'
  | 'as before'
  | 'changed'
  | 'in the way'
  | 'not shown'
  | 'later';

export interface UndoneKey {
  readonly key: UndoKey;
  readonly outcome: UndoOutcome;
  /** Of later. */
  readonly why: string | null;
}

const locked = 'another session has locked the row or the table';

/** @param most how many may be written back. @throws pg's error where rows cannot be written. */
export const undoRows = async (
  keys: readonly UndoKey[],
  table: MergedTable,
  work: UndoWork,
  most: number,
): Promise<readonly UndoneKey[]> => {
  try {
    return await undoOnce(keys, table, work, most);
  } catch (error) {
    if (error instanceof InTheWay) {
      const { names } = error;
      const others = keys.filter((key) => !names.has(nameOfKey(key)));
      const blocked = keys.filter((key) => names.has(nameOfKey(key)));
      return [...all(blocked, 'in the way'), ...(await undoRows(others, table, work, most))];
    }
    if (!isLockFailure(error)) throw error;
    return all(keys, 'later', locked);
  }
};

const all = (
  keys: readonly UndoKey[],
  outcome: UndoOutcome,
  why: string | null = null,
): readonly UndoneKey[] => keys.map((key) => ({ key, outcome, why }));

/** Rolls back what was written on the first of both nodes. */
class InTheWay extends Error {
  readonly names: ReadonlySet<string>;

  constructor(names: ReadonlySet<string>) {
    super('values of unique constraints are in use');
    this.names = names;
  }
}

const undoOnce = async (
  keys: readonly UndoKey[],
  table: MergedTable,
  work: UndoWork,
  most: number,
): Promise<readonly UndoneKey[]> => {
  if (keys.length === 0) return [];
  const { ends, loser, fence, deadline } = work;
  const winner = otherSide(loser);
  const { ends: both, kept, hold } = table.onto[winner];
  const before = await readWholeRows(ends[winner].session, both.b, keys, kept, hold);
  // What was written to the winning row, even if it was taken back since, has arrived by then; and the other way.
  const late = (await fence.replayed(deadline)) ?? (await fence.visible(deadline));
  if (late !== null) return all(keys, 'later', late);
  return ends[loser].session.transaction({}, () =>
    ends[winner].session.transaction({}, () => writeLocked(keys, table, work, most, before)),
  );
};

interface Judged extends UndoneKey {
  readonly rows: Readonly<Record<MergeSide, WholeRow | undefined>>;
}

const writeLocked = async (
  keys: readonly UndoKey[],
  table: MergedTable,
  work: UndoWork,
  most: number,
  before: WholeRows,
): Promise<readonly UndoneKey[]> => {
  const winner = otherSide(work.loser);
  const kinds = { a: await work.ends.a.begin(table), b: await work.ends.b.begin(table) };
  const lock = (side: MergeSide): Promise<WholeRows> => {
    const { ends, kept } = table.onto[side];
    const end = { ...ends.b, kinds: kinds[side] };
    return selectWholeRows(work.ends[side].session, end, keys, kept, 'wait');
  };
  const now = { a: await lock('a'), b: await lock('b') };
  let restored = 0;
  const judged = keys.map((key): Judged => {
    const name = nameOfKey(key);
    const rows = { a: now.a.get(name)?.[0], b: now.b.get(name)?.[0] };
    const of = { key, rows, why: null };
    const verdict = judgeUndo(key.lost, rows[work.loser], rows[winner]);
    if (verdict !== 'restore') return { ...of, outcome: outcomes[verdict] };
    // Written just now, even if it is the same again: that may be on its way.
    if (!isSameVersion(before.get(name) ?? [], now[winner].get(name) ?? [])) {
      return { ...of, outcome: 'changed' };
    }
    restored += 1;
    return { ...of, outcome: restored > most ? 'not shown' : 'restored' };
  });
  const chosen = judged.filter(({ outcome }) => outcome === 'restored');
  const blocked = await write(winner, chosen, table, kinds[winner], work);
  const both = chosen.filter(({ key }) => !blocked.has(nameOfKey(key)));
  const refused = await write(work.loser, both, table, kinds[work.loser], work);
  if (refused.size > 0) throw new InTheWay(refused);
  return judged.map(({ key, outcome, why }) =>
    blocked.has(nameOfKey(key)) ? { key, outcome: 'in the way', why } : { key, outcome, why },
  );
};

const outcomes = { restored: 'as before', changed: 'changed' } as const;

/** Returns the keys whose rows other rows do not let in. */
const write = async (
  side: MergeSide,
  judged: readonly Judged[],
  table: MergedTable,
  kinds: TableKinds,
  work: UndoWork,
): Promise<ReadonlySet<string>> => {
  const works = judged.flatMap(({ key, rows }) => workOf(key, rows[side]));
  if (works.length === 0) return new Set();
  const result = await writeRepairedRows(
    table.onto[side],
    works,
    writerOf(side, table, kinds, work),
  );
  return new Set([...result.outcomes].flatMap(([name, it]) => (it === 'written' ? [] : [name])));
};

const nothing = { inserts: [], updates: [], deletes: [], beyond: false } as const;

/** None: the row is back on this node, and not yet on the other. */
const workOf = (key: UndoKey, row: WholeRow | undefined): readonly RowWork[] => {
  if (row === undefined) {
    const { values } = key.lost;
    const insert = { k: key.hash, key: key.key, hash: '', version: '', values: [], row: values };
    return [{ ...nothing, key, seen: [], inserts: [insert] }];
  }
  const to = withLost(row, key.lost);
  const isBack = [...to.row].every(([name, value]) => row.row.get(name) === value);
  return isBack ? [] : [{ ...nothing, key, seen: [row], updates: [{ from: row, to }] }];
};

const writerOf = (
  side: MergeSide,
  { compared, onto }: MergedTable,
  kinds: TableKinds,
  { ends, runId, rule, loser }: UndoWork,
): RowWriter => ({
  session: ends[side].session,
  begin: async () => kinds,
  within: inSavepoint,
  audit: (session, losing, counts) => {
    const names = onto[side].ends.b.key.map(({ column }) => column);
    const where = { table: compared.table, winner: ends[loser].session.node };
    const entries = losing.map(({ key, row }: LosingRow) => ({
      key: Object.fromEntries(names.map((name, at) => [name, key[at] ?? null])),
      losing: valuesOf(row),
      rule,
    }));
    return noteMerged(session, runId, where, entries, counts);
  },
});

const valuesOf = (row: RowValues): Readonly<Record<string, string | null>> =>
  Object.fromEntries(row);
