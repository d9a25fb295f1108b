// Which differences of tables are drift, and what is said where there is nothing to compare with.

import { describe, expect, test } from 'vitest';
import type { TableDefinition } from '../../../../../src/model/schema/table-definition.ts';
import type { SchemaReading } from '../../../../../src/planner/drift/schema-reading.ts';
import {
  appliedAs,
  compare,
  desired,
  feed,
  feedSpec,
  live,
  sales,
  slot,
  tablesAsApplied,
} from '../../../../support/plans/drifts.ts';
import { nameOf, wantSubscription } from '../../../../support/worlds/worlds.ts';

const orders = 'public.orders';

const define = (
  ...columns: readonly (readonly [name: string, type: string])[]
): TableDefinition => ({
  name: nameOf('orders'),
  columns: columns.map(([name, type]) => ({
    name,
    type,
    notNull: false,
    expression: null,
    identity: null,
    generated: null,
    collation: null,
  })),
  identity: { mode: 'default', columns: ['id'], index: null },
  unlogged: false,
  partitionKey: null,
  parents: [],
  bound: null,
  constraints: [],
  indexes: [],
  types: [],
});

/** Orders as it was, and as it is; null: it is gone. */
const reading = (was: TableDefinition, is: TableDefinition | null): SchemaReading => {
  const fingerprints = new Map(tablesAsApplied.fingerprints);
  const before = fingerprints.get(orders);
  if (before === undefined) throw new Error('orders is sent');
  fingerprints.delete(orders);
  if (is !== null) fingerprints.set(orders, { ...before, strict: JSON.stringify(is) });
  return {
    ...tablesAsApplied,
    fingerprints,
    recorded: new Map([[orders, was]]),
    found: new Map(is === null ? [] : [[orders, is]]),
  };
};

const [id, note, own] = [
  ['id', 'integer'],
  ['note', 'text'],
  ['own', 'text'],
] as const;
const same = reading(define(id, note), define(id, note));

const schema = (primary: SchemaReading, reporting: SchemaReading, rest = {}) =>
  compare({ classes: ['schema'], schemas: { primary, reporting }, ...rest });

const brief = (...[primary, reporting, rest]: Parameters<typeof schema>) =>
  schema(primary, reporting, rest).findings.map(({ address, code, details }) => [
    address,
    code,
    ...details.map(({ field, before, after }) => `${field}: ${before} -> ${after}`),
  ]);

test('as they were', () => {
  expect(schema(tablesAsApplied, tablesAsApplied)).toMatchObject({
    outcome: 'none',
    findings: [],
    unchecked: [],
    classes: [{ addresses: { length: 4 } }],
  });
});

describe('both ends', () => {
  test('a column that the subscriber lacks, whether or not it lacked it before', () => {
    const without = reading(define(id), define(id));
    const wider = reading(define(id), define(id, note));
    const missing = [
      'reporting/table.public.orders',
      'SCHEMA_DIFFERS',
      'column note: note text -> none',
    ];
    expect(brief(wider, without)).toContainEqual(missing);
    expect(brief(same, without)).toContainEqual(missing);
  });

  test('a column of its own, unless it had it', () => {
    const withOwn = define(id, note, own);
    expect(brief(same, reading(define(id, note), withOwn))).toContainEqual([
      'reporting/table.public.orders',
      'SCHEMA_DIFFERS',
      'column own: none -> own text',
    ]);
    expect(brief(same, reading(withOwn, withOwn)).map(([, code]) => code)).not.toContain(
      'SCHEMA_DIFFERS',
    );
  });

  test('a wider type, where the subscription says binary', () => {
    const wide = define(['id', 'bigint'], note);
    const differs = (binary: string) => {
      const sub = feed({ options: { ...feedSpec.options, binary } });
      const world = live({ reporting: [sub], applied: appliedAs(sales(), slot(), sub) });
      return brief(same, reading(define(id, note), wide), { live: world }).filter(
        ([, code]) => code === 'SCHEMA_DIFFERS',
      );
    };
    expect(differs('false')).toEqual([]);
    expect(differs('true')).toEqual([
      ['reporting/table.public.orders', 'SCHEMA_DIFFERS', 'type of column id: integer -> bigint'],
    ]);
  });

  test('the cure follows schema_sync', () => {
    const cureOf = (schemaSync: 'strict' | 'auto') => {
      const sub = wantSubscription('reporting', 'primary', 'feed', {
        publications: ['sales'],
        schemaSync,
      });
      const { findings } = schema(same, reading(define(id, note), define(id)), {
        desired: desired({ subscriptions: [sub] }),
      });
      return findings.find(({ code }) => code === 'SCHEMA_DIFFERS')?.cure[1];
    };
    expect(cureOf('auto')).toBe('To bring the subscriber in line: steep plan');
    expect(cureOf('strict')).toContain('schema_sync: auto');
  });
});

test('a table of which no definition is read, as of an extension', () => {
  const unread = reading(define(id), null);
  const report = schema(unread, same);
  expect(report.findings.map(({ node }) => node)).not.toContain('primary');
  expect(report.unchecked).toEqual([
    {
      address: 'primary/table.public.orders',
      what: 'definition',
      why: 'it belongs to an extension',
    },
  ]);
});

test('a node whose steep_repl keeps nothing', () => {
  expect(schema({ ...tablesAsApplied, records: null }, tablesAsApplied).unchecked).toMatchObject([
    {
      address: 'primary/metadata.steep_repl',
      why: 'its steep_repl keeps no record of them: steep apply',
    },
  ]);
});
