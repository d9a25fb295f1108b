// Whether both ends hold the same rows, and whether steep has left nothing behind. With queries of its own: what steep
// thinks of rows and objects proves nothing here.

import type { TestDatabase } from '../support/servers/test-database.ts';
import { waitFor } from '../support/servers/wait.ts';
import { publishedTables } from './scene.ts';
import { quoted } from './tables.ts';
import type { Node, World } from './world.ts';

/** Text of values must not depend on what a play has set. */
const pinned = `SET search_path = public; SET extra_float_digits = 3; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres';
  SET bytea_output = 'hex'; SET timezone = 'UTC'; SET array_nulls = on; SET xmloption = 'content'; SET lc_monetary = 'C'`;

/** Each row as text, in the order of the names of its columns. */
const rowsOf = async (database: TestDatabase, table: string): Promise<readonly string[]> => {
  const columns = await database.query<{ readonly name: string }>(
    `SELECT attname AS name FROM pg_attribute
      WHERE attrelid = '${quoted(table)}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname`,
  );
  const list = columns.map(({ name }) => quoted(name)).join(', ');
  const rows = await database.query<{ readonly row: string }>(
    `SELECT ROW(${list})::text AS row FROM ${quoted(table)}`,
  );
  return rows.map(({ row }) => row).sort();
};

/** The rows of `a` that `b` lacks; both sorted. */
const missingFrom = (a: readonly string[], b: readonly string[]): readonly string[] => {
  const left = new Map<string, number>();
  for (const row of b) left.set(row, (left.get(row) ?? 0) + 1);
  return a.filter((row) => {
    const count = left.get(row) ?? 0;
    left.set(row, count - 1);
    return count <= 0;
  });
};

/** What differs, in words; the application must have stopped, and the subscribers have everything. */
export const differencesOf = async (world: World): Promise<readonly string[]> => {
  const found: string[] = [];
  await world.source.database.query(pinned);
  for (const { database } of world.targets) await database.query(pinned);
  for (const table of publishedTables(world)) {
    const here = await rowsOf(world.source.database, table);
    for (const { name, database } of world.targets) {
      const there = await rowsOf(database, table);
      const missing = missingFrom(here, there);
      const extra = missingFrom(there, here);
      if (missing.length + extra.length === 0) continue;
      found.push(
        `${table}: of ${here.length} rows ${missing.length} are missing on ${name}, and ${extra.length} are only there:` +
          ` ${[...missing.slice(0, 2).map((row) => `-${row}`), ...extra.slice(0, 2).map((row) => `+${row}`)].join(' ')}`,
      );
    }
  }
  return found;
};

/** Until every subscriber has confirmed what was written up to now, and every table is ready. */
export const caughtUp = async (world: World): Promise<void> => {
  const nodes = [world.source, ...world.targets];
  for (const node of nodes) {
    const [position] = await node.database.query<{ readonly lsn: string }>(
      'SELECT pg_current_wal_insert_lsn()::text AS lsn',
    );
    const behind = async () =>
      node.database.query<{ readonly slot_name: string }>(
        `SELECT slot_name::text FROM pg_replication_slots
          WHERE database = current_database() AND slot_type = 'logical'
            AND slot_name NOT LIKE 'steep_snapshot_%' AND confirmed_flush_lsn < '${position?.lsn}'`,
      );
    await waitFor(
      `subscribers of ${node.name} to catch up`,
      async () => (await behind()).length === 0,
      {
        timeoutMs: 120_000,
        everyMs: 100,
      },
    );
  }
  for (const node of nodes) {
    await waitFor(
      `tables of ${node.name} to be ready`,
      async () => (await unready(node)).length === 0,
      {
        timeoutMs: 120_000,
        everyMs: 100,
      },
    );
  }
};

const unready = ({ database }: Node) =>
  database.query(
    `SELECT FROM pg_subscription_rel AS r JOIN pg_subscription AS s ON s.oid = r.srsubid
      WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND r.srsubstate <> 'r'`,
  );

/** Indexes, constraints, triggers and columns, which a copy must leave as they were. */
export const shapeOf = async ({ targets, source }: World): Promise<readonly string[]> => {
  const lines: string[] = [];
  for (const { name, database } of [source, ...targets]) {
    const rows = await database.query<{ readonly line: string }>(
      `SELECT concat_ws(' ', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisclustered, i.indisreplident) AS line
         FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace
       UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated)
         FROM pg_constraint WHERE connamespace = 'public'::regnamespace
       UNION ALL SELECT concat_ws(' ', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger AS t
          JOIN pg_class AS c ON c.oid = t.tgrelid WHERE NOT tgisinternal AND c.relnamespace = 'public'::regnamespace
       UNION ALL SELECT concat_ws(' ', oid::regclass, relkind, relpersistence, relreplident) FROM pg_class
          WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
       ORDER BY 1`,
    );
    lines.push(...rows.map(({ line }) => `${name}: ${line}`));
  }
  return lines;
};

/** Last values of the sequences of a node. */
export const sequencesOf = async ({ database }: Node): Promise<ReadonlyMap<string, number>> => {
  const rows = await database.query<{ readonly name: string; readonly last: string | null }>(
    `SELECT sequencename AS name, last_value::text AS last FROM pg_sequences WHERE schemaname = 'public'`,
  );
  return new Map(rows.map(({ name, last }) => [name, Number(last ?? 0)]));
};

/** How many of each kind of object there are that steep makes. */
export const countMade = async (world: World): Promise<Readonly<Record<string, number>>> => {
  const made: Record<string, number> = {};
  for (const { name, database } of [world.source, ...world.targets]) {
    const [row] = await database.query<Readonly<Record<string, number>>>(
      `SELECT (SELECT count(*)::int FROM pg_publication) AS publications,
              (SELECT count(*)::int FROM pg_subscription WHERE subdbid = d.oid) AS subscriptions,
              (SELECT count(*)::int FROM pg_replication_slots WHERE database = d.datname) AS slots,
              (SELECT count(*)::int FROM pg_replication_origin AS o
                WHERE NOT EXISTS (SELECT FROM pg_subscription AS s WHERE o.roname LIKE 'pg_' || s.oid || '%')) AS stray_origins
         FROM pg_database AS d WHERE d.datname = current_database()`,
    );
    for (const [what, count] of Object.entries(row ?? {})) made[`${name} ${what}`] = count;
    for (const table of ['copy_chunks', 'copy_postponed', 'copy_attempts']) {
      made[`${name} ${table}`] = await countRows(database, table);
    }
  }
  return made;
};

const countRows = async (database: TestDatabase, table: string): Promise<number> => {
  const [there] = await database.query<{ readonly there: boolean }>(
    `SELECT to_regclass('steep_repl.${table}') IS NOT NULL AS there`,
  );
  if (there?.there !== true) return 0;
  const [row] = await database.query<{ readonly n: number }>(
    `SELECT count(*)::int AS n FROM steep_repl.${table}`,
  );
  return row?.n ?? 0;
};

/** The same of a world in which nothing went wrong. */
export const expectedCounts = ({ scene, targets }: World): Readonly<Record<string, number>> => {
  const expected: Record<string, number> = {};
  const pair = scene.shape === 'pair';
  for (const name of ['source', ...targets.map((target) => target.name)]) {
    const isSource = name === 'source';
    const anchors = isSource && scene.init === 'two_phase' ? 1 : 0;
    expected[`${name} publications`] = isSource || pair ? 1 : 0;
    expected[`${name} subscriptions`] = !isSource || pair ? 1 : 0;
    expected[`${name} slots`] = (isSource ? targets.length : pair ? 1 : 0) + anchors;
    for (const nothing of ['stray_origins', 'copy_chunks', 'copy_postponed', 'copy_attempts'])
      expected[`${name} ${nothing}`] = 0;
  }
  return expected;
};
