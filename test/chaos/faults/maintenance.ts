// Maintenance of others beside a run: whatever an administrator does at night, on both ends, for as long as the run takes.
// None of it changes a row, but for TRUNCATE, which is replicated.

import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { type RandomNumbers, randomNumbers } from '../../support/plans/random-numbers.ts';
import { urlOf } from '../../support/servers/test-database.ts';
import { shortened } from '../moment.ts';
import { leavesOf, quoted } from '../tables.ts';
import type { Node, World } from '../world.ts';
import type { RunFault } from './fault.ts';

type Task = (table: string, world: World, random: RandomNumbers) => string | null;

const find = ({ scene }: World, name: string) => scene.tables.find((table) => table.name === name);

const isReferredTo = ({ scene }: World, name: string): boolean =>
  scene.tables.some(({ refersTo }) => refersTo === name);

/** Of either end. */
const anywhere: readonly Task[] = [
  (name) => `VACUUM (FULL, ANALYZE) ${quoted(name)}`,
  (name) => `VACUUM (FREEZE) ${quoted(name)}`,
  (name) => `ANALYZE ${quoted(name)}`,
  (name) => `REINDEX TABLE ${quoted(name)}`,
  (name, world) => {
    const table = find(world, name);
    const isClusterable = table?.partitioned === false && table.identity !== 'full';
    return isClusterable ? `CLUSTER ${quoted(name)}` : null;
  },
  (name, world) =>
    find(world, name)?.partitioned === true
      ? null
      : `ALTER TABLE ${quoted(name)} SET (autovacuum_enabled = false)`,
  (name) => `ALTER TABLE ${quoted(name)} ALTER note SET STATISTICS 200`,
  (name) => `COMMENT ON TABLE ${quoted(name)} IS 'maintained'`,
  // The same name again, and the same table.
  (name) =>
    `BEGIN; ALTER TABLE ${quoted(name)} RENAME TO maintained; ALTER TABLE maintained RENAME TO ${quoted(name)}; COMMIT`,
  () => 'CHECKPOINT',
  () => 'SELECT pg_switch_wal()',
  () => 'SELECT pg_stat_reset()',
];

const ofSource: readonly Task[] = [
  (name, world) =>
    isReferredTo(world, name) || find(world, name)?.partitioned !== false
      ? null
      : `TRUNCATE ${quoted(name)}`,
  (name, world) => {
    if (find(world, name)?.partitioned !== true) return null;
    const [low = ''] = leavesOf(name).map(quoted);
    return `BEGIN; ALTER TABLE ${quoted(name)} DETACH PARTITION ${low};
      ALTER TABLE ${quoted(name)} ATTACH PARTITION ${low} FOR VALUES FROM (MINVALUE) TO (3000); COMMIT`;
  },
  (name) => `ALTER TABLE ${quoted(name)} ALTER COLUMN note TYPE text USING note || ''`,
  // A long transaction with an xid of its own.
  () => `BEGIN; SELECT pg_current_xact_id(); SELECT pg_sleep(1.5); COMMIT`,
  () => "SELECT pg_create_physical_replication_slot('maintenance', true, true)",
  () => `SELECT pg_logical_emit_message(true, 'maintenance', 'x')`,
];

const passing = /^(55P03|40P01|40001|23503|25|08|57|58|42P07|42710|42704|53|XX|E)/;

/** @returns what was done; what fails for a lock, or since a server went away, was not. */
const maintain = async (
  { database, name }: Node,
  tasks: readonly Task[],
  world: World,
  random: RandomNumbers,
  until: Promise<unknown>,
): Promise<readonly string[]> => {
  const done: string[] = [];
  let ended = false;
  void until.finally(() => {
    ended = true;
  });
  const client = new Client({ connectionString: urlOf(database.conninfo) });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(`SET lock_timeout = '2s'; SET search_path = public`);
    for (let turn = 0; turn < most && !ended; turn += 1) {
      const statement = random.pick(tasks)(random.pick(world.scene.tables).name, world, random);
      if (statement === null) continue;
      try {
        await client.query(statement);
        done.push(`${shortened(statement)} on ${name}`);
      } catch (error) {
        if (!passing.test((error as { readonly code?: string }).code ?? '08')) throw error;
        await client.query('ROLLBACK');
      }
      await sleep(random.integer(0, 150));
    }
  } catch (error) {
    if (!passing.test((error as { readonly code?: string }).code ?? '08')) throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
  return done;
};

const most = 60;

/** Partitions that change are not checked where PostgreSQL copies: a plan says so. */
const isChecked: RunFault['fits'] = ({ init, viaRoot, tables }) =>
  !(viaRoot && init !== 'parallel' && tables.some(({ partitioned }) => partitioned));

export const maintenanceFaults: readonly RunFault[] = [
  {
    kind: 'maintenance',
    fits: isChecked,
    strike: ({ description }, { world, run, random, later }) => {
      const [target] = world.targets;
      if (target === undefined) return Promise.resolve(null);
      // Each with numbers of its own: they run side by side.
      const numbers = (): RandomNumbers => randomNumbers(random.integer(1, 1_000_000_000));
      const [here, there] = [numbers(), numbers()];
      later(
        Promise.all([
          maintain(world.source, [...anywhere, ...ofSource], world, here, run.result),
          maintain(target, anywhere, world, there, run.result),
        ]).then((done) => (done.flat().length === 0 ? 'missed' : 'struck')),
      );
      return Promise.resolve(`maintenance on both ends ${description}`);
    },
  },
];
