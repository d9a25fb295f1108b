// Writes rows to the subscriber, in one transaction each time: all that is asked for, or nothing. What is overwritten or
// deleted is told to the audit in the same transaction.

import { sqlState } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import type { TableKinds } from '../../postgres/sql/named-tables.ts';
import type { KeyText } from '../difference/compared-table.ts';
import { isSameVersion } from '../settle/judge-rows.ts';
import type { RowWork } from './plan-rows.ts';
import { nameOfKey, type RowValues, selectWholeRows, type WholeRow } from './read-rows.ts';
import type { RepairedTable } from './repaired-table.ts';
import { deleteRows, insertRows, updateRows } from './write-sql.ts';

/** A row that is overwritten or deleted, whole. */
export interface LosingRow {
  readonly key: KeyText;
  readonly row: RowValues;
  readonly deleted: boolean;
}

export interface WrittenRows {
  readonly inserted: number;
  readonly overwritten: number;
  readonly deleted: number;
}

export interface RowWriter {
  readonly session: Session;
  /** First in each transaction: what triggers do, how long locks are waited for, and the lock of the table. */
  readonly begin: (session: Session) => Promise<TableKinds>;
  /** Last in each transaction. */
  readonly audit: (
    session: Session,
    losing: readonly LosingRow[],
    counts: WrittenRows,
  ) => Promise<void>;
  /** What a batch is written in: all of it, or nothing. Absent: a transaction of the session. */
  readonly within?: <T>(session: Session, body: (session: Session) => Promise<T>) => Promise<T>;
}

export type WriteOutcome = 'written' | 'changed' | 'in the way';

export interface WriteResult {
  /** By the name of the key. */
  readonly outcomes: ReadonlyMap<string, WriteOutcome>;
  readonly counts: WrittenRows;
}

/**
 * The rows in place where that is possible. Where other rows have the values of unique or exclusion constraints, the
 * rows are deleted and inserted, so that they can exchange values; those whose values a row that stays has are left out.
 * @throws pg's error, as where a lock is not to be had: nothing is written then.
 */
export const writeRepairedRows = async (
  table: RepairedTable,
  works: readonly RowWork[],
  writer: RowWriter,
): Promise<WriteResult> => {
  try {
    return await inTransaction(table, works, writer, writeInPlace);
  } catch (error) {
    if (!isCollision(error)) throw error;
    return replaceRows(table, works, writer);
  }
};

/** unique_violation, exclusion_violation. */
export const isCollision = (error: unknown): boolean =>
  ['23505', '23P01'].includes(sqlState(error) ?? '');

type Write = (
  table: RepairedTable,
  works: readonly RowWork[],
  session: Session,
  kinds: TableKinds,
) => Promise<void>;

const inTransaction = (
  table: RepairedTable,
  works: readonly RowWork[],
  writer: RowWriter,
  write: Write,
): Promise<WriteResult> => {
  const { within = inOwnTransaction } = writer;
  return within(writer.session, async (session) => {
    const kinds = await writer.begin(session);
    const end = { ...table.ends.b, kinds };
    const keys = works.map(({ key }) => key);
    const now = await selectWholeRows(session, end, keys, table.kept, 'wait');
    const same = works.filter(({ key, seen }) =>
      isSameVersion(seen, now.get(nameOfKey(key)) ?? []),
    );
    await write(table, same, session, kinds);
    const counts = countsOf(same);
    if (same.length > 0) await writer.audit(session, losingOf(same), counts);
    const done = new Set(same);
    const outcomes = new Map(
      works.map((work) => [nameOfKey(work.key), done.has(work) ? 'written' : 'changed'] as const),
    );
    return { outcomes, counts };
  });
};

const inOwnTransaction: NonNullable<RowWriter['within']> = (session, body) =>
  session.transaction({}, body);

const countsOf = (works: readonly RowWork[]): WrittenRows => ({
  inserted: works.reduce((sum, { inserts }) => sum + inserts.length, 0),
  overwritten: works.reduce((sum, { updates }) => sum + updates.length, 0),
  deleted: works.reduce((sum, { deletes }) => sum + deletes.length, 0),
});

const losingOf = (works: readonly RowWork[]): readonly LosingRow[] =>
  works.flatMap(({ key: { key }, updates, deletes }) => [
    ...updates.map(({ from }) => ({ key, row: from.row, deleted: false })),
    ...deletes.map(({ row }) => ({ key, row, deleted: true })),
  ]);

const writeInPlace: Write = async (table, works, session, kinds) => {
  const updates = works.flatMap((work) => work.updates);
  const fixed = table.stored.filter(({ identityAlways }) => identityAlways);
  const replaced = updates.filter(({ from, to }) =>
    fixed.some(({ name }) => to.row.has(name) && to.row.get(name) !== from.row.get(name)),
  );
  const changed = updates.filter((update) => !replaced.includes(update));
  const gone = [...works.flatMap(({ deletes }) => deletes), ...replaced.map(({ from }) => from)];
  const inserts = works.flatMap((work) => work.inserts).map(({ row }) => row);
  if (gone.length > 0) await session.query(deleteRows(table, kinds, gone));
  if (changed.length > 0) await session.query(updateRows(table, kinds, changed));
  const insert = (columns: readonly string[], rows: readonly RowValues[]) =>
    rows.length === 0
      ? undefined
      : session.query(insertRows(table, columns, rows, { keepOut: false }));
  await insert(table.kept, replaced.map(merged));
  await insert(table.written, inserts);
};

/** The row of the publisher, with what only the subscriber stores of it. */
const merged = ({ from, to }: { readonly from: WholeRow; readonly to: WholeRow }): RowValues =>
  new Map([...from.row, ...to.row]);

/** Rolls a transaction back in which some rows did not find a place. */
class InTheWay extends Error {
  readonly keys: ReadonlySet<string>;

  constructor(keys: ReadonlySet<string>) {
    super('values of unique constraints are in use');
    this.keys = keys;
  }
}

/** Without those that do not find a place: what they hold stays in use, so that others may not find theirs either. */
const replaceRows = async (
  table: RepairedTable,
  works: readonly RowWork[],
  writer: RowWriter,
): Promise<WriteResult> => {
  const outcomes = new Map<string, WriteOutcome>();
  let some = works;
  while (some.length > 0) {
    try {
      const result = await inTransaction(table, some, writer, deleteAndInsert);
      return { counts: result.counts, outcomes: new Map([...outcomes, ...result.outcomes]) };
    } catch (error) {
      const blocked = blockedOf(error, some);
      for (const name of blocked) outcomes.set(name, 'in the way');
      some = some.filter(({ key }) => !blocked.has(nameOfKey(key)));
    }
  }
  return { outcomes, counts: countsOf([]) };
};

/** A deferrable constraint tells nothing of the row. */
const blockedOf = (error: unknown, works: readonly RowWork[]): ReadonlySet<string> => {
  if (error instanceof InTheWay) return error.keys;
  if (isCollision(error)) return new Set(works.map(({ key }) => nameOfKey(key)));
  throw error;
};

const deleteAndInsert: Write = async (table, works, session, kinds) => {
  const gone = works.flatMap(({ deletes, updates }) => [
    ...deletes,
    ...updates.map(({ from }) => from),
  ]);
  if (gone.length > 0) await session.query(deleteRows(table, kinds, gone));
  const blocked = new Set<string>();
  const insert = async (columns: readonly string[], rows: readonly Placed[]): Promise<void> => {
    if (rows.length === 0) return;
    const values = rows.map(({ row }) => row);
    const found = await session.query<{ readonly key: KeyText }>(
      insertRows(table, columns, values, { keepOut: true }),
    );
    const placed = new Set(found.map(({ key }) => JSON.stringify(key)));
    for (const { key, name } of rows) if (!placed.has(JSON.stringify(key))) blocked.add(name);
  };
  await insert(
    table.kept,
    works.flatMap(({ key, updates }) => updates.map((it) => placedAs(key, merged(it)))),
  );
  await insert(
    table.written,
    works.flatMap(({ key, inserts }) => inserts.map(({ row }) => placedAs(key, row))),
  );
  if (blocked.size > 0) throw new InTheWay(blocked);
};

interface Placed {
  readonly key: KeyText;
  readonly name: string;
  readonly row: RowValues;
}

const placedAs = (key: RowWork['key'], row: RowValues): Placed => ({
  key: key.key,
  name: nameOfKey(key),
  row,
});
