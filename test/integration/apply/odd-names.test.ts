// Names and filters that would break out of SQL that was not quoted: apply converges, the rows are the
// same on both sides, and nothing else has happened.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { lastByDay, majors } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createProject, type Topology } from '../../support/worlds/project.ts';

const attack = `"; DROP TABLE public.victim; --`;

/** 63 bytes, the last two of them one letter. */
const longest = `${'x'.repeat(61)}ü`;

const schemas = [`it's ${attack}`, `$$ ' \\ schema`, 'SELECT'] as const;
const tableNames = [`t'"\\$1 ${attack}`, longest, 'Ünï çødé 名前', '$body$', 'user'] as const;
const columns = { key: `key'"; \\`, text: `select $x$ ${attack}` } as const;

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const tables = schemas.flatMap((schema) => tableNames.map((name) => ({ schema, name })));

const sqlName = ({ schema, name }: (typeof tables)[number]): string =>
  `${quote(schema)}.${quote(name)}`;

/** A row for each side of the filter, with a value that looks like the end of a statement. */
const attackValue = `'; DROP TABLE public.victim; $$ \\ --`;
const literal = (value: string): string => ` E'${value.replace(/['\\]/g, '\\$&')}'`;

/** Row filters came with 15, and want their columns in the replica identity. */
const filterOf = (major: number): object => ({
  replica_identity: 'full',
  ...(major < 15 ? {} : { where: `${quote(columns.text)} <> ${literal(attackValue)}` }),
});

async function createTables(database: TestDatabase): Promise<void> {
  await database.query('CREATE TABLE victim (id int PRIMARY KEY)');
  for (const schema of schemas) await database.query(`CREATE SCHEMA ${quote(schema)}`);
  for (const table of tables) {
    await database.query(
      `CREATE TABLE ${sqlName(table)} (${quote(columns.key)} int PRIMARY KEY, ${quote(columns.text)} text)`,
    );
  }
}

async function insert(database: TestDatabase, key: number, text: string): Promise<void> {
  for (const table of tables) {
    await database.query(`INSERT INTO ${sqlName(table)} VALUES ($1, $2)`, [key, text]);
  }
}

const waitForLast = (subscriber: TestDatabase): Promise<boolean> =>
  waitFor('the last rows', async () => {
    const found = tables.map(
      (table) => `SELECT FROM ${sqlName(table)} WHERE ${quote(columns.key)} = 4`,
    );
    return (await subscriber.query(found.join(' UNION ALL '))).length === tables.length;
  });

const topologyOf = (major: number, slots: readonly string[]): Topology => ({
  publications: {
    [`pub ${attack}`]: {
      node: 'publisher',
      tables: tables.slice(0, 8).map((table) => ({ name: sqlName(table), ...filterOf(major) })),
    },
    [longest]: { node: 'publisher', tables: tables.slice(8).map(sqlName) },
  },
  subscriptions: {
    [`sub ' \\ $1 ${attack}`]: {
      node: 'subscriber',
      source: 'publisher',
      publications: [`pub ${attack}`],
      slot: slots[0],
    },
    [longest]: {
      node: 'subscriber',
      source: 'publisher',
      publications: [longest],
      slot: slots[1],
    },
  },
});

test.each(lastByDay([14, 18].filter((major) => majors.includes(major))))(
  'PostgreSQL %i',
  async (major) => {
    const server = await cluster.server(major);
    const publisher = await server.createDatabase();
    const subscriber = await server.createDatabase();
    for (const database of [publisher, subscriber]) await createTables(database);
    await insert(publisher, 1, `it's "fine" \\ $$`);
    // All that a slot's name may be: 63 of a-z, 0-9 and _.
    const slots = ['0_', '__'].map((start) => `${start}${publisher.name}`.padEnd(63, '_9z'));
    const project = await createProject(
      { publisher: publisher.url, subscriber: subscriber.url },
      topologyOf(major, slots),
    );
    await project.steep('plan', '--out', 'p');
    const applied = await project.steep('apply', 'p');
    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    await insert(publisher, 2, attackValue.slice(1));
    await waitForSameRows(publisher, subscriber, tables);
    expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);

    // What the filter names stays behind, and nothing was dropped.
    await insert(publisher, 3, attackValue);
    await insert(publisher, 4, 'the last');
    await waitForLast(subscriber);
    const [first] = tables.slice(0, 1).map(sqlName);
    expect(
      await subscriber.query(`SELECT ${quote(columns.key)} AS key FROM ${first} ORDER BY 1`),
    ).toEqual((major < 15 ? [1, 2, 3, 4] : [1, 2, 4]).map((key) => ({ key })));
    for (const database of [publisher, subscriber]) await database.query('TABLE victim');

    const { stderr, code } = await project.steep('status');
    expect(code, stderr).toBe(0);
  },
);
