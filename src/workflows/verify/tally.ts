// Adds up what was settled of a table. Counts are complete; of the rows, the first are kept as samples. Pure.

import type { MatchedEnds } from '../../compare/difference/match-ends.ts';
import type { SettledKey } from '../../compare/settle/settle.ts';
import type { RowFinding, VerifiedCounts, VerifiedRow } from '../../model/report/verification.ts';

export interface Tally {
  readonly add: (settled: readonly SettledKey[], ends: MatchedEnds) => void;
  readonly counts: (rowsPublisher: number, rowsSubscriber: number) => VerifiedCounts;
  readonly samples: () => readonly VerifiedRow[];
}

const mostSamples = 100;

/** @param shared rows of the subscriber alone are no finding. */
export const makeTally = (shared: boolean, onRow: (row: VerifiedRow) => void): Tally => {
  const sums: Record<RowFinding, number> = { different: 0, missing: 0, extra: 0, unsettled: 0 };
  let unknownOfPublisher = 0;
  const kept: VerifiedRow[] = [];
  const note = (row: VerifiedRow): void => {
    if (row.rows === 0 || (shared && row.finding === 'extra')) return;
    sums[row.finding] += row.rows;
    if (kept.length < mostSamples) kept.push(row);
    onRow(row);
  };
  return {
    add: (settled, ends) => {
      for (const key of settled) {
        if (key.judged === null) unknownOfPublisher += key.suspicion.a;
        for (const row of rowsOf(key, ends)) note(row);
      }
    },
    counts: (rowsPublisher, rowsSubscriber) => ({
      rowsPublisher,
      rowsSubscriber,
      equal: Math.max(0, rowsPublisher - sums.different - sums.missing - unknownOfPublisher),
      ...sums,
    }),
    samples: () => kept,
  };
};

const rowsOf = (
  { suspicion, judged, why }: SettledKey,
  { a }: MatchedEnds,
): readonly VerifiedRow[] => {
  const names = a.key.map(({ column }, index) => [column, suspicion.key[index] ?? null] as const);
  const key = names.length === 0 ? null : Object.fromEntries(names);
  const row = (finding: RowFinding, rows: number): VerifiedRow => ({
    finding,
    key,
    hash: suspicion.hash,
    rows,
    columns: finding === 'different' ? columnsOf(judged?.columns ?? [], a) : [],
    why,
  });
  if (judged === null) return [row('unsettled', Math.max(suspicion.a, suspicion.b))];
  return [
    row('different', judged.different),
    row('missing', judged.onlyA),
    row('extra', judged.onlyB),
  ];
};

const columnsOf = (indexes: readonly number[], { columns }: MatchedEnds['a']): readonly string[] =>
  indexes.flatMap((index) => columns[index]?.column ?? []);
