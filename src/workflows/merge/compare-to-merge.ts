// Compares the rows of two nodes that are about to be merged, without locks: what a merge would do, table by table.

import { readNumbered } from '../../catalog/repair/read-merge-facts.ts';
import type { GuardEnd } from '../../compare/repair/repaired-table.ts';
import { readClockSkew } from '../../merge/clock-skew.ts';
import { decide } from '../../merge/decide.ts';
import { type DecidedKey, findDifferences } from '../../merge/find-differences.ts';
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

interface Comparing {
  readonly finding: BothNodes;
  readonly rows: BothNodes;
  readonly skewMicros: bigint;
  readonly onDecided: OnDecided;
  readonly signal: AbortSignal;
}

/** A table that cannot be compared is in the result, with the reason. */
export const compareToMerge = async (
  { tables, settings }: Pick<MergeToRead, 'tables' | 'settings'>,
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
      const work = { finding, rows, skewMicros, onDecided, signal };
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
  const common = { table, losers: lost.losers, rules: lost.rules, numbered: false, error: null };
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
  { finding, rows, skewMicros, onDecided, signal }: Comparing,
) => {
  const merged = await readMergedTable(table, rows, guardWrites);
  assertModified(merged.compared, rule);
  const key = merged.onto.a.ends.a.key.map(({ column }) => column);
  const counts = await findDifferences(merged, {
    readers: { a: [finding.a], b: [finding.b] },
    rows,
    guard: guardReads,
    decide: (rivals) => decide(rivals, rule, skewMicros),
    onDecided: async (some) => {
      count(some);
      onDecided(table, key, some);
    },
    signal,
  });
  const numbered =
    (await readNumbered(rows.a, table, key)) && (await readNumbered(rows.b, table, key));
  return { ...counts, numbered };
};
