// Compares the rows of two nodes that are about to be merged, without locks: what a merge would do, table by table.

import type { GuardReads } from '../../catalog/repair/read-dangling.ts';
import { readNumbered } from '../../catalog/repair/read-merge-facts.ts';
import type { GuardEnd } from '../../compare/repair/repaired-table.ts';
import { anyColumns } from '../../copy/check/code-guard.ts';
import { readClockSkew } from '../../merge/clock-skew.ts';
import { decide } from '../../merge/decide.ts';
import { readCollisions } from '../../merge/find-collisions.ts';
import { readDanglingReferences } from '../../merge/find-dangling.ts';
import { type DecidedKey, findDifferences } from '../../merge/find-differences.ts';
import { findHandDecision, type HandDecisions } from '../../merge/hand-decisions.ts';
import { HandFaults } from '../../merge/hand-faults.ts';
import { assertModified, type BothNodes, readMergedTable } from '../../merge/merged-table.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import {
  type MergeRule,
  type MergeSide,
  type MergeTableReading,
  ruleOf,
} from '../../model/state/merge.ts';
import type { MergeToRead } from '../../planner/reading/merges-to-read.ts';
import { toFailure } from '../../postgres/failures.ts';
import { passingOf } from '../../postgres/retry/passing-failures.ts';
import { guardWithoutPlan } from '../plan/code-guard.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';

/** Hears of every key that is not the same on both nodes. @param key the names of its columns. */
export type OnDecided = (
  table: QualifiedName,
  key: readonly string[],
  some: readonly DecidedKey[],
) => void;

interface MergeToCompare extends Pick<MergeToRead, 'tables' | 'settings'> {
  readonly byHand: HandDecisions;
}

interface Comparing {
  /** All tables of the pair. */
  readonly merged: readonly QualifiedName[];
  readonly byHand: HandDecisions;
  readonly finding: BothNodes;
  readonly rows: BothNodes;
  readonly skewMicros: bigint;
  readonly onDecided: OnDecided;
  readonly signal: AbortSignal;
}

/** A table that cannot be compared is in the result, with the reason. @param tables of the pair, all or some. */
export const compareToMerge = async (
  tables: readonly QualifiedName[],
  { tables: merged, settings, byHand }: MergeToCompare,
  { a, b }: BothNodes,
  { clock, interrupt }: Pick<RuntimeEnvironment, 'clock' | 'interrupt'>,
  onDecided: OnDecided = () => undefined,
): Promise<readonly MergeTableReading[]> => {
  const finding = { a: await a.another(), b: await b.another() };
  const rows = { a: await a.another(), b: await b.another() };
  const signal = interrupt ?? new AbortController().signal;
  try {
    const skewMicros = await readClockSkew(rows);
    const read: MergeTableReading[] = [];
    for (const table of tables) {
      signal.throwIfAborted();
      const rule = ruleOf(settings, formatName(table));
      const startedAt = clock();
      const work = { merged, byHand, finding, rows, skewMicros, onDecided, signal };
      const counts = await compareTable(table, rule, work);
      read.push({ ...counts, elapsedMs: Math.round(clock() - startedAt) });
    }
    return read;
  } finally {
    await Promise.allSettled(
      [finding.a, finding.b, rows.a, rows.b].map((session) => session.close()),
    );
  }
};

const nothing = { rowsA: 0, rowsB: 0, equal: 0, different: 0, onlyA: 0, onlyB: 0 };

const mayRun = guardWithoutPlan([], ['Take the table out of the pair.']);

const guardReads: GuardEnd = (session, { table, columns }) =>
  mayRun(session, 'scan', [{ name: table, columns }]);

const guardCounts: GuardReads = (session, tables) => mayRun(session, 'scan', anyColumns(tables));

/** The step of the merge refuses the same, and nothing that is refused there can be allowed. */
const guardWrites: GuardEnd = async (session, compared) => {
  await guardReads(session, compared);
  await mayRun(session, 'fill', [{ name: compared.table, columns: compared.columns }]);
};

/** A table that cannot be compared says why. */
const compareTable = async (
  table: QualifiedName,
  rule: MergeRule,
  work: Comparing,
): Promise<Omit<MergeTableReading, 'elapsedMs'>> => {
  const lost = countLosers();
  const { losers, rules } = lost;
  const common = { table, losers, rules, numbered: false, error: null, faults: [] };
  try {
    return { ...common, ...(await readCounts(table, rule, lost.count, work)) };
  } catch (error) {
    const failure = toFailure(error, {
      node: work.rows.a.node,
      doing: `comparing the rows of ${formatName(table)}`,
    });
    // A connection that was lost says nothing of the table.
    if (work.signal.aborted || passingOf(failure) !== 'stays') throw failure;
    const { code, message } = failure;
    return { ...common, ...nothing, error: { code, message } };
  }
};

/** Rows of each node that would be overwritten, and by which rules. */
const countLosers = () => {
  const losers = { a: 0, b: 0 };
  const rules: Record<MergeSide, Record<string, number>> = { a: {}, b: {} };
  const count = (some: readonly DecidedKey[]): void => {
    for (const { loser, rule } of some) {
      if (loser === null) continue;
      losers[loser] += 1;
      rules[loser][rule] = (rules[loser][rule] ?? 0) + 1;
    }
  };
  return { losers, rules, count };
};

const readCounts = async (
  table: QualifiedName,
  rule: MergeRule,
  count: (some: readonly DecidedKey[]) => void,
  { merged: all, byHand, finding, rows, skewMicros, onDecided, signal }: Comparing,
) => {
  const merged = await readMergedTable(table, rows, guardWrites);
  assertModified(merged.compared, rule);
  const key = merged.onto.a.ends.a.key.map(({ column }) => column);
  const name = formatName(table);
  const byHandFaults = new HandFaults(name, key);
  const collisions = await readCollisions(merged, rows);
  const dangling = await readDanglingReferences(merged, all, rows, guardCounts);
  const counts = await findDifferences(merged, {
    readers: { a: [finding.a], b: [finding.b] },
    rows,
    guard: guardReads,
    decide: (rivals, _name, text) =>
      decide(rivals, rule, skewMicros, findHandDecision(byHand, name, key, text)),
    onDecided: async (some) => {
      count(some);
      byHandFaults.add(some);
      onDecided(table, key, some);
      collisions.add(some);
      await dangling.add(some);
    },
    signal,
  });
  const numbered =
    (await readNumbered(rows.a, table, key)) && (await readNumbered(rows.b, table, key));
  const faults = [...byHandFaults.faults(), ...collisions.faults(rows), ...dangling.faults()];
  return { ...counts, numbered, faults };
};
