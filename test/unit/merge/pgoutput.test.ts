// Messages of pgoutput: which rows have changed, with the columns that a message has.

import { expect, test } from 'vitest';
import { ChangeReader } from '../../../src/merge/pgoutput.ts';

const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const int32 = (value: number): Buffer => Buffer.concat([int16(0), int16(value)]);
const name = (text: string): Buffer => Buffer.from(`${text}\0`);
const text = (value: string): Buffer =>
  Buffer.concat([Buffer.from('t'), int32(Buffer.byteLength(value)), Buffer.from(value)]);
const tuple = (...values: readonly Buffer[]): Buffer =>
  Buffer.concat([int16(values.length), ...values]);
const message = (kind: string, ...parts: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from(kind), ...parts]);

const table = { schema: 'public', name: 'orders' };
const column = (of: string): Buffer =>
  Buffer.concat([Buffer.from([0]), name(of), int32(23), int32(0)]);
const relation = message(
  'R',
  int32(7),
  name('public'),
  name('orders'),
  Buffer.from('d'),
  int16(2),
  column('id'),
  column('note'),
);
const begin = message('B', Buffer.from([0, 0, 0, 1, 0, 0, 0, 2]), Buffer.alloc(12));

const reader = (): ChangeReader => {
  const made = new ChangeReader();
  expect(made.read(begin)).toEqual([]);
  expect(made.read(relation)).toEqual([]);
  return made;
};

test('the position of the commit comes first', () => {
  expect(reader().commitLsn).toBe(0x1_0000_0002n);
});

test('an update that changes the key has both rows', () => {
  const update = message(
    'U',
    int32(7),
    Buffer.from('K'),
    tuple(text('1'), Buffer.from('n')),
    Buffer.from('N'),
    tuple(text('2'), text('é')),
  );
  expect(reader().read(update)).toEqual([
    {
      table,
      row: new Map([
        ['id', '1'],
        ['note', null],
      ]),
    },
    {
      table,
      row: new Map([
        ['id', '2'],
        ['note', 'é'],
      ]),
    },
  ]);
});

test('a value that was not changed is left out', () => {
  const update = message('U', int32(7), Buffer.from('N'), tuple(text('2'), Buffer.from('u')));
  expect(reader().read(update)).toEqual([{ table, row: new Map([['id', '2']]) }]);
});

test('a delete has the key, a truncate the tables', () => {
  const made = reader();
  expect(
    made.read(message('D', int32(7), Buffer.from('K'), tuple(text('3'), Buffer.from('n')))),
  ).toEqual([
    {
      table,
      row: new Map([
        ['id', '3'],
        ['note', null],
      ]),
    },
  ]);
  expect(made.read(message('T', int32(1), Buffer.from([0]), int32(7)))).toEqual({
    truncated: [table],
  });
});
