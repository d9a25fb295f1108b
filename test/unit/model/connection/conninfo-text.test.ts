// Connection strings as libpq reads them: a table, anything that steep writes, and psql itself where there is one.

import { spawn, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Conninfo } from '../../../../src/model/connection/conninfo.ts';
import { readConninfo } from '../../../../src/model/connection/conninfo-text.ts';
import { startFakePostgres } from '../../../support/fakes/fake-postgres.ts';

/** Null: libpq refuses it. */
const table: readonly (readonly [string, Readonly<Record<string, string>> | null])[] = [
  ['host=a port=5432 dbname=x', { host: 'a', port: '5432', dbname: 'x' }],
  ["password = 'it\\'s \\\\ me'  host=a", { password: "it's \\ me", host: 'a' }],
  ['password=a\\ b', { password: 'a b' }],
  ["options=''", { options: '' }],
  ["user='u'dbname=d", { user: 'u', dbname: 'd' }],
  ['user= dbname=d', { user: 'dbname=d' }],
  ["password=it's", { password: "it's" }],
  ['password=a\\', { password: 'a' }],
  ['dbname=a=b', { dbname: 'a=b' }],
  ['', {}],
  ['  ', {}],
  ["host='open", null],
  ['host', null],
  ['a b', null],
  [
    'postgresql://u:p%40w@h:6000/db?sslmode=require',
    { user: 'u', password: 'p@w', host: 'h', port: '6000', dbname: 'db', sslmode: 'require' },
  ],
  ['postgresql://u:p?w@h/db', { user: 'u', password: 'p?w', host: 'h', dbname: 'db' }],
  ['postgresql://u:p:w#1@h/db', { user: 'u', password: 'p:w#1', host: 'h', dbname: 'db' }],
  ['postgresql://u:@h', { user: 'u', host: 'h' }],
  ['postgresql://:p@h', { password: 'p', host: 'h' }],
  ['postgresql://u@', { user: 'u' }],
  ['postgresql://', {}],
  ['postgresql:///d', { dbname: 'd' }],
  ['postgresql://h/d?user=other', { host: 'h', dbname: 'd', user: 'other' }],
  ['postgresql://h?application_name=a+b', { host: 'h', application_name: 'a+b' }],
  ['postgresql://h/d?', { host: 'h', dbname: 'd' }],
  ['postgresql://h/d?user=u&', { host: 'h', dbname: 'd', user: 'u' }],
  ['postgresql://h/d#x', { host: 'h', dbname: 'd#x' }],
  ['postgres://h1:1,h2:2/db', { host: 'h1,h2', port: '1,2', dbname: 'db' }],
  ['postgres://h1,h2:2/db', { host: 'h1,h2', port: ',2', dbname: 'db' }],
  ['postgresql://[::1]:5433/db', { host: '::1', port: '5433', dbname: 'db' }],
  ['postgresql://%2Ftmp/db', { host: '/tmp', dbname: 'db' }],
  ['postgresql:///db?host=/tmp&ssl=true', { dbname: 'db', host: '/tmp', sslmode: 'require' }],
  ['postgresql://[::1/db', null],
  ['postgresql://[]/db', null],
  ['postgresql://[::1]x/db', null],
  ['postgresql://h/db?user', null],
  ['postgresql://h/db?user=a=b', null],
  ['postgresql://h/db?user=a&&dbname=b', null],
  ['postgresql://%zz@h/db', null],
  ['postgresql://u%00@h/db', null],
];

test.each(table)('%s', (text, keywords) => {
  const read = readConninfo(text);
  expect(read.ok ? read.keywords : null).toEqual(keywords);
});

test('what cannot be read is never quoted', () => {
  const read = readConninfo("password=canary-Fq7 host='open");
  expect(JSON.stringify(read)).not.toContain('canary');
});

const value = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 12 })
  .filter((text) => !text.includes('\0'));

test('reads back what Conninfo writes', () => {
  fc.assert(
    fc.property(fc.record({ host: value, password: value, dbname: value }), (keywords) => {
      expect(readConninfo(new Conninfo(keywords).text)).toEqual({ ok: true, keywords });
    }),
  );
});

const wellFormed = value.filter((text) => text.isWellFormed());

test('reads back what a URI encodes', () => {
  const encoded = fc.record({ user: wellFormed, password: wellFormed, dbname: wellFormed });
  fc.assert(
    fc.property(encoded, ({ user, password, dbname }) => {
      const [u, p, d] = [user, password, dbname].map(encodeURIComponent);
      const read = readConninfo(`postgresql://${u}:${p}@h/${d}`);
      expect(read).toEqual({ ok: true, keywords: { user, password, host: 'h', dbname } });
    }),
  );
});

const hasPsql = spawnSync('psql', ['--version']).status === 0;

/** What libpq makes of a string, as a server hears it; null: it refuses the string. */
const asPsqlReads = async (text: string) => {
  await using server = await startFakePostgres(['cleartext', 'ok']);
  const child = spawn('psql', ['-X', '-w', '-d', text, '-c', 'SELECT 1'], {
    env: {
      PATH: process.env.PATH,
      PGHOSTADDR: '127.0.0.1',
      PGPORT: String(server.port),
      PGUSER: 'nobody',
      PGPASSWORD: 'nothing',
      PGSSLMODE: 'disable',
    },
    stdio: 'ignore',
  });
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const answered = (async () => {
    while (server.answers.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  })();
  await Promise.race([ended, answered]);
  child.kill('SIGKILL');
  const { user, database } = server.startup();
  return user === undefined ? null : { user, database, password: server.answers[0] };
};

/** Those that lead to the fake server, whatever they name. */
const reachable = table.filter(
  ([, keywords]) =>
    keywords === null ||
    (keywords.port === undefined &&
      !/[/,]/.test(keywords.host ?? '') &&
      keywords.sslmode === undefined),
);

describe.runIf(hasPsql)('as psql reads', () => {
  test.each(reachable)('%s', async (text, keywords) => {
    // An empty text is a database's name to psql, and one without = is that too.
    if (!text.includes('=') && !text.startsWith('postgres')) return;
    const heard = await asPsqlReads(text);
    if (keywords === null) {
      expect(heard).toBeNull();
      return;
    }
    const user = keywords.user ?? 'nobody';
    expect(heard).toEqual({
      user,
      database: keywords.dbname ?? user,
      password: keywords.password ?? 'nothing',
    });
  });
});
