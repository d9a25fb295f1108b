// What several publications send together: filters are ORed, as PostgreSQL does.

import { expect, test } from 'vitest';
import type { PublicationSpec } from '../../../../src/model/state/resource.ts';
import type { Table } from '../../../../src/model/state/table.ts';
import {
  sentColumns,
  sentTables,
  withPartitions,
} from '../../../../src/planner/complete/sent-tables.ts';

const orders = { schema: 'public', name: 'orders' };
const leaf = { schema: 'public', name: 'orders_2026' };

const column = (name: string, generated = false) => ({
  name,
  type: 'text',
  notNull: false,
  generated,
});

const tables = new Map(
  [
    { name: orders, parent: null, partitioned: true },
    { name: leaf, parent: orders, partitioned: false },
  ].map((table) => [
    `public.${table.name.name}`,
    { ...table, columns: [column('b'), column('a'), column('g', true)] } as unknown as Table,
  ]),
);

const sending = (where: string | null, viaPartitionRoot = true): PublicationSpec => ({
  allTables: false,
  tables: [{ table: orders, columns: null, where }],
  schemas: [],
  publish: ['insert'],
  viaPartitionRoot,
  generatedColumns: 'none',
});

test.each([
  [['a > 0'], 'a > 0'],
  [['a > 0', 'b > 0'], '(a > 0) OR (b > 0)'],
  [['a > 0', 'a > 0'], 'a > 0'],
  [['a > 0', null], null],
])('filters %j are %s', (filters, where) => {
  expect(
    sentTables(
      filters.map((it) => sending(it)),
      tables,
    ),
  ).toEqual([{ table: orders, columns: null, where }]);
});

test('generated columns are sent where they are listed', () => {
  const table = { columns: [column('b'), column('a'), column('g', true)] };
  const sent = { table: orders, where: null };
  expect(sentColumns({ ...sent, columns: null }, table)).toEqual(['a', 'b']);
  expect(sentColumns({ ...sent, columns: ['g', 'a'] }, table)).toEqual(['a', 'g']);
});

test('tools that take each table by its name are given the partitions too', () => {
  const [sent] = sentTables([sending(null)], tables);
  expect(sent && withPartitions(sent, tables)).toEqual([orders, leaf]);
});
