// steep merge analyze: what merging the nodes of a pair would do to their rows. Read-only, without a lock.

import type { DecidedKey } from '../../merge/find-differences.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import {
  type AnalyzedTable,
  type MergeAnalysis,
  type MergeConflict,
  mergeFormatVersion,
} from '../../model/report/merge.ts';
import { type MergeSide, type MergeTableReading, ruleOf } from '../../model/state/merge.ts';
import type { MergeToRead } from '../../planner/reading/merges-to-read.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { compareToMerge } from './compare-to-merge.ts';
import { chosenTables } from './merge-pairs.ts';
import { type MergeRequest, type MergeResult, type OpenMerge, withMerge } from './open-merge.ts';

export interface AnalysisRequest extends MergeRequest {
  /** As SQL names them; null: all of the pair. */
  readonly tables: readonly string[] | null;
  readonly onConflict: (conflict: MergeConflict) => void;
}

/** How the command ends. */
export const exitOfAnalysis = ({ tables }: MergeAnalysis): ExitCode =>
  tables.some(({ error, faults }) => error !== null || faults.length > 0)
    ? ExitCode.refused
    : ExitCode.done;

/** @throws as withMerge does. */
export const analyzeMerge = (
  request: AnalysisRequest,
  runtime: RuntimeEnvironment,
): Promise<MergeResult<MergeAnalysis>> =>
  withMerge(request, 'steep merge analyze', runtime, async (merge) => {
    const startedAt = runtime.clock();
    const { name, a, b, state } = merge;
    const tables = state === 'to merge' ? await readTables(merge, request, runtime) : [];
    return {
      formatVersion: mergeFormatVersion,
      pair: name,
      first: a.node,
      second: b.node,
      state,
      tables: tables.map(({ analyzed }) => analyzed),
      lockMs: tables.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0),
      elapsedMs: Math.round(runtime.clock() - startedAt),
    };
  });

interface ReadTable {
  readonly analyzed: AnalyzedTable;
  readonly elapsedMs: number;
}

const readTables = async (
  { a, b, toRead, byHand }: OpenMerge,
  { tables: asked, onConflict, signal }: AnalysisRequest,
  { clock }: RuntimeEnvironment,
): Promise<readonly ReadTable[]> => {
  if (toRead === null) return [];
  const chosen = chosenTables(asked, toRead.tables);
  const columns = new Map<string, Map<string, number>>();
  const note = (
    table: QualifiedName,
    key: readonly string[],
    some: readonly DecidedKey[],
  ): void => {
    for (const conflict of some.flatMap((it) => conflictsOf(table, key, it, toRead))) {
      const counts = columns.get(conflict.table) ?? new Map<string, number>();
      for (const column of conflict.columns) counts.set(column, (counts.get(column) ?? 0) + 1);
      columns.set(conflict.table, counts);
      onConflict(conflict);
    }
  };
  const rows = { a: a.session, b: b.session };
  const read = await compareToMerge(
    chosen,
    { ...toRead, byHand },
    rows,
    { clock, interrupt: signal },
    note,
  );
  return read.map((table) => ({
    analyzed: analyzedTable(table, toRead, columns.get(formatName(table.table)) ?? new Map()),
    elapsedMs: table.elapsedMs,
  }));
};

const conflictsOf = (
  table: QualifiedName,
  names: readonly string[],
  { key, winner, rule, fault, rivals: { a, b } }: DecidedKey,
  nodes: Pick<MergeToRead, MergeSide>,
): readonly MergeConflict[] => {
  if (a === undefined || b === undefined) return [];
  return [
    {
      table: formatName(table),
      key: Object.fromEntries(names.map((name, at) => [name, key.key[at] ?? null])),
      columns: [...a].flatMap(([name, value]) => (b.get(name) === value ? [] : [name])),
      keep: fault === undefined ? winner : null,
      winner: fault === undefined ? nodes[winner] : null,
      rule,
      a: Object.fromEntries(a),
      b: Object.fromEntries(b),
    },
  ];
};

const analyzedTable = (
  {
    table,
    different,
    losers: _losers,
    rules,
    numbered: _numbered,
    elapsedMs: _ms,
    ...counts
  }: MergeTableReading,
  { settings, a, b }: MergeToRead,
  columns: ReadonlyMap<string, number>,
): AnalyzedTable => {
  const losers = (
    [
      [a, rules.a],
      [b, rules.b],
    ] as const
  ).flatMap(([node, found]) => Object.entries(found).map(([rule, rows]) => ({ node, rule, rows })));
  return {
    ...counts,
    table: formatName(table),
    strategy: ruleOf(settings, formatName(table)).strategy,
    conflicts: different,
    losers,
    columns: [...columns].map(([column, rows]) => ({ column, rows })),
  };
};
