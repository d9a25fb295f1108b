// Brings the rows of some keys in line. Rows of the publisher are locked while they are written, in a version that the
// subscriber has applied; a row that only the subscriber has is deleted in the one version that two fences saw.

import { isLockFailure, sqlState } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { isSameVersion } from '../settle/judge-rows.ts';
import type { Fence } from '../settle/settle.ts';
import { isNothing, planRows, type RowWork } from './plan-rows.ts';
import {
  nameOfKey,
  type RepairKey,
  readWholeRows,
  selectWholeRows,
  type WholeRows,
} from './read-rows.ts';
import type { RepairedTable } from './repaired-table.ts';
import { type RowWriter, type WrittenRows, writeRepairedRows } from './write-rows.ts';

export interface RepairWork {
  readonly a: Session;
  /** Of the subscriber, for reading; rows are written in the session of the writer. */
  readonly b: Session;
  readonly writer: RowWriter;
  readonly fence: Fence;
  /** Of the clock of the fence. */
  readonly deadline: number;
}

/**
 * in the way: a row that stays has a value of a unique or exclusion constraint. later: another attempt may do it. not shown:
 * it differs otherwise than was agreed to.
 */
export type KeyOutcome = 'written' | 'equal' | 'in the way' | 'later' | 'not shown';

export interface RepairedKey {
  readonly key: RepairKey;
  readonly outcome: KeyOutcome;
  /** Why it is for later, or was not shown. */
  readonly why: string | null;
}

export interface RepairedBatch {
  readonly keys: readonly RepairedKey[];
  readonly counts: WrittenRows;
}

export const nothingWritten: WrittenRows = { inserted: 0, overwritten: 0, deleted: 0 };

export const addCounts = (one: WrittenRows, other: WrittenRows): WrittenRows => ({
  inserted: one.inserted + other.inserted,
  overwritten: one.overwritten + other.overwritten,
  deleted: one.deleted + other.deleted,
});

const beyond = 'its rows differ otherwise, or in more rows, than was shown';
const changing = 'the row is changed all the time';
const locked = 'another session has locked the row or the table';

/** @throws SteepError TABLE_REPLACED, RUNS_FOREIGN_CODE; pg's error where rows cannot be written. */
export const repairBatch = async (
  keys: readonly RepairKey[],
  table: RepairedTable,
  work: RepairWork,
): Promise<RepairedBatch> => {
  try {
    return await repairOnce(keys, table, work);
  } catch (error) {
    const why = passingReason(error);
    if (why === null) throw error;
    return allLater(keys, why);
  }
};

/** Null: another attempt would bring nothing. */
const passingReason = (error: unknown): string | null => {
  if (isLockFailure(error)) return locked;
  // foreign_key_violation: a row that it needs, or that needs it, may be written later.
  return sqlState(error) === '23503' ? 'a foreign key does not allow it' : null;
};

const allLater = (keys: readonly RepairKey[], why: string): RepairedBatch => ({
  keys: keys.map((key) => ({ key, outcome: 'later', why })),
  counts: nothingWritten,
});

const repairOnce = async (
  keys: readonly RepairKey[],
  table: RepairedTable,
  work: RepairWork,
): Promise<RepairedBatch> => {
  const { a, b, fence, deadline } = work;
  const { ends, written, kept, hold } = table;
  const rowsA = await readWholeRows(a, ends.a, keys, written, hold);
  const late = await fence.replayed(deadline);
  if (late !== null) return allLater(keys, late);
  const rowsB = await readWholeRows(b, ends.b, keys, kept, hold);
  const works = keys.map((key) => workOf(key, rowsA, rowsB, table));
  const [nothing, some] = [works.filter(isNothing), works.filter((it) => !isNothing(it))];
  const equal = nothing.map(leftAsItIs);
  if (some.length === 0) return { keys: equal, counts: nothingWritten };
  const invisible = await fence.visible(deadline);
  const batch =
    invisible === null
      ? await write(some, rowsA, table, work)
      : allLater(
          some.map(({ key }) => key),
          invisible,
        );
  return { keys: [...equal, ...batch.keys], counts: batch.counts };
};

const workOf = (
  key: RepairKey,
  rowsA: WholeRows,
  rowsB: WholeRows,
  { ends }: RepairedTable,
): RowWork => {
  const name = nameOfKey(key);
  return planRows(key, rowsA.get(name) ?? [], rowsB.get(name) ?? [], ends.a.key.length > 0);
};

const leftAsItIs = ({ key, beyond: isBeyond }: RowWork): RepairedKey =>
  isBeyond ? { key, outcome: 'not shown', why: beyond } : { key, outcome: 'equal', why: null };

const write = async (
  works: readonly RowWork[],
  rowsA: WholeRows,
  table: RepairedTable,
  work: RepairWork,
): Promise<RepairedBatch> => {
  const isThere = ({ key }: RowWork): boolean => rowsA.has(nameOfKey(key));
  const present = works.filter(isThere);
  const absent = works.filter((it) => !isThere(it));
  const one = present.length === 0 ? noBatch : await bring(present, rowsA, table, work);
  const other = absent.length === 0 ? noBatch : await remove(absent, table, work);
  return { keys: [...one.keys, ...other.keys], counts: addCounts(one.counts, other.counts) };
};

const noBatch: RepairedBatch = { keys: [], counts: nothingWritten };

/** Rows that the publisher has: locked there, so that they stay as they are until the subscriber has them. */
const bring = (
  works: readonly RowWork[],
  rowsA: WholeRows,
  table: RepairedTable,
  { a, writer }: RepairWork,
): Promise<RepairedBatch> =>
  a.transaction({}, async () => {
    const kinds = await table.hold(a);
    const end = { ...table.ends.a, kinds };
    const keys = works.map(({ key }) => key);
    const now = await selectWholeRows(a, end, keys, table.written, 'skip');
    return writeSame(works, rowsA, now, table, writer);
  });

/** Rows that the publisher does not have: absent before and after the subscriber was read, with a fence after each. */
const remove = async (
  works: readonly RowWork[],
  table: RepairedTable,
  { a, fence, deadline, writer }: RepairWork,
): Promise<RepairedBatch> => {
  const keys = works.map(({ key }) => key);
  const now = await readWholeRows(a, table.ends.a, keys, table.written, table.hold);
  const late = await fence.replayed(deadline);
  if (late !== null) return allLater(keys, late);
  return writeSame(works, new Map(), now, table, writer);
};

const writeSame = async (
  works: readonly RowWork[],
  before: WholeRows,
  now: WholeRows,
  table: RepairedTable,
  writer: RowWriter,
): Promise<RepairedBatch> => {
  const rows = (all: WholeRows, { key }: RowWork) => all.get(nameOfKey(key)) ?? [];
  const same = works.filter((it) => isSameVersion(rows(before, it), rows(now, it)));
  const result = same.length === 0 ? null : await writeRepairedRows(table, same, writer);
  return {
    counts: result?.counts ?? nothingWritten,
    keys: works.map(({ key }): RepairedKey => {
      const outcome = result?.outcomes.get(nameOfKey(key)) ?? 'changed';
      return outcome === 'changed'
        ? { key, outcome: 'later', why: changing }
        : { key, outcome, why: null };
    }),
  };
};
