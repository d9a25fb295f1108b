// What an edit of steep.yaml makes of a difference: pending, adopted, or still drift.

import { expect, test } from 'vitest';
import type { DriftReport } from '../../../../src/model/report/drift.ts';
import type { DriftInput } from '../../../../src/planner/drift/drift-context.ts';
import {
  appliedAs,
  compare,
  desired,
  feed,
  live,
  sales,
  salesSpec,
  slot,
} from '../../../support/plans/drifts.ts';
import { select, wantPublication } from '../../../support/worlds/worlds.ts';

const topology = (input: Partial<DriftInput>): DriftReport =>
  compare({ classes: ['topology'], ...input });

const onlyCustomers = desired({
  publications: [wantPublication('primary', 'sales', { tables: [select('customers')] })],
});
const [customers] = salesSpec.tables;
const narrowed = sales({ tables: customers === undefined ? [] : [customers] });
const edits = (report: DriftReport) => report.pending.map(({ address, edit }) => [address, edit]);

test('an edit is pending', () => {
  const report = topology({ desired: onlyCustomers });
  expect(report.findings).toEqual([]);
  expect(edits(report)).toEqual([['primary/publication.sales', 'changed']]);
});

test('an edit of what drifted is both', () => {
  const report = topology({
    desired: onlyCustomers,
    live: live({ primary: [sales({ publish: ['insert'] }), slot()] }),
  });
  expect(report.findings).toMatchObject([{ code: 'DRIFT_CHANGED' }]);
  expect(edits(report)).toEqual([['primary/publication.sales', 'changed']]);
});

test('an edit that follows the server is neither', () => {
  const report = topology({
    desired: onlyCustomers,
    live: live({ primary: [narrowed, slot()] }),
  });
  expect(report).toMatchObject({
    findings: [],
    pending: [],
    adopted: ['primary/publication.sales'],
  });
});

test('protection and connections can be pending alone', () => {
  const [sub] = desired().subscriptions;
  const protectedOne = topology({
    desired: desired({ subscriptions: sub === undefined ? [] : [{ ...sub, protect: true }] }),
  });
  const rotated = topology({
    live: live({
      reporting: [feed({ connection: 'stale' }, { asApplied: { live: true, file: false } })],
    }),
  });
  for (const report of [protectedOne, rotated]) {
    expect(report.findings).toEqual([]);
    expect(edits(report)).toEqual([['reporting/subscription.feed', 'changed']]);
  }
});

test('what left it is pending while it is there', () => {
  const gone = desired({ subscriptions: [] });
  expect(edits(topology({ desired: gone }))).toEqual([
    ['primary/slot.feed', 'left'],
    ['reporting/subscription.feed', 'left'],
  ]);
  const report = topology({ desired: gone, live: live({ primary: [sales()], reporting: [] }) });
  expect([report.findings, report.pending]).toEqual([[], []]);
});

test('an option that a newer server brought is no edit', () => {
  const { failover: _new, ...options } = feed().spec.options;
  const applied = appliedAs(sales(), slot(), feed({ options }));
  expect(topology({ live: live({ applied }) })).toMatchObject({ findings: [], pending: [] });
});

test('what is about to be removed or renamed is pending, and no drift', () => {
  const leaving = { publications: [], subscriptions: [] };
  const removed = [
    { address: 'primary/publication.sales', action: 'drop', source: 'steep.yaml:9' } as const,
  ];
  const gone = topology({ desired: desired({ ...leaving, removed }) });
  expect(gone.findings).toEqual([]);
  expect(edits(gone)).toContainEqual(['primary/publication.sales', 'removed']);

  const renamed = [
    {
      node: 'primary',
      kind: 'publication',
      from: 'sales',
      to: 'goods',
      fromAddress: 'primary/publication.sales',
      toAddress: 'primary/publication.goods',
      source: 'steep.yaml:9',
    } as const,
  ];
  const publications = [wantPublication('primary', 'goods', { tables: [select('customers')] })];
  const other = topology({ desired: desired({ ...leaving, publications, renamed }) });
  expect(other.findings).toEqual([]);
  expect(edits(other)).toContainEqual(['primary/publication.sales', 'renamed']);
  expect(edits(other)).not.toContainEqual(['primary/publication.goods', 'new']);
});
