// Which columns hold other values than were copied, by what was noted of them.

import { expect, test } from 'vitest';
import type { CopiedColumnRecord } from '../../../../../src/model/edge/edge-record.ts';
import { alteredColumns } from '../../../../../src/planner/facts/records/altered-columns.ts';

const column = (of: Partial<CopiedColumnRecord> = {}): CopiedColumnRecord => ({
  number: 2,
  row: '700',
  type: 'text',
  stored: 2,
  ...of,
});

const copied = (note: CopiedColumnRecord) => ({
  table: 'public.items',
  oid: 1,
  copy: '600',
  sentBy: {},
  columns: { note },
});

test.each([
  ['nothing has changed', {}, false, false],
  ['dropped and added again on the publisher', { number: 3 }, true, false],
  ['dropped and added again on the subscriber', { stored: 3 }, true, true],
  ['dropped and added again on both', { number: 3, stored: 3 }, false, false],
  ['dropped on the subscriber: apply stops, and status says that', { stored: null }, false, false],
])('%s', (_, since, otherwise, aligned) => {
  const pair = { noted: copied(column()), now: copied(column(since)) };
  const found = (auto: boolean) => alteredColumns(pair, new Set(), auto);
  expect(found(false)).toEqual(otherwise ? ['note'] : []);
  expect(found(true), 'with schema_sync: auto').toEqual(aligned ? ['note'] : []);
});
