// The rows that differ between both nodes, decided, and put where the node that gets them will write them from.

import { nameOfKey, type RowKey } from '../../compare/repair/read-rows.ts';
import { forgetDecisions } from '../../metadata/merge-state.ts';
import type { MergeSide } from '../../model/state/merge.ts';
import type { Session } from '../../postgres/session.ts';
import { holdSchemas } from '../../postgres/sql/held-names.ts';
import type { Sql } from '../../postgres/sql/sql.ts';
import { type TableDecider, tableDecider } from '../decide-table.ts';
import { type DecidedKey, decideRows, findDifferences } from '../find-differences.ts';
import type { MergeSessions, MergeWork, TableToMerge } from '../merge-work.ts';
import { type MergedTable, otherSide } from '../merged-table.ts';
import { assertStageTypes } from './assert-stage.ts';
import {
  createStage,
  deleteStaged,
  insertStaged,
  type RowStage,
  type StagedRow,
  stageOf,
} from './stage-sql.ts';

export interface StageWork {
  readonly table: MergedTable;
  readonly number: number;
  readonly asked: TableToMerge;
  readonly sessions: MergeSessions;
  readonly work: MergeWork;
  readonly skewMicros: bigint;
  /** The writing sessions hold the tables, in transactions of their own. */
  readonly locked: boolean;
}

const sides = ['a', 'b'] as const;

const deciderOf = ({ table, asked, sessions, work, skewMicros }: StageWork): TableDecider =>
  tableDecider(table, asked, sessions, {
    runId: work.runId,
    byHand: work.byHand,
    skewMicros,
    changed: null,
  });

export const stageFor = ({ table, number }: StageWork, side: MergeSide): RowStage =>
  stageOf(table.onto[side], number);

/** Compares all rows. @param moments snapshots that are held; absent: as it is now. */
export const stageTable = async (
  staging: StageWork,
  moments?: Readonly<Record<MergeSide, string>>,
): Promise<void> => {
  const { table, sessions, work, locked } = staging;
  for (const side of sides) {
    const session = sessions.writing[side];
    const statements = createStage(stageFor(staging, side));
    await within(session, locked, async () => {
      for (const statement of statements) await session.query(statement);
    });
  }
  await forgetBoth(staging, null);
  const { decide, store } = deciderOf(staging);
  await findDifferences(table, {
    readers: sessions.readers,
    rows: sessions.rows,
    guard: work.guard,
    signal: work.signal,
    decide,
    ...(moments !== undefined && { moments }),
    onDecided: async (some) => {
      await store(some);
      await keep(staging, some);
    },
  });
};

const keysAtOnce = 1000;

/** Under the locks: the rows of these keys alone, by the names of the keys. */
export const stageKeys = async (staging: StageWork, names: readonly string[]): Promise<void> => {
  if (names.length === 0) return;
  const { table, sessions, work } = staging;
  for (const side of sides)
    await remove(staging, side, deleteStaged(stageFor(staging, side), names));
  await forgetBoth(staging, names);
  const { decide, store } = deciderOf(staging);
  for (let from = 0; from < names.length; from += keysAtOnce) {
    work.signal.throwIfAborted();
    const some = names.slice(from, from + keysAtOnce).map(keyNamed);
    const decided = await decideRows(table, some, { rows: sessions.rows, decide });
    await store(decided);
    await keep(staging, decided);
  }
};

/** The name of a key is its values. */
const keyNamed = (name: string): RowKey => ({ hash: '', key: JSON.parse(name) as RowKey['key'] });

const remove = ({ sessions }: StageWork, side: MergeSide, statement: Sql): Promise<unknown> =>
  sessions.writing[side].query(statement);

const forgetBoth = async (
  { asked, sessions, work }: StageWork,
  names: readonly string[] | null,
): Promise<void> => {
  for (const session of [sessions.deciding.a, sessions.deciding.b]) {
    await session.transaction({}, () => forgetDecisions(session, work.runId, asked.table, names));
  }
};

/** Each row on the node that gets it. */
const keep = async (staging: StageWork, some: readonly DecidedKey[]): Promise<void> => {
  const { table, sessions, locked } = staging;
  for (const side of sides) {
    const own = some.filter(({ winner }) => winner !== side);
    if (own.length === 0) continue;
    const session = sessions.writing[side];
    const stage = stageFor(staging, side);
    const statement = insertStaged(
      stage,
      own.map((it) => stagedRow(table, side, it)),
    );
    await within(session, locked, async () => {
      // Values are stored: what that runs is looked at in the same transaction.
      if (!locked) {
        await holdSchemas(session, [table.compared.table], true);
        await table.onto[side].hold(session);
      }
      await assertStageTypes(session, stage);
      await session.query(statement);
    });
  }
};

const within = (session: Session, locked: boolean, body: () => Promise<void>): Promise<void> =>
  locked ? body() : session.transaction({}, body);

const stagedRow = (
  { onto }: MergedTable,
  side: MergeSide,
  { key, winner, rule, rivals, hashes }: DecidedKey,
): StagedRow => {
  const [row, hash, losing] = [rivals[winner], hashes[winner], rivals[otherSide(winner)]];
  if (row === undefined || hash === null) throw new Error('a row that wins is not there');
  const names = onto[side].ends.b.key.map(({ column }) => column);
  return {
    row,
    hash,
    seen: hashes[side],
    name: nameOfKey(key),
    key: JSON.stringify(Object.fromEntries(names.map((name, at) => [name, key.key[at] ?? null]))),
    losing: losing === undefined ? null : JSON.stringify(Object.fromEntries(losing)),
    rule,
  };
};
