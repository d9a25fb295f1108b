// Connection strings as libpq reads them.

import { expect, test } from 'vitest';
import { Conninfo } from '../../../src/model/conninfo.ts';
import { conninfoKeywords, parseConninfo } from '../../../src/postgres/conninfo-text.ts';

test.each([
  ['host=a port=5432 dbname=x', { host: 'a', port: '5432', dbname: 'x' }],
  ["password = 'it\\'s \\\\ me'  host=a", { password: "it's \\ me", host: 'a' }],
  ['password=a\\ b', { password: 'a b' }],
  ["options=''", { options: '' }],
  ['', {}],
  [
    'postgresql://u:p%40w@h:6000/db?sslmode=require',
    { user: 'u', password: 'p@w', host: 'h', port: '6000', dbname: 'db', sslmode: 'require' },
  ],
  ['postgres://h1:1,h2:2/db', { host: 'h1,h2', port: '1,2', dbname: 'db' }],
  ['postgresql://[::1]:5433/db', { host: '::1', port: '5433', dbname: 'db' }],
  ['postgresql:///db?host=/tmp&ssl=true', { dbname: 'db', host: '/tmp', sslmode: 'require' }],
])('%s', (text, keywords) => {
  expect(conninfoKeywords(text)).toEqual(keywords);
});

test.each(["host='open", 'host', 'a b', 'postgresql://%zz@h/db'])('%s cannot be read', (text) => {
  expect(parseConninfo(text)).toBeNull();
});

test('reads back what Conninfo writes', () => {
  const conninfo = new Conninfo({ host: 'a', password: "it's a \\ 'p w'", dbname: 'x y' });
  expect(parseConninfo(conninfo.text)?.text).toBe(conninfo.text);
});
