// Of 500 random changes to tables, on both ends of an edge, drift finds each one by name, and nothing else; once they
// are captured, only what has nowhere to go is left.

import { expect, test } from 'vitest';
import type { DriftReport } from '../../src/model/report/drift.ts';
import { cluster } from '../support/servers/cluster.ts';
import { pairs } from '../support/servers/majors.ts';
import { createDriftWorld } from '../support/worlds/drift-world.ts';
import {
  columnChanges,
  type PlacedChange,
  placedChanges,
  tablesBefore,
} from '../support/worlds/table-changes.ts';

const seed = Number(process.env.STEEP_TEST_SEED ?? '1');
const changes = placedChanges(500, 20, seed);
const names = [...new Set(changes.map(({ table }) => table))];

const found = ({ findings }: DriftReport, code: string): readonly string[] =>
  findings
    .filter((finding) => finding.code === code)
    .flatMap(({ address, details }) => details.map(({ field }) => `${address} ${field}`));

const named = (on: string, { table, column, fields }: PlacedChange): readonly string[] =>
  fields(column, table).map((field) => `${on}/table.public.${table} ${field}`);

/** What the publisher sends and the subscriber has not. */
const nowhereToGo = ({ on, what }: PlacedChange): boolean =>
  what === 'renamed' || what.startsWith(on === 'primary' ? 'added' : 'dropped');

const tested = pairs.filter(([from, to]) => from === 14 && to === 18);

test.each(tested)('500 changes, PostgreSQL %i to %i', async (from, to) => {
  expect(new Set(changes.map(({ what }) => what)).size).toBe(columnChanges.length);
  const publications = { sales: { node: 'primary', tables: names } };
  const tables = tablesBefore(changes);
  const [publisher, subscriber] = [await cluster.server(from), await cluster.server(to)];
  const world = await createDriftWorld(
    publisher,
    subscriber,
    { publications },
    { primary: tables, reporting: tables },
  );
  expect(await world.drift(['schema'])).toMatchObject({ outcome: 'none', unchecked: [] });

  for (const on of ['primary', 'reporting'] as const) {
    const statements = changes.filter((it) => it.on === on);
    await world[on].query(
      statements.map(({ statement, table, column }) => statement(table, column)).join('; '),
    );
  }
  const report = await world.drift(['schema']);
  expect(found(report, 'SCHEMA_CHANGED').toSorted()).toEqual(
    changes.flatMap((change) => named(change.on, change)).toSorted(),
  );
  const lost = changes.filter(nowhereToGo).map(({ on, what, table, column }) => {
    const renamed = what === 'renamed' && on === 'primary' ? '_new' : '';
    return `reporting/table.public.${table} column ${column}${renamed}`;
  });
  expect(lost.length).toBeGreaterThan(50);
  expect(found(report, 'SCHEMA_DIFFERS')).toEqual(expect.arrayContaining(lost));

  expect((await world.steep(['schema', 'capture'])).code).toBe(0);
  const captured = await world.drift(['schema']);
  expect(found(captured, 'SCHEMA_CHANGED')).toEqual([]);
  expect(found(captured, 'SCHEMA_DIFFERS').toSorted()).toEqual(lost.toSorted());
  await world.reporting.dropSubscriptions();
});
