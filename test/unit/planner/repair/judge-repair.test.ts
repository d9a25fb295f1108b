// What a repair is warned of, and what blocks it.

import { expect, test } from 'vitest';
import { renderRepair, renderRepairPlan } from '../../../../src/cli/render/render-repair.ts';
import { createStyle } from '../../../../src/cli/render/style.ts';
import type { RepairTablePlan } from '../../../../src/model/report/repair.ts';
import { judgeRepair, type RepairFacts } from '../../../../src/planner/repair/judge-repair.ts';

const table: RepairTablePlan = {
  table: 'public.orders',
  key: ['id'],
  different: 2,
  missing: 1,
  extra: 1,
  unsettled: 0,
  rows: 100,
  repairSeconds: 1,
  resetSeconds: null,
  error: null,
};

const plan = (...tables: readonly RepairTablePlan[]) => ({
  formatVersion: '1.0',
  address: 'reporting/subscription.sales',
  source: 'primary',
  node: 'reporting',
  findings: ['missing', 'different', 'extra'] as const,
  tables,
});

const free = { lockable: true, writable: true, firesAlways: [], fires: ['fk'], published: true };
const node = { role: 'steep', tags: true, auditOwner: null, tables: { 'public.orders': free } };
const facts: RepairFacts = {
  publisher: node,
  subscriber: node,
  replicaRole: true,
  auditBeside: true,
  parameterPrivileges: true,
};

const codes = (one: RepairTablePlan, more: Partial<RepairFacts> = {}) =>
  judgeRepair(plan(one), { ...facts, ...more }).map(
    ({ severity, code, address }) => `${severity} ${code} ${address}`,
  );

const at = 'reporting/table.public.orders';

test('rows that lose are dangers of their table', () => {
  expect(codes(table)).toEqual([`danger ROWS_OVERWRITTEN ${at}`, `danger ROWS_DELETED ${at}`]);
  expect(codes({ ...table, different: 0, extra: 0 })).toEqual([]);
  expect(codes({ ...table, different: 0, extra: 0, missing: 21 })).toEqual([
    `warning RESET_CHEAPER ${at}`,
  ]);
  expect(codes({ ...table, different: 0, missing: 0, extra: 0 }, { auditBeside: false })).toEqual(
    [],
  );
});

test.each([
  ['REPAIR_AUDIT_ELSEWHERE', 'reporting/subscription.sales', { auditBeside: false }],
  ['REPAIR_SENT_BACK', 'reporting/subscription.sales', { subscriber: { ...node, tags: false } }],
  [
    'PRIVILEGE',
    'reporting/subscription.sales',
    { subscriber: { ...node, auditOwner: 'postgres' } },
  ],
  ['REPAIR_TRIGGERS', at, { replicaRole: false }],
  [
    'REPAIR_TRIGGERS',
    at,
    { subscriber: { ...node, tables: { 'public.orders': { ...free, firesAlways: ['t'] } } } },
  ],
  [
    'PRIVILEGE',
    at,
    { subscriber: { ...node, tables: { 'public.orders': { ...free, writable: false } } } },
  ],
  [
    'PRIVILEGE',
    'primary/table.public.orders',
    { publisher: { ...node, tables: { 'public.orders': { ...free, lockable: false } } } },
  ],
] as const)('%s blocks', (code, address, more) => {
  expect(codes({ ...table, different: 0, extra: 0 }, more)).toEqual([`block ${code} ${address}`]);
});

test('as text', () => {
  const made = { ...plan(table), tags: true, hazards: judgeRepair(plan(table), facts) };
  const style = createStyle({ isTTY: false, env: {}, noColor: true });
  expect(renderRepairPlan(made, style)).toMatchInlineSnapshot(`
    "reporting/subscription.sales  primary -> reporting
      public.orders  2 rows to overwrite, 1 to insert, 1 to delete
        ! DANGER  ROWS_OVERWRITTEN  2 rows of public.orders on node reporting will be overwritten with the values of node primary. Each is kept in steep_repl.merge_audit_log.
            allow with: --allow-hazard ROWS_OVERWRITTEN=reporting/table.public.orders
        ! DANGER  ROWS_DELETED  1 row of public.orders on node reporting will be deleted, because node primary does not have it. Each is kept in steep_repl.merge_audit_log.
            allow with: --allow-hazard ROWS_DELETED=reporting/table.public.orders
    "
  `);
  const report = {
    formatVersion: '1.0',
    outcome: 'partial' as const,
    plan: made,
    runId: 'r1',
    tables: [
      {
        table: 'public.orders',
        overwritten: 1,
        inserted: 1,
        deleted: 0,
        equal: 0,
        left: 1,
        why: 'the row is changed all the time',
      },
    ],
    dangling: [{ table: 'public.lines', constraint: 'lines_fkey', rows: 1 }],
    elapsedMs: 1200,
  };
  expect(renderRepair(report, style)).toMatchInlineSnapshot(`
    "  public.orders  1 overwritten, 1 inserted, 0 deleted  1 left: the row is changed all the time
      public.lines: 1 row refers to rows that are not there (lines_fkey)
    Rows before: SELECT * FROM steep_repl.merge_audit_log WHERE run_id = 'r1';
    Partly repaired in 1.2 s. Run the same command again: it continues."
  `);
});
