// Tables that a copy had finished, and that others changed before the subscription was enabled: between a kill and the
// same command again, and while the copy ran. None of them is taken for a copy of its source.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { firstByDay, isAtNight, type MajorPair, majors } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createWorld, shapeOf, tables, type World } from './twelve-tables.ts';

const oldest = Math.min(...majors);
const newest = Math.max(...majors);

/** So many that each of the first seven is loaded alone, and the last one in company of the others. */
const rowsOf = (index: number): number => {
  if (index < 7) return 40_000;
  return index === 7 ? 35_000 : 300;
};

const worldOn = async ([from, to]: MajorPair): Promise<World> =>
  createWorld(await cluster.server(from), await cluster.server(to), rowsOf);

const applying = ['apply', '--auto-approve', '--wait-for-lock', '30s'] as const;

/** An apply that has finished t0 to t6, and cannot fill the others until the lock is gone. */
async function midway({ project, subscriber }: World, ...flags: readonly string[]) {
  const lock = await holdTransaction(subscriber, 'LOCK TABLE t11 IN SHARE MODE');
  const run = project.start(...applying, '--json', '--lock-retries', '100', ...flags);
  await run.until(({ event }) => event === 'init.table_complete');
  await waitFor('seven tables are there', async () => {
    const [row] = await subscriber.query<{ readonly n: number }>(
      'SELECT count(DISTINCT table_name)::int AS n FROM steep_repl.copy_chunks',
    );
    return row?.n === 7;
  });
  return { run, lock };
}

/** As a user would who may: foreign keys are not in the way. */
const change = ({ subscriber }: World, ...statements: readonly string[]) =>
  subscriber.query(`SET session_replication_role = replica; ${statements.join('; ')}`);

const dropAndCreate = `
  ALTER TABLE t6 DROP CONSTRAINT t6_ref_fkey;
  DROP TABLE t5;
  CREATE TABLE t5 (id int PRIMARY KEY, ref int, note text NOT NULL, amount numeric(12, 2), at timestamptz DEFAULT now());
  CREATE INDEX t5_note ON t5 (note) WHERE amount > 10;
  CREATE UNIQUE INDEX t5_at ON t5 (id, at);
  ALTER TABLE t5 ADD FOREIGN KEY (ref) REFERENCES t4 (id) DEFERRABLE;
  ALTER TABLE t6 ADD FOREIGN KEY (ref) REFERENCES t5 (id) DEFERRABLE NOT VALID`;

async function expectInStep(world: World, shape: unknown): Promise<void> {
  await waitForSameRows(world.publisher, world.subscriber, tables);
  expect(await shapeOf(world)).toEqual(shape);
  expect((await world.project.steep('plan')).stdout).toMatch(/^No changes\. /m);
}

test.each(
  firstByDay<MajorPair>([
    [newest, oldest],
    [oldest, newest],
  ]),
)(
  '%i to %i: what was changed between a kill and the same command again is copied again',
  async (from, to) => {
    const world = await worldOn([from, to]);
    const shape = await shapeOf(world);
    const { run, lock } = await midway(world);
    run.kill('SIGKILL');
    await run.result;
    await lock.commit();
    await change(
      world,
      'DELETE FROM t1',
      'DELETE FROM t2 WHERE id = 2000',
      `UPDATE t3 SET note = 'mine' WHERE id = 2000`,
      `INSERT INTO t4 (id, note) VALUES (-1, 'mine')`,
      dropAndCreate,
    );
    const plan = (await world.project.steep('plan')).stdout;
    expect(plan).toMatch(/t1\b.*initial copy by PostgreSQL, again: rows are missing/);
    expect(plan).toMatch(/t2\b.*initial copy by PostgreSQL, again: rows are missing/);
    expect(plan).toMatch(/t3\b.*, again: rows were inserted or updated after the copy/);
    expect(plan).toMatch(/t4\b.*, again: rows were inserted or updated after the copy/);
    expect(plan).toMatch(/t5\b.*, again: the subscriber has another table of this name/);
    expect(plan).toMatch(/t6\b.*copied already/);
    expect(plan).toContain('of these, changed by others since then: public.t1');
    const again = await world.project.steep(...applying);
    expect(again.code, again.stdout + again.stderr).toBe(0);
    await waitForSameRows(world.publisher, world.subscriber, tables);
    await world.subscriber.query('ALTER TABLE t6 VALIDATE CONSTRAINT t6_ref_fkey');
    await expectInStep(world, shape);
  },
);

test('a table that changes while the copy runs ends it, and the same command finishes', async () => {
  const world = await worldOn([newest, newest]);
  const shape = await shapeOf(world);
  const { run, lock } = await midway(world);
  await change(world, `UPDATE t3 SET note = 'mine' WHERE id = 2000`);
  await lock.commit();
  const { code, stdout } = await run.result;
  expect(code, stdout).toBe(6);
  expect(await run.until(({ event }) => event === 'run.step_failed')).toMatchObject({
    code: 'COPY_CHANGED',
    message: expect.stringContaining('public.t3 (') as unknown,
  });
  expect(await world.subscriber.query(subscriptions)).toEqual([]);
  const again = await world.project.steep(...applying);
  expect(again.code, again.stdout + again.stderr).toBe(0);
  await expectInStep(world, shape);
});

const subscriptions = `SELECT FROM pg_subscription AS s JOIN pg_database AS d ON d.oid = s.subdbid
  WHERE d.datname = current_database()`;

test.runIf(isAtNight)('where every finished table was changed, the copy begins again', async () => {
  const world = await worldOn([newest, newest]);
  const shape = await shapeOf(world);
  const { run, lock } = await midway(world);
  run.kill('SIGKILL');
  await run.result;
  await lock.commit();
  await change(
    world,
    ...tables.slice(0, 7).map(({ name }) => `DELETE FROM ${name} WHERE id = 2000`),
  );
  const again = await world.project.steep(...applying);
  expect(again.code, again.stdout + again.stderr).toBe(0);
  expect(again.stdout).toMatch(/again: no table has the rows that it has copied/);
  await expectInStep(world, shape);
});

test.runIf(isAtNight)(
  'a table that changes between plan and end of a resumed copy is not kept either',
  async () => {
    const world = await worldOn([newest, newest]);
    const shape = await shapeOf(world);
    const { run, lock } = await midway(world);
    run.kill('SIGKILL');
    await run.result;
    await lock.commit();
    // The publication of the finished tables waits for this, and by then the plan is made.
    const holder = await holdTransaction(
      world.publisher,
      'LOCK TABLE t0 IN SHARE UPDATE EXCLUSIVE MODE',
    );
    const resumed = world.project.start(...applying, '--json', '--lock-retries', '100');
    await resumed.until(
      ({ event, kind }) => event === 'run.step_started' && kind === 'create-publication',
    );
    await change(world, 'DELETE FROM t6 WHERE id = 2000');
    await holder.commit();
    expect((await resumed.result).code).toBe(6);
    expect(await resumed.until(({ event }) => event === 'run.step_failed')).toMatchObject({
      code: 'COPY_CHANGED',
    });
    const again = await world.project.steep(...applying);
    expect(again.code, again.stdout + again.stderr).toBe(0);
    await expectInStep(world, shape);
  },
);

test('--no-check looks at nothing, and the report says so', async () => {
  const world = await worldOn([newest, newest]);
  const { run, lock } = await midway(world, '--no-check');
  await change(world, 'DELETE FROM t3 WHERE id = 2000');
  run.kill('SIGKILL');
  await run.result;
  await lock.commit();
  const again = await world.project.steep(...applying, '--no-check');
  expect(again.code, again.stdout + again.stderr).toBe(0);
  expect(again.stdout + again.stderr).toContain('The copied tables were not checked (--no-check)');
  expect(await world.subscriber.query('SELECT FROM t3 WHERE id = 2000')).toEqual([]);
});
