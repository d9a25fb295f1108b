// A two-way pair of databases, `us` with rows and `eu` without, and applications that write on both sides:
// odd keys on us, even ones on eu.

import { hashesOf, waitForSameRows } from '../hashes.ts';
import { onTestFinished } from '../servers/clean-up.ts';
import { cluster, type TestDatabase, type TestServer } from '../servers/cluster.ts';
import { waitFor } from '../servers/wait.ts';
import { createProject, type Project } from './project.ts';
import { startWriter, type Writer } from './writer.ts';

export interface PairWorld {
  readonly project: Project;
  readonly us: TestDatabase;
  readonly eu: TestDatabase;
  /** Of the pair in steep.yaml; slots are names of the whole server. */
  readonly name: string;
}

export interface PairServers {
  readonly us: TestServer;
  readonly eu: TestServer;
}

/** `accounts` has a key; of `log` a row that arrives twice is there twice. */
const accounts = { schema: 'public', name: 'accounts' } as const;
const log = { schema: 'public', name: 'log' } as const;

const schema = `
  CREATE TABLE accounts (id int PRIMARY KEY, note text);
  CREATE TABLE log (id int, note text);
  ALTER TABLE log REPLICA IDENTITY FULL`;

/** Both tables with a thousand odd rows on us. Nothing is applied yet. */
export async function createPair(servers: PairServers): Promise<PairWorld> {
  const us = await servers.us.createDatabase();
  const eu = await servers.eu.createDatabase();
  onTestFinished(async () => {
    await Promise.all([us, eu].map((database) => database.dropSubscriptions()));
    await Promise.all([us, eu].map((database) => database.drop()));
  });
  for (const database of [us, eu]) {
    await database.query(schema);
    // Small transactions are sent while they run, as large ones are.
    await database.query(`ALTER DATABASE ${database.name} SET logical_decoding_work_mem = '64kB'`);
  }
  for (const table of ['accounts', 'log']) {
    await us.query(
      `INSERT INTO ${table} SELECT 2 * n + 1, repeat('us ', 50) FROM generate_series(0, 999) AS n`,
    );
  }
  const name = `pair_${us.name}`;
  const project = await createProject(
    { us: us.url, eu: eu.url },
    pairOf(name, ['accounts', 'log']),
  );
  return { project, us, eu, name };
}

/** steep.yaml with these tables. */
export const pairOf = (
  name: string,
  tables: readonly string[],
  streaming: 'on' | 'parallel' = 'parallel',
) => ({
  pairs: { [name]: { nodes: ['us', 'eu'], tables, options: { streaming } } },
});

export const onServers = async (us: number, eu: number): Promise<PairServers> => ({
  us: await cluster.server(us),
  eu: await cluster.server(eu),
});

/** Inserts, updates and deletes rows of its own parity; every twentieth statement is a large one. */
export const writeTo = (
  database: TestDatabase,
  table: 'accounts' | 'log',
  parity: 'odd' | 'even',
): Promise<Writer> => {
  const own = parity === 'odd' ? 1 : 0;
  const id = (turn: number): number => 100_000 + 2 * turn + own;
  return startWriter(database, (turn) => {
    if (turn % 20 === 0) {
      return `INSERT INTO ${table} SELECT 2000000 + 1000 * ${turn} + 2 * n + ${own}, repeat('large ', 40) FROM generate_series(0, 399) AS n`;
    }
    if (turn % 7 === 0) return `DELETE FROM ${table} WHERE id = ${id(turn - 3)}`;
    if (turn % 3 === 0) return `UPDATE ${table} SET note = 'changed' WHERE id = ${id(turn - 1)}`;
    return `INSERT INTO ${table} VALUES (${id(turn)}, '${parity} ${turn}')`;
  });
};

/** Until a writer has gone on for so many statements. */
export const waitForWrites = async (writer: Writer, more: number): Promise<void> => {
  const goal = writer.written() + more;
  await waitFor(`${more} more statements`, () => Promise.resolve(writer.written() >= goal));
};

/** Both sides the same, nothing twice, nothing failed. */
export const assertEqual = async ({ us, eu }: PairWorld): Promise<void> => {
  await waitForSameRows(us, eu, [accounts, log]);
  for (const database of [us, eu]) {
    const [twice] = await database.query<{ readonly n: number }>(
      'SELECT (count(*) - count(DISTINCT id))::int AS n FROM log',
    );
    if (twice?.n !== 0) throw new Error(`${database.name}: ${twice?.n} rows are there twice`);
    const failed = await database.query(
      `SELECT s.subname, apply_error_count, sync_error_count FROM pg_stat_subscription_stats
         JOIN pg_subscription s ON s.oid = subid JOIN pg_database d ON d.oid = s.subdbid
        WHERE datname = current_database() AND apply_error_count + sync_error_count > 0`,
    );
    if (failed.length > 0) throw new Error(`${database.name}: ${JSON.stringify(failed)}`);
  }
};

/** Where every row is: a change that came back would have left another version of it. */
const versionsOf = (database: TestDatabase): Promise<readonly unknown[]> =>
  database.query('SELECT id, xmin::text, ctid::text FROM accounts ORDER BY id');

/**
 * Nothing goes round: after a row of each side has made its way to the other, in the order of commits behind
 * all that was written before, no row has another version than before.
 */
export const changesOfARoundTrip = async ({ us, eu }: PairWorld): Promise<readonly unknown[]> => {
  await us.query(`UPDATE accounts SET note = 'last' WHERE id <= 9`);
  await waitForSameRows(us, eu, [accounts]);
  const before = await Promise.all([us, eu].map(versionsOf));
  for (const [from, to, id] of [
    [eu, us, -2],
    [us, eu, -1],
    [eu, us, -4],
  ] as const) {
    await from.query(`INSERT INTO accounts VALUES (${id}, 'marker')`);
    await waitFor('a marker', async () => {
      return (await to.query(`SELECT FROM accounts WHERE id = ${id}`)).length > 0;
    });
  }
  const after = await Promise.all([us, eu].map(versionsOf));
  const known = new Set(before.flatMap((rows, side) => rows.map((row) => key(side, row))));
  return after.flatMap((rows, side) =>
    rows.filter((row) => !known.has(key(side, row)) && !isMarker(row)),
  );
};

const key = (side: number, row: unknown): string => `${side} ${JSON.stringify(row)}`;

const isMarker = (row: unknown): boolean => (row as { readonly id: number }).id < 0;

export const rowsOf = (database: TestDatabase) => hashesOf(database, [accounts, log]);
