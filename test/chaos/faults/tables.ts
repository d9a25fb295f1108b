// Faults of tables: rewritten or emptied on the source while they are copied, and changed on the target by another
// session between a run that was killed and the next.

import { repack } from '../../support/fakes/repack.ts';
import type { RandomNumbers } from '../../support/plans/random-numbers.ts';
import { type TestDatabase, testDatabase } from '../../support/servers/test-database.ts';
import { allTables } from '../scene.ts';
import { definitionOf, quoted, withoutTriggers } from '../tables.ts';
import type { World } from '../world.ts';
import { commitsTable } from '../writer.ts';
import { onlyIn, type RunFault, type Stage } from './fault.ts';
import { killed } from './steep.ts';

const rewritable = ({ scene }: World): readonly string[] =>
  scene.tables.filter(({ partitioned }) => !partitioned).map(({ name }) => name);

/** Runs beside the run: it may have to wait for locks of the copy. */
const beside = (
  kind: string,
  candidates: (world: World) => readonly string[],
  statement: (table: string, random: RandomNumbers) => string,
): RunFault => ({
  kind,
  late: true,
  fits: (scene) => kind !== 'cluster' || scene.tables.some(isClusterable),
  strike: async ({ description }, { world, random, later }) => {
    const names = candidates(world);
    if (names.length === 0) return null;
    const table = random.pick(names);
    const text = statement(table, random);
    // Of its own, since it may have to wait for a lock.
    const { name, conninfo } = world.source.database;
    const session = testDatabase(conninfo, name);
    const before = await fileOf(session, table);
    const work = async (): Promise<'struck' | 'missed'> => {
      try {
        await session.query(`SET lock_timeout = '15s'`);
        await session.query(text);
        return (await fileOf(session, table)) === before ? 'missed' : 'struck';
      } catch (error) {
        // Or another fault has ended its session.
        if (passing.test((error as { readonly code?: string }).code ?? '08')) return 'missed';
        throw error;
      } finally {
        await session.close().catch(() => undefined);
      }
    };
    later(work());
    return `${kind} of ${table} on the source ${description}`;
  },
});

/** lock_not_available, deadlock_detected, connections that are gone or refused, and names of TOAST tables that a repack has left. */
const passing = /^(55P03|40P01|08|57|E|42P07)/;

/** Another one after each rewrite. Of a table without partitions pg_partition_tree() knows nothing. */
const fileOf = async (database: TestDatabase, table: string): Promise<number> => {
  const [row] = await database.query<{ readonly file: number }>(
    `SELECT (COALESCE(pg_relation_filenode('${quoted(table)}')::int8, 0) + COALESCE((SELECT sum(pg_relation_filenode(relid)::int8)
       FROM pg_partition_tree('${quoted(table)}') WHERE isleaf), 0))::float8 AS file`,
  );
  return row?.file ?? 0;
};

/** What is left of the old table goes where no comparison looks. */
const repacked = (name: string, random: RandomNumbers): string =>
  [
    'CREATE SCHEMA IF NOT EXISTS repacked',
    repack(name),
    `ALTER TABLE ${name}_repacked RENAME TO former_${random.integer(1, 1_000_000_000)}`,
    // Under whatever name it has by now.
    `DO $$ DECLARE name text; BEGIN
       FOR name IN SELECT relname FROM pg_class WHERE relname LIKE 'former_%' AND relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
         EXECUTE format('ALTER TABLE public.%I SET SCHEMA repacked', name);
       END LOOP; END $$`,
  ].join('; ');

const isClusterable = ({ partitioned, identity }: World['scene']['tables'][number]): boolean =>
  !partitioned && identity !== 'full';

const clusterable = ({ scene }: World): readonly string[] =>
  scene.tables.filter(isClusterable).map(({ name }) => name);

/** After a kill, another session changes a table that the copy has begun, or finished, or not touched. */
const tampered = (
  kind: string,
  statement: (table: string, world: World) => string,
  candidates: (world: World) => readonly string[] = ({ scene }) => allTables(scene),
  needsRows = !['wrong-rows', 'recreate-table'].includes(kind),
): RunFault => ({
  kind: `kill+${kind}`,
  late: true,
  // A table that was ready before is none of the copy's business.
  fits: (scene, act) =>
    onlyIn('copy', 'force', 'full')(scene, act) &&
    (kind !== 'recreate-table' || leaves(scene).length > 0),
  ends: true,
  strike: killed,
  between: async ({ world, random }: Stage) => {
    const { name, database } = random.pick(world.targets);
    if (await isSubscribed(database)) return null;
    const rows = new Map<string, number>();
    for (const table of candidates(world)) {
      const [there] = await database.query<{ readonly n: number }>(
        `SELECT count(*)::int AS n FROM ${quoted(table)}`,
      );
      rows.set(table, there?.n ?? 0);
    }
    const filled = [...rows.keys()].filter((table) => rows.get(table) !== 0);
    const there = needsRows ? filled : [...rows.keys()];
    if (there.length === 0) return null;
    const table = random.pick(filled.length > 0 ? filled : there);
    await database.query(statement(table, world));
    return `${kind} of ${table} on ${name}, which held ${rows.get(table)} rows`;
  },
});

/** Then the copy is over, or PostgreSQL's own, and who changes rows has changed a replica. */
const isSubscribed = async (database: TestDatabase): Promise<boolean> => {
  const found = await database.query(
    `SELECT FROM pg_subscription AS s JOIN pg_database AS d ON d.oid = s.subdbid WHERE d.datname = current_database()`,
  );
  return found.length > 0;
};

/** Tables that no other refers to. */
const leaves = (scene: World['scene']): readonly string[] =>
  scene.tables
    .filter(({ name }) => scene.tables.every(({ refersTo }) => refersTo !== name))
    .map(({ name }) => name);

const someRows = (name: string): string =>
  `ctid = ANY (ARRAY(SELECT ctid FROM ${name} LIMIT 3)) AND tableoid = (SELECT tableoid FROM ${name} LIMIT 1)`;

export const tableFaults: readonly RunFault[] = [
  beside('vacuum-full', rewritable, (name) => `VACUUM FULL ${quoted(name)}`),
  beside('cluster', clusterable, (name) => `CLUSTER ${quoted(name)}`),
  beside(
    'truncate',
    ({ scene }) => leaves(scene),
    (name) => `TRUNCATE ${quoted(name)}`,
  ),
  beside(
    'alter-table',
    rewritable,
    (name) => `ALTER TABLE ${quoted(name)} ALTER COLUMN note TYPE text USING note || ''`,
  ),
  // The fake knows names without quotes only.
  beside('repack', (world) => rewritable(world).filter((name) => /^t\d$/.test(name)), repacked),
  tampered('empty-table', (table) => withoutTriggers(`DELETE FROM ${quoted(table)}`)),
  tampered('delete-rows', (table) =>
    withoutTriggers(`DELETE FROM ${quoted(table)} WHERE ${someRows(quoted(table))}`),
  ),
  tampered('update-rows', (table) => {
    const change = table === commitsTable ? 'n = -n - 1' : `note = 'changed by another session'`;
    return withoutTriggers(
      `UPDATE ${quoted(table)} SET ${change} WHERE ${someRows(quoted(table))}`,
    );
  }),
  tampered(
    'wrong-rows',
    () => `INSERT INTO ${commitsTable} SELECT 9, n FROM generate_series(1, 20) AS n`,
    () => [commitsTable],
  ),
  tampered(
    'recreate-table',
    (name, { scene }) => {
      const table = scene.tables.find((one) => one.name === name);
      return `DROP TABLE ${quoted(name)}; ${table === undefined ? '' : definitionOf(table)}`;
    },
    // The key that a foreign key needs may be one that the copy makes later.
    ({ scene }) =>
      leaves(scene).filter((name) =>
        scene.tables.some((table) => table.name === name && table.refersTo === null),
      ),
  ),
];
