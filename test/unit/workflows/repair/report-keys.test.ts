// Keys of the CSV report of steep verify.

import { expect, test } from 'vitest';
import { verifyCsvHeader, verifyCsvLine } from '../../../../src/cli/reports/verify-csv.ts';
import { parentsFirst } from '../../../../src/workflows/repair/parents-first.ts';
import { readReportKeys } from '../../../../src/workflows/repair/report-keys.ts';

const row = {
  finding: 'different' as const,
  key: { 'a,b': 'x "y"\n=1', id: null },
  hash: '7',
  columns: ['note'],
  rows: 1,
  why: null,
};

test('what was written is read again', () => {
  const text = [
    verifyCsvHeader,
    verifyCsvLine('n/subscription.a', 'public.t', row),
    verifyCsvLine('n/subscription.other', 'public.t', row),
    verifyCsvLine('n/subscription.a', 'public.log', {
      ...row,
      finding: 'extra',
      key: null,
      rows: 3,
    }),
  ].join('');
  expect(readReportKeys(text, 'rows.csv', 'n/subscription.a')).toEqual([
    { table: 'public.t', finding: 'different', rows: 1, key: row.key, hash: null },
    { table: 'public.log', finding: 'extra', rows: 3, key: null, hash: '7' },
  ]);
});

test('a value of many megabytes', () => {
  const key = { id: 'x"'.repeat(8_000_000) };
  const text = verifyCsvHeader + verifyCsvLine('n/subscription.a', 'public.t', { ...row, key });
  expect(readReportKeys(text, 'rows.csv', 'n/subscription.a')[0]?.key?.id).toHaveLength(16_000_000);
});

test.each([
  '',
  'a,b\n1,2\n',
  `${verifyCsvHeader}n/subscription.a,"public.t`,
  `${verifyCsvHeader}n/subscription.a,t,gone,1,{},,\n`,
])('%j is no report', (text) => {
  expect(() => readReportKeys(text, 'rows.csv', 'n/subscription.a')).toThrow(
    'rows.csv is not a CSV report of steep verify.',
  );
});

test('tables that others refer to come first; a circle has any order', () => {
  const name = (table: string) => ({ schema: 'public', name: table });
  const refers = (table: string, to: string) => ({
    table: name(table),
    to: name(to),
    foreignKey: 'checks' as const,
    constraints: [],
  });
  const order = (tables: readonly string[], ...pairs: ReturnType<typeof refers>[]) =>
    parentsFirst(tables, (it) => `public.${it}`, pairs);
  expect(order(['c', 'b', 'a'], refers('c', 'b'), refers('b', 'a'))).toEqual(['a', 'b', 'c']);
  expect(order(['a', 'b'], refers('a', 'b'), refers('b', 'a'), refers('a', 'a'))).toHaveLength(2);
});
