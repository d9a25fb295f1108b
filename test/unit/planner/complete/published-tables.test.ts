// Which tables a publication lists, and which of them a subscriber gets: partitions are the hard part.

import { describe, expect, test } from 'vitest';
import { formatName } from '../../../../src/model/identifier.ts';
import type { PublicationSpec, PublishedTable } from '../../../../src/model/state/resource.ts';
import type { TableSelector } from '../../../../src/model/state/state.ts';
import {
  effectiveTables,
  expandSelectors,
} from '../../../../src/planner/complete/published-tables.ts';
import { nameOf, partition, partitioned, select, table } from '../../../support/worlds/worlds.ts';

/** events → events_1, and events_2 → events_2a, events_2b. */
const tables = new Map(
  [
    table('app.notes'),
    table('orders'),
    partitioned('events'),
    partition('events_1', 'events'),
    partitioned('events_2', 'events'),
    partition('events_2a', 'events_2'),
    partition('app.events_2b', 'events_2'),
  ].map((found) => [formatName(found.name), found]),
);

const names = (published: readonly PublishedTable[]): readonly string[] =>
  published.map((entry) => formatName(entry.table));

describe('an explicit list', () => {
  test.each<[string, readonly TableSelector[], readonly string[]]>([
    ['*', [select('*')], ['app.notes', 'public.events', 'public.orders']],
    ['a schema', [select('app.*')], ['app.notes']],
    ['a schema that is not there', [select('nowhere.*')], []],
    ['a table named twice', [select('orders'), select('orders')], ['public.orders']],
    [
      'a table and its schema',
      [select('orders'), select('public.*')],
      ['public.events', 'public.orders'],
    ],
    ['a partition, only by name', [select('events_1')], ['public.events_1']],
    ['a table that is not there: reported elsewhere', [select('gone')], ['public.gone']],
    ['nothing', [], []],
  ])('of %s', (_what, selectors, expected) => {
    expect(names(expandSelectors(selectors, tables))).toEqual(expected);
  });

  test('a named table wins over a wildcard, wherever it stands', () => {
    const named = select('orders', { where: 'id > 1', columns: ['id'] });
    const expected = { table: nameOf('orders'), where: 'id > 1', columns: ['id'] };
    for (const selectors of [
      [named, select('*')],
      [select('*'), named],
    ]) {
      expect(expandSelectors(selectors, tables)).toContainEqual(expected);
    }
  });
});

const publishing = (listed: readonly string[], rest: Partial<PublicationSpec> = {}) => ({
  allTables: false,
  schemas: [],
  viaPartitionRoot: false,
  generatedColumns: 'none' as const,
  tables: listed.map((name) => ({
    table: nameOf(name),
    columns: null,
    where: null,
  })),
  publish: ['insert' as const],
  ...rest,
});

const viaRoot = { viaPartitionRoot: true };
const leaves = ['app.events_2b', 'public.events_1', 'public.events_2a'];

describe('a subscriber gets', () => {
  test.each<[string, readonly PublicationSpec[], readonly string[]]>([
    ['an ordinary table', [publishing(['orders'])], ['public.orders']],
    ['the leaves of a root', [publishing(['events'])], leaves],
    ['the root itself, published through it', [publishing(['events'], viaRoot)], ['public.events']],
    ['the leaves of a branch', [publishing(['events_2'])], ['app.events_2b', 'public.events_2a']],
    ['the branch, published through it', [publishing(['events_2'], viaRoot)], ['public.events_2']],
    ['one leaf, by name', [publishing(['events_1'])], ['public.events_1']],
    ['a leaf that is listed with its root once', [publishing(['events', 'events_1'])], leaves],
    [
      'a root and a leaf of it as the root, published through it',
      [publishing(['events', 'events_2a'], viaRoot)],
      ['public.events'],
    ],
    [
      'the root where one of two publications sends through it',
      [publishing(['events']), publishing(['events'], viaRoot)],
      ['public.events'],
    ],
    [
      'the root where another publication lists a leaf of it',
      [publishing(['events_2a']), publishing(['events'], viaRoot)],
      ['public.events'],
    ],
    [
      'leaves of a schema',
      [publishing([], { schemas: ['public'] })],
      ['public.events_1', 'public.events_2a', 'public.orders'].concat('app.events_2b').toSorted(),
    ],
    [
      'roots of a schema, published through them; not leaves that lie in another',
      [publishing([], { schemas: ['public'], ...viaRoot })],
      ['public.events', 'public.orders'],
    ],
    [
      'a leaf whose schema is published, and not its root',
      [publishing([], { schemas: ['app'], ...viaRoot })],
      ['app.events_2b', 'app.notes'],
    ],
    [
      'every leaf',
      [publishing([], { allTables: true })],
      [...leaves, 'app.notes', 'public.orders'].toSorted(),
    ],
    [
      'every root',
      [publishing([], { allTables: true, ...viaRoot })],
      ['app.notes', 'public.events', 'public.orders'],
    ],
    [
      'the tables of all publications together',
      [publishing(['orders']), publishing(['app.notes'])],
      ['app.notes', 'public.orders'],
    ],
    ['nothing of no publication', [], []],
  ])('%s', (_what, publications, expected) => {
    expect(names(effectiveTables(publications, tables))).toEqual(expected);
  });

  test('leaves with the columns and the filter of their root', () => {
    const spec = publishing([]);
    const events = { table: nameOf('events'), columns: ['id'], where: 'id > 1' };
    const [leaf] = effectiveTables([{ ...spec, tables: [events] }], tables);
    expect(leaf).toMatchObject({ columns: ['id'], where: 'id > 1' });
  });
});
