// What pg_dump does, for machines that have none: it takes its arguments and its environment as the real one does,
// refuses what steep must never pass, and prints the rows of one table at a snapshot. What it is told to get
// wrong is in FAKE_PG_DUMP, as JSON.

import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { Client } from 'pg';
import { to } from 'pg-copy-streams';
import { readConninfo } from '../../../src/model/connection/conninfo-text.ts';
import type { FakeDump } from './pg-dumps.ts';

const wrong = JSON.parse(process.env.FAKE_PG_DUMP ?? '{}') as FakeDump;

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const flag = (name: string): string => {
  const found = process.argv.find((word) => word.startsWith(`--${name}=`));
  if (found === undefined) throw new Error(`--${name} is missing`);
  return found.slice(name.length + 3);
};

const print = async (text: string | Buffer): Promise<void> => {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
};

const keywordsOf = (text: string): Readonly<Record<string, string | undefined>> => {
  const read = readConninfo(text);
  return read.ok ? read.keywords : {};
};

const connect = async (): Promise<Client> => {
  const { host, port, user, dbname, password, options } = keywordsOf(flag('dbname'));
  if (password !== undefined) throw new Error('a password on the command line');
  const client = new Client({
    host,
    port: Number(port),
    user,
    database: dbname,
    password: process.env.PGPASSWORD,
    options,
    application_name: 'fake pg_dump',
  });
  await client.connect();
  return client;
};

/** `"schema"."table"`, in quotes as a pattern of pg_dump. */
const tableOf = (pattern: string): readonly string[] =>
  [...pattern.matchAll(/"((?:[^"]|"")*)"/g)].map(([, name = '']) => name.replaceAll('""', '"'));

const doBeside = async (): Promise<void> => {
  if (wrong.beside === undefined) return;
  const client = await connect();
  await client.query("SET lock_timeout = '500ms'");
  await client.query(wrong.beside).catch((error: Error) => writeSync(2, `${error.message}\n`));
  await client.end();
};

const dump = async (): Promise<void> => {
  for (const word of [
    '--data-only',
    '--no-password',
    '--quote-all-identifiers',
    '--strict-names',
  ]) {
    if (!process.argv.includes(word)) throw new Error(`${word} is missing`);
  }
  const client = await connect();
  const [schema = '', table = ''] = tableOf(flag('table'));
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  await client.query(`SET TRANSACTION SNAPSHOT '${flag('snapshot')}'`);
  await client.query(`SET client_encoding = '${flag('encoding')}'`);
  const { rows } = await client.query<{ readonly name: string }>(
    `SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0
        AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`,
    [`${quoted(schema)}.${quoted(table)}`],
  );
  await doBeside();
  const name = `${quoted(schema)}.${quoted(table)}`;
  const list = rows.map((row) => quoted(row.name)).join(', ');
  await print(
    `--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\nSET row_security = off;\n\n`,
  );
  await print(`--\n-- Data for Name: ${table.replaceAll('\n', ' ')}; Type: TABLE DATA\n--\n\n`);
  await print(`COPY ${name} (${list}) FROM stdin;\n`);
  let sent = 0;
  for await (const chunk of client.query(to(`COPY ${name} (${list}) TO STDOUT`))) {
    await print(chunk as Buffer);
    sent += (chunk as Buffer).length;
    if (wrong.stopAfterBytes !== undefined && sent >= wrong.stopAfterBytes) await stop(client);
  }
  await print(
    `\\.\n\n\nSELECT pg_catalog.setval('"public"."a_seq"', 5, true);\n\n\\unrestrict abc\n`,
  );
  await client.end();
  await doBeside();
};

/** As told: with an error, by itself as if all were well, or it has stopped indefinitely. */
const stop = async (client: Client): Promise<void> => {
  if (wrong.how === 'trickle') {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return;
  }
  if (wrong.how === 'hang') await new Promise((resolve) => setTimeout(resolve, 600_000));
  // biome-ignore lint/nursery/noProcessExit: as a program that was wrong about its success.
  if (wrong.how === 'cut') process.exit(0);
  await client.end();
  writeSync(2, `pg_dump: error: no space left, password=${process.env.PGPASSWORD}\n`);
  // biome-ignore lint/nursery/noProcessExit: as a program that fails midway.
  process.exit(1);
};

if (process.argv.includes('--version')) {
  process.stdout.write(`pg_dump (PostgreSQL) ${wrong.version ?? '18.1 (Fake 18.1-1)'}\n`);
} else {
  await dump();
}
