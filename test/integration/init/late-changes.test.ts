// What other sessions do to the tables of a subscriber after their rows were read for the last time, and before the
// subscription is created: no exit 0 with other rows.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { endsByDay, majors } from '../../support/servers/majors.ts';
import { urlOf } from '../../support/servers/test-database.ts';
import { startProxy } from '../../support/statement-proxy/start-proxy.ts';
import { createProject, type Project } from '../../support/worlds/project.ts';

/** By table: what happens to it on the subscriber. Each has 200 rows, so that a number alone tells nothing. */
const changes: Readonly<Record<string, readonly string[]>> = {
  attached: [
    'CREATE TABLE more (LIKE attached INCLUDING ALL)',
    `INSERT INTO more SELECT n, 'mine' FROM generate_series(1001, 1005) n`,
    'ALTER TABLE attached ATTACH PARTITION more FOR VALUES FROM (1000) TO (2000)',
  ],
  detached: ['ALTER TABLE detached DETACH PARTITION detached_late'],
  exchanged: [
    'ALTER TABLE exchanged DETACH PARTITION exchanged_late',
    'CREATE TABLE other (LIKE exchanged INCLUDING ALL)',
    `INSERT INTO other SELECT id, 'mine' FROM exchanged_late`,
    'ALTER TABLE exchanged ATTACH PARTITION other FOR VALUES FROM (101) TO (1000)',
  ],
  one: [
    'ALTER TABLE one RENAME TO q',
    'ALTER TABLE two RENAME TO one',
    'ALTER TABLE q RENAME TO two',
  ],
  emptied: ['TRUNCATE emptied'],
  created: ['DROP TABLE created', 'CREATE TABLE created (id int PRIMARY KEY, note text)'],
  retyped: [`ALTER TABLE retyped ALTER note TYPE text USING 'mine'`],
};
/** Nothing that changes a row. */
const harmless: Readonly<Record<string, readonly string[]>> = {
  returned: [
    'ALTER TABLE returned DETACH PARTITION returned_late',
    'ALTER TABLE returned ATTACH PARTITION returned_late FOR VALUES FROM (101) TO (1000)',
  ],
  extended: ['CREATE TABLE extended_more PARTITION OF extended FOR VALUES FROM (1000) TO (2000)'],
  vacuumed: ['VACUUM FULL vacuumed'],
};
const partitioned = ['attached', 'detached', 'exchanged', 'returned', 'extended'];
const names = [...Object.keys(changes), 'two', ...Object.keys(harmless)];
const tables = names.map((name) => ({ schema: 'public', name }));
const statements = Object.values({ ...changes, ...harmless }).flat();

const define = (name: string, here: boolean): string =>
  here && partitioned.includes(name)
    ? `CREATE TABLE ${name} (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
       CREATE TABLE ${name}_early PARTITION OF ${name} FOR VALUES FROM (0) TO (101);
       CREATE TABLE ${name}_late PARTITION OF ${name} FOR VALUES FROM (101) TO (1000);
       CREATE TABLE ${name}_rest PARTITION OF ${name} DEFAULT`
    : `CREATE TABLE ${name} (id int PRIMARY KEY, note text)`;

interface World {
  readonly project: Project;
  readonly publisher: TestDatabase;
  readonly subscriber: TestDatabase;
  /** Happened already. */
  readonly struck: () => boolean;
}

/** Just before the subscription is created, everything happens to the tables. */
const worldOf = async (major: number, topology: (slot: string) => object): Promise<World> => {
  const server = await cluster.server(major);
  const [publisher, subscriber] = [await server.createDatabase(), await server.createDatabase()];
  for (const name of names) {
    await publisher.query(define(name, false));
    await subscriber.query(define(name, true));
    await publisher.query(
      `INSERT INTO ${name} SELECT n, '${name}' || n FROM generate_series(1, 200) n`,
    );
  }
  let struck = false;
  const proxy = await startProxy({
    node: 'subscriber',
    port: Number(subscriber.conninfo.get('port')),
    onPassing: async ({ side, text }) => {
      if (struck || side !== 'before' || !/^CREATE SUBSCRIPTION feed /m.test(text)) return;
      struck = true;
      for (const statement of statements) await subscriber.query(statement);
    },
  });
  onTestFinished(async () => {
    await proxy.close();
    await subscriber.drop();
    await publisher.drop();
  });
  const through = subscriber.conninfo.with({ port: String(proxy.port) });
  const project = await createProject(
    { publisher: publisher.url, subscriber: urlOf(through) },
    {
      publications: { everything: { node: 'publisher', tables: names } },
      ...topology(`feed_${publisher.name}`),
    },
  );
  return { project, publisher, subscriber, struck: () => struck };
};

const feed = (slot: string, init: object) => ({
  subscriptions: {
    feed: { node: 'subscriber', source: 'publisher', publications: ['everything'], slot, init },
  },
});

const expectFound = (output: string): void => {
  expect(output).toContain('COPY_CHANGED');
  for (const name of [...Object.keys(changes), 'two']) expect(output).toContain(`public.${name} (`);
  for (const name of Object.keys(harmless)) expect(output).not.toContain(`public.${name} (`);
};

test.each(endsByDay(majors))('%i: after a copy by steep', async (major) => {
  const world = await worldOf(major, (slot) => feed(slot, {}));
  const { project, publisher, subscriber } = world;
  const first = await project.steep('apply', '--auto-approve');
  expect(world.struck(), first.stdout + first.stderr).toBe(true);
  expect(first.code, first.stdout + first.stderr).toBe(6);
  expectFound(first.stdout + first.stderr);
  await subscriber.query(`DROP TABLE more, detached_late, exchanged_late;
    CREATE TABLE detached_again PARTITION OF detached FOR VALUES FROM (101) TO (1000)`);
  const again = await project.steep('apply', '--auto-approve');
  expect(again.code, again.stdout + again.stderr).toBe(0);
  await waitForSameRows(publisher, subscriber, tables);
});
