// Tables of a subscriber that a session has changed since the last apply so that rows are stored twice, otherwise, or not at all:
// plan, apply, status, drift and doctor say so, until it is mended or allowed.

import { expect, test } from 'vitest';
import { expectWell, installed, type RowsWorld, rowsWorld } from './rows-world.ts';

const tables = `
  CREATE TABLE items (id int PRIMARY KEY, note text);
  CREATE TABLE events (note text);
  ALTER TABLE events REPLICA IDENTITY FULL;
  CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
  CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)`;

const addTrigger = `
  CREATE FUNCTION leave_out() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
  CREATE TRIGGER dropper BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION leave_out();
  ALTER TABLE items ENABLE ALWAYS TRIGGER dropper`;

const codes = [
  'CHILDREN_UNSENT',
  'REPLICA_TRIGGERS',
  'ROWS_NOT_FOUND',
  'SCHEMA_MISMATCH',
  'TABLE_SENT_TWICE',
];

/** Within one server CREATE SUBSCRIPTION would wait for itself, if it created the slot. */
const addSubscription = async ({ publisher, subscriber, slot }: RowsWorld): Promise<void> => {
  const [own] = await subscriber.query<{ readonly conninfo: string }>(
    `SELECT pg_catalog.quote_literal(subconninfo) AS conninfo FROM pg_subscription
      WHERE subname = 'items' AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  await publisher.query(`SELECT pg_create_logical_replication_slot('second_${slot}', 'pgoutput')`);
  await subscriber.query(
    `CREATE SUBSCRIPTION second CONNECTION ${own?.conninfo ?? ''} PUBLICATION items
       WITH (copy_data = false, create_slot = false, slot_name = 'second_${slot}')`,
  );
};

const change = async (world: RowsWorld): Promise<void> => {
  const { publisher, subscriber } = world;
  await subscriber.query(addTrigger);
  await subscriber.query("ALTER TABLE events ADD COLUMN seen text NOT NULL DEFAULT 'no'");
  await publisher.query('CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20)');
  await publisher.query('CREATE TABLE more_items () INHERITS (items)');
  await addSubscription(world);
};

const undo = async ({ publisher, subscriber }: RowsWorld): Promise<void> => {
  await subscriber.query('DROP SUBSCRIPTION second');
  await subscriber.query('DROP FUNCTION leave_out CASCADE');
  await subscriber.query('ALTER TABLE events DROP COLUMN seen');
  await publisher.query('DROP TABLE parts_2, more_items');
};

test.each(
  installed([
    [14, 18],
    [18, 18],
    [16, 14],
  ]),
)('%s to %s: what a session changed in the tables of a subscriber is said', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables,
    publication: { tables: ['items', 'events', 'parts'], publish_via_partition_root: true },
  });
  const { project, steep, subscriber } = world;
  await steep(0, 'apply', '--auto-approve');
  await change(world);
  const plan = await steep(0, 'plan');
  const drift = await project.steep('drift', '--json');
  const runtime = await project.steep('drift', '--class', 'runtime', '--json');
  for (const code of codes) {
    expect(plan).toMatch(new RegExp(`DANGER +${code} `));
    expect(drift.stdout).toContain(code);
    expect(runtime.stdout).toContain(code);
  }
  const doctor = await project.steep('doctor');
  expect(doctor.stdout).toMatch(/Subscription items: +Subscription second/);
  expect(await steep(8, 'apply', '--auto-approve')).toMatch(
    /Subscription second of node subscriber/,
  );
  await undo(world);
  await expectWell(world);

  await subscriber.query(addTrigger);
  expect((await project.steep('status')).stdout).toMatch(/BROKEN .*dropper of public\.items/);
  const allow = ['--allow-hazard', 'REPLICA_TRIGGERS=subscriber/subscription.items'];
  await steep(0, 'apply', '--auto-approve', ...allow);
  await expectWell(world);
});
