// Which rows of pg_publication tell that a publication did not send everything for a while.

import { expect, test } from 'vitest';
import type { EdgeRecord, PublicationRecord } from '../../../../../src/model/edge/edge-record.ts';
import type { PublishOperation } from '../../../../../src/model/state/resource.ts';
import {
  asWanted,
  unsentWhileAltered,
} from '../../../../../src/planner/facts/records/altered-publications.ts';

const everything: readonly PublishOperation[] = ['delete', 'insert', 'truncate', 'update'];

const settings = (publish = everything): PublicationRecord['settings'] => ({
  publish,
  viaPartitionRoot: false,
  generatedColumns: 'none',
});

const noted: PublicationRecord = { oid: 1, row: '100', owner: 10, settings: settings() };

const record = (publication: PublicationRecord): EdgeRecord => ({
  subscription: 5,
  source: 'publisher',
  slot: null,
  publications: { items: publication },
  tables: [],
});

const table = { table: 'public.items', oid: 7, copy: '1', sentBy: { items: [1, 2] } };

const altered = (now: Partial<PublicationRecord>): string | null =>
  unsentWhileAltered(table, record(noted), record({ ...noted, ...now }));

test('another row is a gap, whatever the settings are by now', () => {
  expect(altered({})).toBeNull();
  expect(altered({ row: '101' })).toBe('items');
  expect(altered({ row: '101', settings: settings(['insert']) })).toBe('items');
});

test('another owner explains another row, and not other settings', () => {
  expect(altered({ row: '101', owner: 11 })).toBeNull();
  expect(altered({ row: '101', owner: 11, settings: settings(['insert']) })).toBe('items');
});

test('another publication, and tables that it did not send, are told otherwise', () => {
  expect(altered({ row: '101', oid: 2 })).toBeNull();
  const others = { ...table, sentBy: { others: [3] } };
  expect(unsentWhileAltered(others, record(noted), record({ ...noted, row: '101' }))).toBeNull();
});

const wanted = (publish: readonly PublishOperation[]) => ({
  node: 'publisher',
  name: 'items',
  tables: [],
  schemas: [],
  publish,
  viaPartitionRoot: false,
  generatedColumns: 'none' as const,
  protect: false,
  source: 'steep.yaml:1',
});

test('other settings are no gap while steep.yaml asks for them', () => {
  const now = record({ ...noted, row: '101', settings: settings(['insert']) });
  expect(unsentWhileAltered(table, asWanted(record(noted), now, [wanted(['insert'])]), now)).toBe(
    null,
  );
  const other = asWanted(record(noted), now, [wanted(['insert', 'update'])]);
  expect(unsentWhileAltered(table, other, now)).toBe('items');
  const back = record({ ...noted, row: '102' });
  expect(unsentWhileAltered(table, asWanted(record(noted), back, [wanted(everything)]), back)).toBe(
    'items',
  );
});
