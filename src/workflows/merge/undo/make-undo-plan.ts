// What undoing a merge would write, table by table: read on both nodes without a lock.

import { readRepairFacts } from '../../../catalog/repair/read-repair-facts.ts';
import { nameOfKey, readWholeRows } from '../../../compare/repair/read-rows.ts';
import type { GuardEnd } from '../../../compare/repair/repaired-table.ts';
import {
  type BothNodes,
  type MergedTable,
  otherSide,
  readMergedTable,
} from '../../../merge/merged-table.ts';
import { judgeUndo } from '../../../merge/undo/judge-undo.ts';
import { formatName, type QualifiedName } from '../../../model/identifier.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import {
  type UndoPlan,
  type UndoTablePlan,
  undoFormatVersion,
} from '../../../model/report/undo.ts';
import { addressOf } from '../../../model/state/address.ts';
import type { MergeSide } from '../../../model/state/merge.ts';
import type { LiveState } from '../../../model/state/state.ts';
import { repairBlocks } from '../../../planner/repair/judge-repair.ts';
import { undoHazards } from '../../../planner/repair/undo-hazards.ts';
import { toFailure } from '../../../postgres/failures.ts';
import { passingOf } from '../../../postgres/retry/passing-failures.ts';
import { parseTableName } from '../../../topology/resolve/table-name.ts';
import { mayActAsReplica } from '../../repair/make-repair-plan.ts';
import type { MergeToUndo } from './find-merge.ts';
import { eachLost, keysOf } from './lost-rows.ts';

export const sides = ['a', 'b'] as const;

/** A table that cannot be written back has its reason. */
type FoundTable = MergedTable | NonNullable<UndoTablePlan['error']>;

export interface MadeUndo {
  readonly plan: UndoPlan;
  /** By name; those that can be written back. */
  readonly tables: ReadonlyMap<string, MergedTable>;
}

interface Counts {
  restore: number;
  restored: number;
  changed: number;
  error: UndoTablePlan['error'];
}

/** @param asked names of tables; null: all. @throws SteepError MERGE_AUDIT_UNREAD (exit 7). */
export const makeUndoPlan = async (
  merge: MergeToUndo,
  mergeRun: string,
  asked: readonly string[] | null,
  live: LiveState,
  guard: GuardEnd,
): Promise<MadeUndo> => {
  const rows = { a: merge.a.session, b: merge.b.session };
  const found = new Map<string, FoundTable>();
  const drafts: UndoTablePlan[] = [];
  for (const side of sides) {
    const counts = new Map<string, Counts>();
    await eachLost(merge[side], mergeRun, asked, async (name, some) => {
      const table = found.get(name) ?? (await tryToRead(name, rows, guard));
      found.set(name, table);
      const of = counts.get(name) ?? { restore: 0, restored: 0, changed: 0, error: null };
      counts.set(name, of);
      if ('code' in table) of.error = table;
      else await count(keysOf(table, some), table, side, rows, of);
    });
    const { node } = merge[side];
    drafts.push(...[...counts].map(([table, of]) => ({ table, node, ...of })));
  }
  const tables = new Map([...found].flatMap(([name, it]) => ('code' in it ? [] : [[name, it]])));
  const draft = {
    formatVersion: undoFormatVersion,
    pair: merge.name,
    mergeRun,
    first: merge.a.node,
    second: merge.b.node,
    tables: drafts,
    inserted: merge.runs.flatMap(({ node, inserted }) =>
      Number(inserted) === 0 ? [] : [{ node, rows: Number(inserted) }],
    ),
  };
  const concerned = drafts.filter(({ restore }) => restore > 0).map(({ table }) => table);
  const blocks = await readBlocks(merge, [...new Set(concerned)], tables, live);
  return { tables, plan: { ...draft, hazards: [...blocks, ...undoHazards(draft)] } };
};

const tryToRead = async (name: string, rows: BothNodes, guard: GuardEnd): Promise<FoundTable> => {
  const parsed = parseTableName(name);
  if (!parsed.ok) throw new Error(`the audit log names ${name}`);
  try {
    return await readMergedTable(parsed.value, rows, guard);
  } catch (error) {
    const doing = `reading how ${name} is stored`;
    const failure = toFailure(error, { node: rows.a.node, doing });
    if (passingOf(failure) !== 'stays') throw failure;
    return { code: failure.code, message: failure.message };
  }
};

const count = async (
  keys: ReturnType<typeof keysOf>,
  table: MergedTable,
  side: MergeSide,
  sessions: BothNodes,
  counts: Counts,
): Promise<void> => {
  const read = (of: MergeSide) => {
    const { ends, kept, hold } = table.onto[of];
    return readWholeRows(sessions[of], ends.b, keys, kept, hold);
  };
  const [ofLoser, ofOther] = [await read(side), await read(otherSide(side))];
  for (const key of keys) {
    const name = nameOfKey(key);
    counts[judgeUndo(key.lost, ofLoser.get(name)?.[0], ofOther.get(name)?.[0])] += 1;
  }
};

/** Rows are written on both nodes, each as a repair writes them on one. */
const readBlocks = async (
  merge: MergeToUndo,
  names: readonly string[],
  tables: ReadonlyMap<string, MergedTable>,
  live: LiveState,
): Promise<readonly FoundHazard[]> => {
  if (names.length === 0) return [];
  const qualified = names.flatMap((name): readonly QualifiedName[] => {
    const table = tables.get(name);
    return table === undefined ? [] : [table.compared.table];
  });
  const facts = {
    a: await readRepairFacts(merge.a.session, qualified),
    b: await readRepairFacts(merge.b.session, qualified),
  };
  return sides.flatMap((side) => {
    const [own, other] = [merge[side], merge[otherSide(side)]];
    const subscription = side === 'a' ? merge.named.back : merge.named.forth;
    const to = {
      address: addressOf(own.node, 'subscription', subscription.name),
      source: other.node,
      node: own.node,
    };
    const named = qualified.map((table) => ({ table: formatName(table) }));
    return repairBlocks(to, named, {
      publisher: facts[otherSide(side)],
      subscriber: facts[side],
      replicaRole: mayActAsReplica(live, own.node),
      parameterPrivileges: live.nodes[own.node]?.server.features.parameterPrivileges === true,
      auditBeside: own.metadata === own.session,
    });
  });
};
