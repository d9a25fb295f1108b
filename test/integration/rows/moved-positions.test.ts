// Positions moved by hand: a slot or an origin of a disabled subscription is not where steep noted it any more, or
// a transaction is to be skipped. Rows are missing afterwards, without an error; plan, apply, status and drift say so.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { firstByDay } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import {
  countersBegun,
  countersNoted,
  cureAsPrinted,
  expectSaid,
  expectWell,
  installed,
  type MajorPair,
  type RowsWorld,
  rowsWorld,
} from './rows-world.ts';

const items = [{ schema: 'public', name: 'items' }];

const enable = async ({ project }: RowsWorld, enabled: boolean): Promise<void> => {
  const text = await project.read('steep.yaml');
  const [before, after] = [`enabled: ${!enabled}`, `enabled: ${enabled}`];
  expect(text).toContain(before);
  await project.write('steep.yaml', text.replace(before, after));
};

const copiedWorld = async (pair: MajorPair): Promise<RowsWorld> => {
  const world = await rowsWorld({
    pair,
    tables: 'CREATE TABLE items (id int PRIMARY KEY, note text)',
    rows: 'INSERT INTO items SELECT n FROM generate_series(1, 10) n',
    publication: { tables: ['items'] },
    subscription: { enabled: true },
  });
  await world.steep(0, 'apply', '--auto-approve');
  return world;
};

/** Copied, then disabled by steep.yaml; the publisher has a row more than the subscriber. */
const pausedWorld = async (pair: MajorPair): Promise<RowsWorld> => {
  const world = await copiedWorld(pair);
  const { publisher, subscriber, slot } = world;
  for (let n = 11; n <= 30; n++) await publisher.query(`INSERT INTO items VALUES (${n})`);
  await waitForSameRows(publisher, subscriber, items);
  await enable(world, false);
  await world.steep(0, 'apply', '--auto-approve');
  await waitFor('the slot to be free', async () => {
    const [found] = await publisher.query<{ readonly active: boolean }>(
      `SELECT active FROM pg_replication_slots WHERE slot_name = '${slot}'`,
    );
    return found?.active === false;
  });
  await world.steep(0, 'apply', '--auto-approve');
  await publisher.query('INSERT INTO items VALUES (1001)');
  expect(await world.steep(0, 'plan')).not.toContain('POSITION_MOVED');
  return world;
};

const pairs = firstByDay(
  installed([
    [14, 18],
    [18, 18],
  ]),
);

/** While it is disabled, so that an apply with nothing to do waits for nothing. */
const expectShown = async ({ steep, project }: RowsWorld, said: RegExp): Promise<string> => {
  const plan = await steep(0, 'plan');
  expect(plan).toMatch(/DANGER +POSITION_MOVED /);
  expect(plan).toMatch(said);
  expect((await project.steep('status')).stdout).toMatch(said);
  const drift = await project.steep('drift', '--class', 'runtime', '--json');
  expect(drift.stdout).toContain('POSITION_MOVED');
  return plan;
};

test.each(pairs)('%s to %s: a slot that is advanced while it is not read', async (...pair) => {
  const world = await pausedWorld(pair);
  const said = /Slot \S+ on node publisher was moved by hand from/;
  await world.publisher.query(
    `SELECT pg_replication_slot_advance('${world.slot}', pg_current_wal_lsn())`,
  );
  await world.publisher.query('INSERT INTO items VALUES (1002)');
  await expectShown(world, said);
  // Consent does not hide it: it is said until the tables are copied again.
  await enable(world, true);
  await world.steep(3, 'apply', '--auto-approve');
  const consent = ['--allow-hazard', 'POSITION_MOVED=subscriber/subscription.items'];
  await world.steep(0, 'apply', '--auto-approve', ...consent);
  const plan = await expectSaid(world, 'POSITION_MOVED', said);
  await cureAsPrinted(world, plan);
  await waitForSameRows(world.publisher, world.subscriber, items);
  await expectWell(world);
});

test.each(pairs)(
  '%s to %s: an origin that is advanced while nothing is applied',
  async (...pair) => {
    const world = await pausedWorld(pair);
    const [end] = await world.publisher.query<{ readonly lsn: string }>(
      'SELECT pg_current_wal_lsn() AS lsn',
    );
    await world.subscriber.query(`
    SELECT pg_replication_origin_advance('pg_' || oid, '${end?.lsn}') FROM pg_subscription
     WHERE subname = 'items' AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())`);
    await world.publisher.query('INSERT INTO items VALUES (1002)');
    await enable(world, true);
    const plan = await expectShown(
      world,
      /origin of items on node subscriber was moved by hand from/,
    );
    await cureAsPrinted(world, plan);
    await waitForSameRows(world.publisher, world.subscriber, items);
    await expectWell(world);
  },
);

test.each(installed([[18, 18]]))(
  '%s to %s: a transaction that is to be skipped',
  async (...pair) => {
    const world = await copiedWorld(pair);
    await world.subscriber.query(`ALTER SUBSCRIPTION items SKIP (lsn = '7/1')`);
    const plan = await world.steep(0, 'plan');
    expect(plan).toMatch(/DANGER +SKIP_PENDING .*7\/1/);
    const [cure = ''] = /ALTER SUBSCRIPTION items SKIP \(lsn = NONE\);/.exec(plan) ?? [];
    expect((await world.project.steep('status')).stdout).toContain(cure);
    await world.subscriber.query(cure);
    await expectWell(world);
  },
);

/** The slot that a session has made, as the subscription is given it. */
const giveOther = async ({ publisher, subscriber, slot }: RowsWorld): Promise<string> => {
  const other = `other_${slot}`;
  await subscriber.query('ALTER SUBSCRIPTION items DISABLE');
  await publisher.query('INSERT INTO items VALUES (1001)');
  await publisher.query(`SELECT pg_create_logical_replication_slot('${other}', 'pgoutput')`);
  await subscriber.query(`ALTER SUBSCRIPTION items SET (slot_name = ${other})`);
  await subscriber.query('ALTER SUBSCRIPTION items ENABLE');
  return other;
};

const arrives = async ({ publisher, subscriber }: RowsWorld, id: number): Promise<void> => {
  await publisher.query(`INSERT INTO items VALUES (${id})`);
  await waitFor('what comes after', async () => {
    const rows = await subscriber.query(`SELECT FROM items WHERE id = ${id}`);
    return rows.length === 1;
  });
};

test.each(pairs)('%s to %s: another slot that a session made it read', async (...pair) => {
  const world = await copiedWorld(pair);
  const { publisher, subscriber, steep } = world;
  const other = await giveOther(world);
  await arrives(world, 1002);
  const said = /items was given slot \S+ on node publisher by hand/;
  await expectShown(world, said);
  await steep(3, 'apply', '--auto-approve');
  const consent = ['--allow-hazard', 'POSITION_MOVED=subscriber/subscription.items'];
  await steep(0, 'apply', '--auto-approve', ...consent);
  await publisher.query(`SELECT pg_drop_replication_slot('${other}')`);
  await cureAsPrinted(world, await expectSaid(world, 'POSITION_MOVED', said));
  await waitForSameRows(publisher, subscriber, items);
  await expectWell(world);
});

test.each(pairs)(
  '%s to %s: a subscription that a session created again without a copy',
  async (...pair) => {
    const world = await copiedWorld(pair);
    const { publisher, subscriber, slot } = world;
    await countersNoted(world);
    const [made] = await subscriber.query<{ readonly conninfo: string }>(
      `SELECT quote_literal(subconninfo) AS conninfo FROM pg_subscription
        WHERE subname = 'items' AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    await subscriber.query('DROP SUBSCRIPTION items');
    await publisher.query('INSERT INTO items VALUES (1001)');
    // Within one server CREATE SUBSCRIPTION would wait for itself, if it created the slot.
    await publisher.query(`SELECT pg_create_logical_replication_slot('${slot}', 'pgoutput')`);
    await subscriber.query(`CREATE SUBSCRIPTION items CONNECTION ${made?.conninfo} PUBLICATION items
      WITH (copy_data = false, create_slot = false, slot_name = ${slot})`);
    await arrives(world, 1002);
    await countersBegun(world);
    const said = /Slot \S+ on node publisher was dropped and created again/;
    await cureAsPrinted(world, await expectSaid(world, 'SLOT_REPLACED', said));
    await waitForSameRows(publisher, subscriber, items);
    await expectWell(world);
  },
);
