// What of tables lets replication or a copy change, hide or leave out rows without an error: the plan says it before, and
// the printed cure is one.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { installed, rowsWorld } from './rows-world.ts';

const items = [{ schema: 'public', name: 'items' }];
const oldAndNew = installed([
  [14, 18],
  [18, 18],
]);

const allow = (code: string): readonly string[] => [
  '--allow-hazard',
  `${code}=subscriber/subscription.items`,
];

test.each(oldAndNew)('%s to %s: binary transfer of OIDs', async (...pair) => {
  const tables = `
    CREATE TYPE pair AS (name text, kind regtype);
    CREATE DOMAIN relation AS regclass;
    CREATE TABLE items (id int PRIMARY KEY, one relation, many regproc[], two pair, note text, oid oid)`;
  const world = await rowsWorld({
    pair,
    tables,
    publication: { tables: ['items'] },
    subscription: { options: { binary: true } },
  });
  // The subscriber gives other OIDs than the publisher.
  await world.publisher.query('CREATE TABLE filler (); DROP TABLE filler; CREATE TABLE named ()');
  await world.subscriber.query('CREATE TABLE named ()');
  const plan = await world.steep(0, 'plan');
  expect(plan).toMatch(/DANGER +BINARY_OIDS /);
  expect(plan).toContain('public.items.many, public.items.one, public.items.two hold names');
  await world.steep(3, 'apply', '--auto-approve');
  // What it warns of.
  await world.steep(0, 'apply', '--auto-approve', ...allow('BINARY_OIDS'));
  await world.publisher.query(`INSERT INTO items (id, one) VALUES (1, 'named'), (2, 'pg_class')`);
  const wrong = await waitFor('the rows', async () => {
    const rows = await world.subscriber.query<{ readonly one: string }>(
      'SELECT one::text FROM items ORDER BY id',
    );
    return rows.length === 2 && rows;
  });
  expect(wrong.map(({ one }) => one)).not.toEqual(['named', 'pg_class']);
});

test.each(oldAndNew)('%s to %s: functions that need a search_path', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables: `
      CREATE FUNCTION next_of(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 + 1 -- from items';
      CREATE FUNCTION twice_next(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN 2 * next_of($1); END';
      CREATE TABLE items (id int PRIMARY KEY, n int)`,
    publication: { tables: ['items'] },
  });
  await world.subscriber.query('CREATE INDEX by_next ON items (twice_next(n))');
  const plan = await world.steep(0, 'plan');
  expect(plan).toMatch(/DANGER +SEARCH_PATH_NEEDED /);
  expect(plan).toContain('public.items call public.twice_next(integer) (which names next_of)');
  const [cure = ''] = /ALTER FUNCTION [^;]+;/.exec(plan) ?? [];
  await world.steep(3, 'apply', '--auto-approve');
  // What it warns of.
  await world.steep(0, 'apply', '--auto-approve', ...allow('SEARCH_PATH_NEEDED'));
  await world.publisher.query('INSERT INTO items VALUES (1, 1)');
  await waitFor('the worker to fail', async () => {
    const rows = await world.subscriber.query(
      `SELECT FROM pg_stat_subscription_stats WHERE subname = 'items' AND apply_error_count > 0`,
    );
    return rows.length > 0;
  });
  await world.subscriber.query(cure);
  await waitForSameRows(world.publisher, world.subscriber, items);
  expect(await world.steep(0, 'plan')).not.toContain('SEARCH_PATH_NEEDED');
});

test.each(oldAndNew)('%s to %s: triggers that fire for replicated rows', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables: 'CREATE TABLE items (id int PRIMARY KEY, note text)',
    rows: `INSERT INTO items SELECT n, 'note' FROM generate_series(1, 10) n`,
    publication: { tables: ['items'] },
  });
  await world.subscriber.query(`
    CREATE FUNCTION upper_note() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN NEW.note := upper(NEW.note); RETURN NEW; END $$;
    CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
    CREATE TRIGGER changes BEFORE INSERT OR UPDATE ON items FOR EACH ROW EXECUTE FUNCTION upper_note();
    CREATE TRIGGER watches AFTER INSERT ON items FOR EACH ROW EXECUTE FUNCTION nothing();
    CREATE TRIGGER usual BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION upper_note();
    ALTER TABLE items ENABLE ALWAYS TRIGGER changes;
    ALTER TABLE items ENABLE REPLICA TRIGGER watches`);
  const plan = await world.steep(0, 'plan');
  expect(plan).toMatch(
    /DANGER +REPLICA_TRIGGERS .*before it is stored: changes of public\.items\./,
  );
  expect(plan).toContain('These fire too: watches of public.items.');
  await world.steep(3, 'apply', '--auto-approve');
  const [, cure = ''] = /(ALTER TABLE public\.items ENABLE TRIGGER changes;)/.exec(plan) ?? [];
  await world.subscriber.query(cure);
  const left = await world.steep(0, 'plan');
  expect(left).toMatch(/warning +REPLICA_TRIGGERS /);
  expect(left).toContain('watches of public.items');
  await world.steep(0, 'apply', '--auto-approve');
  await waitForSameRows(world.publisher, world.subscriber, items);
});

test.each(oldAndNew)('%s to %s: a deferrable primary key', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables: 'CREATE TABLE items (id int, note text)',
    publication: { tables: ['items'] },
  });
  await world.publisher.query('ALTER TABLE items ADD PRIMARY KEY (id)');
  await world.publisher.query('INSERT INTO items VALUES (1)');
  await world.subscriber.query('ALTER TABLE items ADD PRIMARY KEY (id) DEFERRABLE');
  const plan = await world.steep(0, 'plan');
  expect(plan).toMatch(/BLOCK +DEFERRABLE_KEY /);
  const [cure = ''] = /ALTER TABLE public\.items DROP CONSTRAINT .*?;/.exec(plan) ?? [];
  await world.subscriber.query(cure);
  await world.steep(0, 'apply', '--auto-approve');
  await world.publisher.query(`UPDATE items SET note = 'changed'`);
  await waitForSameRows(world.publisher, world.subscriber, items);
});

test.each(oldAndNew)(
  '%s to %s: a column that is not sent, where whole rows are compared',
  async (...pair) => {
    const world = await rowsWorld({
      pair,
      tables: 'CREATE TABLE items (id int, picture oid)',
      rows: `INSERT INTO items VALUES (1, pg_catalog.lo_from_bytea(0, 'content'));
      ALTER TABLE items REPLICA IDENTITY FULL`,
      publication: { tables: ['items'] },
    });
    await world.subscriber.query(`ALTER TABLE items ADD COLUMN seen text DEFAULT 'no'`);
    const plan = await world.steep(0, 'plan');
    expect(plan).toMatch(/DANGER +ROWS_NOT_FOUND .*: seen of public\.items\./);
    expect(plan).toMatch(/warning +LARGE_OBJECTS_UNSENT .* public\.items\.picture may hold/);
    await world.steep(3, 'apply', '--auto-approve');
    await world.subscriber.query('ALTER TABLE items DROP COLUMN seen');
    await world.steep(0, 'apply', '--auto-approve');
    await world.publisher.query('UPDATE items SET picture = 0');
    await waitForSameRows(world.publisher, world.subscriber, items);
  },
);

test.each(oldAndNew)('%s to %s: children of a published table', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables: `
      CREATE TABLE items (id int PRIMARY KEY, note text);
      CREATE TABLE special (PRIMARY KEY (id)) INHERITS (items)`,
    rows: `INSERT INTO items VALUES (1, 'own'); INSERT INTO special VALUES (2, 'of the child')`,
    publication: { tables: ['items'] },
  });
  expect(await world.steep(0, 'plan')).toMatch(/BLOCK +CHILDREN_PUBLISHED /);
  await world.steep(3, 'apply', '--auto-approve');
  const file = await world.project.read('steep.yaml');
  await world.project.write('steep.yaml', file.replace(/- items\n/, '- items\n      - special\n'));
  await world.steep(0, 'apply', '--auto-approve');
  await world.publisher.query(`INSERT INTO special VALUES (3, 'later')`);
  const both = [...items, { schema: 'public', name: 'special' }];
  await waitForSameRows(world.publisher, world.subscriber, both);
  expect(await world.steep(0, 'plan')).toMatch(/^No changes\. /m);
});

test.each(oldAndNew)('%s to %s: row security of the publisher', async (...pair) => {
  const role = `rows_${Date.now().toString(36)}_${pair[0]}`;
  const world = await rowsWorld({
    pair,
    tables: 'CREATE TABLE items (id int PRIMARY KEY, note text)',
    rows: `
      INSERT INTO items SELECT n, 'note' FROM generate_series(1, 100) n;
      ALTER TABLE items ENABLE ROW LEVEL SECURITY;
      CREATE POLICY few ON items USING (id <= 10)`,
    publication: { tables: ['items'] },
    subscription: { init: { method: 'snapshot', copy: 'native' } },
    nodes: { publisher: { replication_connection: `\${REPLICATION_URL}` } },
  });
  await world.publisher.query(`
    CREATE ROLE ${role} LOGIN REPLICATION PASSWORD 'secret'; GRANT SELECT ON items TO ${role}`);
  onTestFinished(async () => {
    await world.publisher.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });
  const url = new URL(world.publisher.url);
  url.username = role;
  url.password = 'secret';
  const project = world.project.withEnvironment({ REPLICATION_URL: url.href });
  const plan = await project.steep('plan');
  expect(plan.stdout).toMatch(/BLOCK +ROW_SECURITY /);
  expect((await project.steep('apply', '--auto-approve')).code).toBe(3);
  await world.publisher.query(`ALTER ROLE ${role} BYPASSRLS`);
  const applied = await project.steep('apply', '--auto-approve');
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  await waitForSameRows(world.publisher, world.subscriber, items);
});

test.each(oldAndNew)(
  '%s to %s: a table that joins, which the replicating role may not read',
  async (...pair) => {
    const role = `joins_${Date.now().toString(36)}_${pair[0]}`;
    const world = await rowsWorld({
      pair,
      tables: 'CREATE TABLE items (id int PRIMARY KEY); CREATE TABLE more (id int PRIMARY KEY)',
      rows: 'INSERT INTO more SELECT n FROM generate_series(1, 100) n',
      publication: { tables: ['items'] },
    });
    await world.publisher.query(`
    CREATE ROLE ${role} LOGIN REPLICATION PASSWORD 'secret'; GRANT SELECT ON items TO ${role}`);
    onTestFinished(async () => {
      await world.publisher.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    });
    const url = new URL(world.publisher.url);
    url.username = role;
    url.password = 'secret';
    const project = world.project.withEnvironment({ REPLICATION_URL: url.href });
    const apply = async (tables: readonly string[]) => {
      await project.describe({
        nodes: { publisher: { replication_connection: `\${REPLICATION_URL}` } },
        publications: { items: { node: 'publisher', tables } },
        subscriptions: {
          items: {
            node: 'subscriber',
            source: 'publisher',
            publications: ['items'],
            slot: world.slot,
          },
        },
      });
      const { code, stdout, stderr } = await project.steep('apply', '--auto-approve');
      return { code, text: stdout + stderr };
    };
    expect(await apply(['items'])).toMatchObject({ code: 0 });
    const refused = await apply(['items', 'more']);
    expect(refused.code, refused.text).toBe(3);
    expect(refused.text).toContain(
      `Role ${role}, which node subscriber connects to node publisher`,
    );
    const [grant = ''] = /GRANT SELECT ON public\.more TO [^;]+;/.exec(refused.text) ?? [];
    await world.publisher.query(grant);
    expect(await apply(['items', 'more'])).toMatchObject({ code: 0 });
    await waitForSameRows(world.publisher, world.subscriber, [{ schema: 'public', name: 'more' }]);
  },
);
