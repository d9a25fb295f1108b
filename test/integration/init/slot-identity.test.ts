// An initial copy that was killed, and whose slot, source or publication is another one when the same command runs
// again: what belongs to no position any more is never continued, and the plan says why.

import { describe, expect, test } from 'vitest';
import type { CliResult } from '../../support/cli.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { firstByDay, isAtNight, majors, newestMajor } from '../../support/servers/majors.ts';
import {
  createTables,
  createWorld,
  killed,
  midway,
  names,
  tables,
  topologyOf,
  type World,
} from './interrupted-world.ts';

const apply = ({ project }: Pick<World, 'project'>, ...flags: readonly string[]) =>
  project.steep('apply', '--auto-approve', '--wait-for-lock', '30s', ...flags);

/** What arrives only if the position of the slot is the one at which the rows were read. */
const write = ({ publisher }: World): Promise<unknown> =>
  Promise.all(
    names.map((name) =>
      publisher.query(`INSERT INTO ${name} SELECT n, 'later' FROM generate_series(10001, 10200) n;
        UPDATE ${name} SET note = 'changed' WHERE id <= 100; DELETE FROM ${name} WHERE id BETWEEN 500 AND 600`),
    ),
  );

const expectEnd = async (world: World, result: CliResult): Promise<void> => {
  expect(result.code, result.stdout + result.stderr).toBe(0);
  await waitForSameRows(world.publisher, world.subscriber, tables);
  expect((await world.project.steep('plan')).stdout).toMatch(/^No changes\. /m);
};

const allow = (slot: string): readonly string[] => [
  '--allow-hazard',
  `SLOT_DROP=publisher/slot.${slot}`,
];

/** Refused by name, nothing changed; with consent the copy starts over and all rows are there. */
const expectConsent = async (world: World, why: string): Promise<void> => {
  const { project, slot } = world;
  const plan = (await project.steep('plan')).stdout;
  expect(plan).toContain('initial copy, again: ');
  expect(plan).toContain(why);
  const refused = await apply(world);
  expect(refused.code, refused.stdout + refused.stderr).toBe(3);
  expect(refused.stdout + refused.stderr).toContain(`SLOT_DROP=publisher/slot.${slot}`);
  await expectEnd(world, await apply(world, ...allow(slot)));
};

describe.each(firstByDay(majors))('after a kill, from %i:', (major) => {
  test.runIf(isAtNight)('a slot that was advanced is not continued', async () => {
    const world = await createWorld(major);
    await killed(world);
    await write(world);
    await world.publisher.query(
      `SELECT pg_replication_slot_advance('${world.slot}', pg_current_wal_lsn())`,
    );
    await expectConsent(world, 'past');
  });

  test('a slot that was dropped and created again is not continued', async () => {
    const world = await createWorld(major);
    await killed(world);
    await write(world);
    await world.publisher.query(`SELECT pg_drop_replication_slot('${world.slot}')`);
    await world.publisher.query(
      `SELECT pg_create_logical_replication_slot('${world.slot}', 'pgoutput')`,
    );
    await expectConsent(world, 'past');
  });

  test('a publication that was dropped and created again starts the copy over', async () => {
    const world = await createWorld(major);
    await killed(world);
    await world.publisher.query('DROP PUBLICATION sales');
    await write(world);
    await world.publisher.query(
      `CREATE PUBLICATION sales FOR TABLE ${names.join(', ')} WITH (publish_via_partition_root = true)`,
    );
    const plan = (await world.project.steep('plan')).stdout;
    expect(plan).toContain('initial copy, again: publication sales');
    await expectEnd(world, await apply(world));
  });

  test('a slot that nobody touched is continued', async () => {
    const world = await createWorld(major);
    await killed(world);
    await write(world);
    expect((await world.project.steep('plan')).stdout).toContain('# copied already');
    await expectEnd(world, await apply(world));
  });
});

test('another cluster with a slot of that name: tables of both are never mixed', async () => {
  const world = await createWorld(newestMajor);
  await killed(world);
  const server = await cluster.privateServer(newestMajor);
  const other = await server.createDatabase();
  await createTables(other);
  await other.query("INSERT INTO items SELECT n, 'other' FROM generate_series(1, 700) n");
  await other.query(`SELECT pg_create_logical_replication_slot('${world.slot}', 'pgoutput')`);
  await other.query(
    `CREATE PUBLICATION sales FOR TABLE ${names.join(', ')} WITH (publish_via_partition_root = true)`,
  );
  const project = world.project.with({ publisher: other.url, subscriber: world.subscriber.url });
  await expectConsent({ ...world, project, publisher: other }, 'another cluster');
});

test.runIf(isAtNight)(
  'a slot that cannot be told apart from another, as nothing of it is on record, needs consent',
  async () => {
    const world = await createWorld(newestMajor);
    await killed(world);
    await world.subscriber.query('UPDATE steep_repl.copy_attempts SET consistent_lsn = NULL');
    await write(world);
    await expectConsent(world, 'not recorded');
  },
);

test.runIf(isAtNight)(
  'with another name for its slot, the one that another consumer reads is left alone',
  async () => {
    const world = await createWorld(newestMajor);
    await killed(world);
    await write(world);
    await world.publisher.query(
      `SELECT pg_replication_slot_advance('${world.slot}', pg_current_wal_lsn())`,
    );
    await world.project.describe(topologyOf(`${world.slot}_b`));
    const applied = await apply(world);
    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    await waitForSameRows(world.publisher, world.subscriber, tables);
    const left = await world.publisher.query(
      `SELECT FROM pg_replication_slots WHERE slot_name = '${world.slot}'`,
    );
    expect(left).toHaveLength(1);
  },
);

describe('while the copy runs', () => {
  const disturbances = {
    advanced: (slot: string) =>
      `SELECT pg_replication_slot_advance('${slot}', pg_current_wal_lsn())`,
    // In one statement: in between, steep would find no slot at all, which has another code.
    'dropped and created again': (slot: string) =>
      `SELECT pg_drop_replication_slot('${slot}'), pg_create_logical_replication_slot('${slot}', 'pgoutput')`,
  };

  test.each(firstByDay(Object.keys(disturbances) as (keyof typeof disturbances)[]))(
    'a slot that is %s ends it',
    async (how) => {
      const world = await createWorld(newestMajor);
      const { run, lock } = await midway(world);
      await write(world);
      await world.publisher.query(disturbances[how](world.slot));
      const failed = await run.until(({ event }) => event === 'run.step_failed');
      expect(failed).toMatchObject({ code: 'COPY_SLOT_CHANGED' });
      expect((await run.result).code).toBe(6);
      await lock.commit();
      await expectConsent(world, 'past');
    },
  );

  const gaps = [
    [
      'dropped and created again',
      'DROP PUBLICATION sales',
      `CREATE PUBLICATION sales FOR TABLE ${names.join(', ')} WITH (publish_via_partition_root = true)`,
    ],
    [
      'told to publish less, and the same as before again',
      `ALTER PUBLICATION sales SET (publish = 'delete')`,
      `ALTER PUBLICATION sales SET (publish = 'insert, update, delete, truncate')`,
    ],
    [
      'renamed and renamed back',
      'ALTER PUBLICATION sales RENAME TO gone',
      'ALTER PUBLICATION gone RENAME TO sales',
    ],
  ] as const;

  test.each(firstByDay(gaps))(
    'a publication that is %s is noticed',
    async (_what, before, after) => {
      const world = await createWorld(newestMajor);
      const { run, lock } = await midway(world);
      await world.publisher.query(before);
      await write(world);
      await world.publisher.query(after);
      await lock.commit();
      const failed = await run.until(({ event }) => event === 'run.step_failed');
      expect(failed).toMatchObject({ code: 'COPY_PUBLICATION_CHANGED' });
      await run.result;
      await expectEnd(world, await apply(world));
    },
  );
});
