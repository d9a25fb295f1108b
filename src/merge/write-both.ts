// The part of a merge that is one transaction on each node: locks, decisions, rows, proof. The first node commits first;
// a merge that ends between the two commits is finished by the next run.

import { countAll } from '../catalog/repair/read-dangling.ts';
import type { WrittenRows } from '../compare/repair/write-rows.ts';
import { noteMergeWritten, type WrittenMerge } from '../metadata/merge-state.ts';
import { formatName } from '../model/identifier.ts';
import { plural } from '../model/listing.ts';
import type { MergeSide } from '../model/state/merge.ts';
import type { TableKinds } from '../postgres/sql/named-tables.ts';
import { assertReferences } from './assert-references.ts';
import { readChangedKeys } from './changed-keys.ts';
import type { ChangedKeys } from './changes.ts';
import { readClockSkew } from './clock-skew.ts';
import { withDeadline } from './deadline.ts';
import { type Deciding, decideTable, limitOf } from './decide-table.ts';
import { inBoth } from './in-both.ts';
import { lockBoth, noteLocked, positionOf } from './lock-both.ts';
import type { MergeSessions, MergeWork, TableToMerge } from './merge-work.ts';
import { assertModified, type MergedTable, otherSide, readMergedTable } from './merged-table.ts';
import { separateSequences } from './sequences.ts';
import type { Staging } from './stage/staging.ts';
import { writeDecisions } from './write-decisions.ts';

const sides = ['a', 'b'] as const;

/**
 * @param finished what an interrupted merge has committed on the first node; null: nothing.
 * @param staging what is decided already; null: nothing is.
 */
export const writeBoth = async (
  finished: WrittenMerge | null,
  staging: Staging | null,
  sessions: MergeSessions,
  work: MergeWork,
): Promise<void> => {
  const { writing } = sessions;
  await staging?.catchUp();
  await withDeadline(work, sessions.all, (checkTime) =>
    writing.b.transaction({}, () =>
      writing.a.transaction({}, async () => {
        await writeLocked(finished, finished === null ? staging : null, sessions, work);
        checkTime();
      }),
    ),
  );
};

const writeLocked = async (
  finished: WrittenMerge | null,
  staging: Staging | null,
  sessions: MergeSessions,
  work: MergeWork,
): Promise<void> => {
  const { writing } = sessions;
  const names = work.tables.map(({ table }) => table);
  work.progress('waiting for the locks of both nodes');
  const kinds = await lockBoth(writing, work);
  const positions = await inBoth((side) => positionOf(writing[side]));
  const tables = await readTables(sessions, work);
  await noteLocked(staging !== null, sessions, work);
  if (staging === null) await decideAll(tables, finished, sessions, work);
  else await settleAll(tables, staging, work);
  const merged = {
    tables,
    kinds,
    deletes: finished !== null,
    staging: finished === null ? staging : null,
  };
  await inBoth((side) => writeSide(side, merged, sessions, work));
  await assertReferences(sessions, work, names, {
    a: merged.staging?.mayDangle('a', tables) ?? countAll,
    b: merged.staging?.mayDangle('b', tables) ?? countAll,
  });
  const left = await separateSequences(writing, names);
  if (left.length > 0) work.progress(`sequences that stay as they are: ${left.join(', ')}`);
  for (const side of sides) {
    await noteMergeWritten(writing[side], {
      runId: work.runId,
      lockedLsn: positions[side],
      peerLsn: positions[otherSide(side)],
    });
  }
};

const decideAll = async (
  tables: readonly MergedTable[],
  finished: WrittenMerge | null,
  sessions: MergeSessions,
  work: MergeWork,
): Promise<void> => {
  const deciding = await decidingOf(finished, tables, sessions, work);
  for (const [at, table] of tables.entries()) {
    const asked = askedAt(work, at);
    work.progress(`comparing ${formatName(asked.table)} under the locks`);
    const losers = await decideTable(table, asked, sessions, deciding);
    if (finished === null) limitOf(asked, losers, work.ends);
  }
};

const settleAll = async (
  tables: readonly MergedTable[],
  staging: Staging,
  work: MergeWork,
): Promise<void> => {
  await staging.readAgain();
  for (const [at, table] of tables.entries()) {
    limitOf(askedAt(work, at), await staging.settle(table, at), work.ends);
  }
};

const askedAt = ({ tables }: MergeWork, at: number): TableToMerge => {
  const asked = tables[at];
  if (asked === undefined) throw new Error('a table to merge is missing');
  return asked;
};

/** The tables as both nodes have them. */
const readTables = async (
  { rows }: MergeSessions,
  work: MergeWork,
): Promise<readonly MergedTable[]> => {
  const tables: MergedTable[] = [];
  for (const { table, rule } of work.tables) {
    const merged = await readMergedTable(table, rows, work.guard, true);
    assertModified(merged.compared, rule);
    tables.push(merged);
  }
  return tables;
};

const decidingOf = async (
  finished: WrittenMerge | null,
  tables: readonly MergedTable[],
  { rows }: MergeSessions,
  work: MergeWork,
): Promise<Deciding> => {
  const skewMicros = await readClockSkew(rows);
  const { runId, guard, signal, byHand } = work;
  const common = { runId, guard, signal, byHand, skewMicros };
  if (finished === null) return { ...common, changed: null };
  work.progress('an interrupted merge is finished: reading what was changed since');
  const changedOn = (side: MergeSide, from: string): Promise<ChangedKeys> => {
    // What this node sends is read by the subscription of the other one.
    const { slot, publication } = work.ends[otherSide(side)];
    const onto = tables.map((table) => table.onto[side]);
    return readChangedKeys(rows[side], { slot, publication, from }, onto);
  };
  return {
    ...common,
    changed: {
      a: await changedOn('a', finished.lockedLsn),
      b: await changedOn('b', finished.peerLsn),
    },
  };
};

interface Merged {
  readonly tables: readonly MergedTable[];
  readonly kinds: Readonly<Record<MergeSide, TableKinds>>;
  readonly deletes: boolean;
  readonly staging: Staging | null;
}

const writeSide = async (
  side: MergeSide,
  { tables, kinds, deletes, staging }: Merged,
  { writing, rows, deciding }: MergeSessions,
  work: MergeWork,
): Promise<void> => {
  const other = otherSide(side);
  const { node } = work.ends[side];
  const common = {
    runId: work.runId,
    winner: work.ends[other].node,
    session: writing[side],
    kinds: kinds[side],
  };
  for (const [at, table] of tables.entries()) {
    const name = formatName(table.compared.table);
    const onWritten = ({ inserted, overwritten, deleted }: WrittenRows): void =>
      work.progress(
        `writing ${name} on node ${node}: ${plural(inserted + overwritten + deleted, 'row')}`,
      );
    const written = await staging?.write(side, table, at, common);
    if (written) onWritten(written);
    else {
      await writeDecisions(table, {
        ...common,
        side,
        source: rows[other],
        sourceKinds: kinds[other],
        decisions: deciding[side],
        deletes,
        signal: work.signal,
        onWritten,
      });
    }
  }
};
