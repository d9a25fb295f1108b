// What a merge does before it locks anything: it compares both nodes at snapshots, decides what differs, and stages the
// rows. Under the locks only what was changed after the snapshots is looked at again.

import type { MayDangle } from '../../catalog/repair/read-dangling.ts';
import type { WrittenRows } from '../../compare/repair/write-rows.ts';
import { beginMergeRun } from '../../metadata/merge-state.ts';
import { formatName } from '../../model/identifier.ts';
import { plural } from '../../model/listing.ts';
import type { MergeSide } from '../../model/state/merge.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { Changes, readChangeSources } from '../changes.ts';
import { readClockSkew } from '../clock-skew.ts';
import type { Losers } from '../decide-table.ts';
import { inBoth } from '../in-both.ts';
import { type MergeSessions, type MergeWork, stateOf } from '../merge-work.ts';
import { assertModified, type MergedTable, otherSide, readMergedTable } from '../merged-table.ts';
import { analyzeStage, countStaged } from './stage-sql.ts';
import { type StageWork, stageFor, stageKeys, stageTable } from './stage-table.ts';
import { stagedMayDangle } from './staged-references.ts';
import { readTableStates, type TableStates } from './table-state.ts';
import { openTails, type Tails } from './tails.ts';
import { type StagedCounts, type StagedWork, writeStaged } from './write-staged.ts';

const sides = ['a', 'b'] as const;

type BySide<T> = Readonly<Record<MergeSide, T>>;

export interface Staging {
  /** Reads what was changed so far, so that less is left for settle(). */
  catchUp(): Promise<void>;
  /** In the transactions that hold the tables: brings one of them up to date. Returns how many rows of each node lose. */
  settle(table: MergedTable, number: number): Promise<Losers>;
  /** Of one node, once its rows are written. */
  mayDangle(side: MergeSide, tables: readonly MergedTable[]): MayDangle;
  /** Before the first settle() of these transactions. */
  readAgain(): Promise<void>;
  /** Null: these rows cannot be written all at once. */
  write(
    side: MergeSide,
    table: MergedTable,
    number: number,
    work: Omit<StagedWork, 'rows'>,
  ): Promise<WrittenRows | null>;
}

/** Null: a role may not create temporary tables. @throws as findDifferences does. */
export const stageMerge = async (
  sessions: MergeSessions,
  work: MergeWork,
): Promise<Staging | null> => {
  for (const side of sides) {
    if (await mayStage(sessions.rows[side])) continue;
    work.progress(
      `the role may not create temporary tables on node ${work.ends[side].node}: all rows are compared under the locks`,
    );
    return null;
  }
  const before = await readStates(sessions, work);
  const tails = await openTails(sessions, work);
  const skewMicros = await readClockSkew(sessions.rows);
  await beginRuns(sessions, work);
  const common = { sessions, work, skewMicros };
  try {
    const changes = tails === null ? null : await compareAt(tails, common);
    return new StagedMerge(changes, before, common);
  } catch (error) {
    // All of it is done again: these slots would be in the way.
    if (tails !== null) await Promise.allSettled([tails.a.close(), tails.b.close()]);
    throw error;
  }
};

type Common = Pick<StageWork, 'sessions' | 'work' | 'skewMicros'>;

const mayStage = async (session: Session): Promise<boolean> => {
  const [row] = await session.query<{ readonly may: boolean }>(sql`
    SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMPORARY') AS may`);
  return row?.may === true;
};

const readStates = async (
  { rows }: MergeSessions,
  { ends, tables }: MergeWork,
): Promise<BySide<TableStates>> => {
  const names = tables.map(({ table }) => table);
  const of = (side: MergeSide): Promise<TableStates> =>
    readTableStates(rows[side], names, ends[otherSide(side)].publication);
  return { a: await of('a'), b: await of('b') };
};

const beginRuns = async (
  { deciding }: MergeSessions,
  { runId, ends, tables }: MergeWork,
): Promise<void> => {
  const names = tables.map(({ table }) => table);
  for (const side of sides) {
    await deciding[side].transaction({}, () =>
      beginMergeRun(deciding[side], runId, stateOf(ends, side), names),
    );
  }
};

/** What is read of a node after its snapshot. */
interface NodeChanges {
  readonly changes: Changes;
  readonly read: () => Promise<void>;
  /** Some of its changes cannot be counted to a table. */
  lost: boolean;
}

const compareAt = async (tails: Tails, common: Common): Promise<BySide<NodeChanges>> => {
  const { sessions, work } = common;
  const tables: MergedTable[] = [];
  for (const [number, asked] of work.tables.entries()) {
    work.progress(`comparing ${formatName(asked.table)}, without a lock`);
    const table = await readMergedTable(asked.table, sessions.rows, work.guard);
    assertModified(table.compared, asked.rule);
    const moments = { a: tails.a.moment, b: tails.b.moment };
    const staging: StageWork = { ...common, table, number, asked, locked: false };
    await stageTable(staging, moments);
    for (const side of sides) {
      await sessions.writing[side].query(analyzeStage(stageFor(staging, side)));
    }
    tables.push(table);
  }
  for (const side of sides) await tails[side].release();
  return {
    a: await changesOf('a', tails, tables, sessions),
    b: await changesOf('b', tails, tables, sessions),
  };
};

const changesOf = async (
  side: MergeSide,
  tails: Tails,
  tables: readonly MergedTable[],
  { rows }: MergeSessions,
): Promise<NodeChanges> => {
  const sources = await readChangeSources(
    rows[side],
    tables.map((table) => table.onto[side]),
  );
  const changes = new Changes(sources, (_relation, table) => {
    if (table === null) found.lost = true;
    else changes.keys.set(table, 'all');
  });
  const found: NodeChanges = {
    changes,
    lost: false,
    read: async () => {
      if (!(await tails[side].read(changes, rows[side]))) found.lost = true;
    },
  };
  return found;
};

class StagedMerge implements Staging {
  readonly #changes: BySide<NodeChanges> | null;
  readonly #before: BySide<TableStates>;
  readonly #common: Common;
  #now: BySide<TableStates>;

  /** @param changes null: no table is compared yet. */
  constructor(changes: BySide<NodeChanges> | null, before: BySide<TableStates>, common: Common) {
    this.#changes = changes;
    this.#before = before;
    this.#common = common;
    this.#now = before;
  }

  async catchUp(): Promise<void> {
    const changes = this.#changes;
    if (changes !== null) await Promise.all([changes.a.read(), changes.b.read()]);
  }

  async readAgain(): Promise<void> {
    await this.catchUp();
    this.#now = await readStates(this.#common.sessions, this.#common.work);
  }

  async settle(table: MergedTable, number: number): Promise<Losers> {
    const staged = this.#stage(table, number);
    const { progress } = this.#common.work;
    const name = formatName(staged.asked.table);
    const names =
      this.#changes === null ? 'all' : changedSince(name, this.#changes, this.#before, this.#now);
    if (names === 'all') {
      progress(`comparing ${name} under the locks`);
      await stageTable(staged);
    } else {
      progress(`looking at ${plural(names.length, 'changed key')} of ${name} under the locks`);
      await stageKeys(staged, names);
    }
    const { a, b } = await inBoth((side) => this.#counts(side, staged));
    return { a: a.losing, b: b.losing };
  }

  async write(
    side: MergeSide,
    table: MergedTable,
    number: number,
    work: Omit<StagedWork, 'rows'>,
  ): Promise<WrittenRows | null> {
    const staged = this.#stage(table, number);
    const rows = await this.#counts(side, staged);
    return writeStaged(stageFor(staged, side), { ...work, rows });
  }

  mayDangle(side: MergeSide, tables: readonly MergedTable[]): MayDangle {
    const stages = tables.map(
      (table, number) =>
        [formatName(table.compared.table), stageFor(this.#stage(table, number), side)] as const,
    );
    return stagedMayDangle(new Map(stages));
  }

  #stage(table: MergedTable, number: number): StageWork {
    const asked = this.#common.work.tables[number];
    if (asked === undefined) throw new Error('a table to merge is missing');
    return { ...this.#common, table, number, asked, locked: true };
  }

  async #counts(side: MergeSide, staged: StageWork): Promise<StagedCounts> {
    const statement = countStaged(stageFor(staged, side));
    const [row] = await staged.sessions.writing[side].query<StagedCounts>(statement);
    return row ?? { rows: 0, losing: 0 };
  }
}

/** Names of keys; all: it cannot be said. */
const changedSince = (
  table: string,
  changes: BySide<NodeChanges>,
  before: BySide<TableStates>,
  now: BySide<TableStates>,
): readonly string[] | 'all' => {
  const names = new Set<string>();
  for (const side of sides) {
    const { lost, changes: found } = changes[side];
    const state = before[side].get(table);
    const keys = found.keys.get(table) ?? [];
    if (lost || keys === 'all' || state === undefined || state !== now[side].get(table))
      return 'all';
    for (const key of keys) names.add(key);
  }
  return [...names];
};
