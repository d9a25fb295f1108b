// What pg_dump is told of a connection: the same as steep uses, and the password not on its command line.

import { expect, test } from 'vitest';
import { readConninfo } from '../../../../src/model/connection/conninfo-text.ts';
import { parseConninfo } from '../../../../src/postgres/connect/conninfo-text.ts';
import { dumpConnection } from '../../../../src/postgres/connect/dump-connection.ts';
import { dumpArguments } from '../../../../src/postgres/connect/pg-dump.ts';

const told = async (text: string, environment: Readonly<Record<string, string>> = {}) => {
  const conninfo = parseConninfo(text);
  if (conninfo === null) throw new Error('no conninfo');
  const { conninfo: sent, environment: given } = await dumpConnection(
    conninfo,
    'steep run-1',
    environment,
  );
  const read = readConninfo(sent);
  return { sent, keywords: read.ok ? read.keywords : {}, given };
};

test('the password is in its environment alone', async () => {
  const { sent, given } = await told('postgresql://ada:s3cret%20word@10.0.0.4:5433/app');
  expect(sent).not.toContain('s3cret');
  expect(given.PGPASSWORD).toBe('s3cret word');
});

test('everything that leads to the server and makes it safe is there', async () => {
  const { keywords } = await told(
    `host=10.0.0.4 port=5433 dbname='my app' user=ada sslmode=verify-full sslrootcert='/my ca.pem' sslcert=/c sslkey=/k connect_timeout=7 options='-c role=reader' keepalives_idle=9`,
  );
  expect(keywords).toMatchObject({
    host: '10.0.0.4',
    port: '5433',
    dbname: 'my app',
    user: 'ada',
    sslmode: 'verify-full',
    sslrootcert: '/my ca.pem',
    sslcert: '/c',
    sslkey: '/k',
    connect_timeout: '7',
    keepalives_idle: '9',
    application_name: 'steep run-1',
  });
  expect(keywords.options).toMatch(
    /^-c role=reader .*-c lc_monetary=C .*-c default_transaction_read_only=on$/,
  );
});

test('variables of libpq do not lead it elsewhere', async () => {
  const { given, keywords } = await told('host=10.0.0.4 dbname=app user=ada', {
    PATH: '/bin',
    PGHOSTADDR: '10.9.9.9',
    PGSERVICE: 'other',
    PGOPTIONS: '-c search_path=other',
    PGSSLMODE: 'require',
  });
  expect(Object.keys(given).toSorted()).toEqual(['LC_ALL', 'PATH', 'PGHOST', 'PGPORT']);
  expect(keywords).toMatchObject({ host: '10.0.0.4', port: '5432', sslmode: 'require' });
});

test('a name with quotes, dots and wildcards means one table', () => {
  const table = { schema: 'a.b', name: 'x"*?' };
  expect(dumpArguments('dbname=app', { table, snapshot: '0-1' }).slice(-2)).toEqual([
    '--snapshot=0-1',
    '--table="a.b"."x""*?"',
  ]);
});
