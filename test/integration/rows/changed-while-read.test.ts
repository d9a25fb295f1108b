// The list of tables that a publication has is read without a lock: what a REFRESH leaves out or takes in beside what was
// planned ends the run, and the printed cure brings the rows.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import type { TestDatabase } from '../../support/servers/cluster.ts';
import { cutting } from '../../support/worlds/cut-run.ts';
import { cureAsPrinted, expectWell, installed, rowsWorld } from './rows-world.ts';

const tables = ['items', 'others'].map((name) => ({ schema: 'public', name }));

const isRefresh = (statement: string): boolean =>
  statement.includes('REFRESH PUBLICATION WITH (copy_data = false)');

/** Runs a statement on the publisher just before the REFRESH that leaves tables out. */
const beforeRefresh = async (
  { conninfo }: TestDatabase,
  subscriber: TestDatabase,
  statement: string,
): Promise<void> => {
  await subscriber.query(`CREATE EXTENSION dblink`);
  await subscriber.query(`
    CREATE FUNCTION meanwhile() RETURNS event_trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF pg_catalog.current_query() LIKE '%REFRESH PUBLICATION WITH (copy_data = false)%' THEN
          PERFORM public.dblink_exec('${conninfo.text.replaceAll("'", "''")}', '${statement}');
        END IF;
      END $$;
    CREATE EVENT TRIGGER meanwhile ON ddl_command_start WHEN TAG IN ('ALTER SUBSCRIPTION') EXECUTE FUNCTION meanwhile()`);
};

const reinit = [
  '--reinit',
  'subscriber/copy.items:public.items',
  '--allow-hazard',
  'TARGET_TRUNCATE=subscriber/subscription.items',
] as const;

test.each(
  installed([
    [15, 15],
    [18, 18],
  ]),
)('%s to %s: a table that a REFRESH left out, though nobody asked for that', async (...pair) => {
  const world = await rowsWorld({
    pair,
    // Without a key, a second copy of the same rows would be no error.
    tables: 'CREATE TABLE items (id int PRIMARY KEY); CREATE TABLE others (note text)',
    rows: `INSERT INTO items SELECT n FROM generate_series(1, 10) n; INSERT INTO others VALUES ('one'), ('two')`,
    publication: { tables: ['items'] },
    more: { more: { node: 'publisher', tables: ['others'], publish: ['insert'] } },
    subscription: { publications: ['items', 'more'] },
  });
  const { publisher, subscriber } = world;
  await world.steep(0, 'apply', '--auto-approve');
  await beforeRefresh(publisher, subscriber, 'ALTER PUBLICATION more DROP TABLE public.others');
  const said = await world.steep(6, 'apply', '--auto-approve', ...reinit);
  expect(said).toContain('SUBSCRIPTION_TABLES');
  await subscriber.query(
    'DROP EVENT TRIGGER meanwhile; DROP FUNCTION meanwhile(); DROP EXTENSION dblink',
  );
  await publisher.query(`INSERT INTO others VALUES ('meanwhile')`);
  await publisher.query('ALTER PUBLICATION more ADD TABLE others');
  const [, empty = ''] = /: (TRUNCATE TABLE .*;)/.exec(said) ?? [];
  expect(empty).toBe('TRUNCATE TABLE public.others;');
  await subscriber.query(empty);
  await world.steep(0, 'apply', '--auto-approve', ...reinit.slice(2));
  await waitForSameRows(publisher, subscriber, tables);
  await expectWell(world);
});

test.each(
  installed([
    [15, 15],
    [18, 18],
  ]),
)(
  '%s to %s: a run that was killed before it compared what the REFRESH had brought',
  async (...pair) => {
    const world = await rowsWorld({
      pair,
      tables: `CREATE TABLE items (id int PRIMARY KEY); CREATE TABLE others (note text);
      CREATE SCHEMA extra; CREATE TABLE extra.first (id int PRIMARY KEY)`,
      rows: `INSERT INTO items SELECT n FROM generate_series(1, 10) n; INSERT INTO others VALUES ('one'), ('two')`,
      publication: { tables: ['items'] },
      more: {
        more: { node: 'publisher', tables: ['others'], publish: ['insert'] },
        extra: { node: 'publisher', schemas: ['extra'] },
      },
      subscription: { publications: ['items', 'more', 'extra'] },
    });
    const { publisher, subscriber } = world;
    await world.steep(0, 'apply', '--auto-approve');
    await subscriber.query('CREATE TABLE extra.late (id int PRIMARY KEY)');
    await beforeRefresh(
      publisher,
      subscriber,
      `ALTER PUBLICATION more DROP TABLE public.others;
     CREATE TABLE extra.late (id int PRIMARY KEY); INSERT INTO extra.late VALUES (1)`,
    );
    let refreshed = false;
    const cut = await cutting([subscriber.conninfo], (statement) => {
      const isNext = refreshed && !isRefresh(statement);
      refreshed ||= isRefresh(statement);
      return isNext;
    });
    const [url = ''] = cut.urls;
    const run = world.project
      .with({ publisher: publisher.url, subscriber: url })
      .start('apply', '--auto-approve', ...reinit);
    await cut.reached;
    run.kill('SIGKILL');
    await run.result;
    await subscriber.query(
      'DROP EVENT TRIGGER meanwhile; DROP FUNCTION meanwhile(); DROP EXTENSION dblink',
    );
    await publisher.query(`INSERT INTO others VALUES ('meanwhile')`);

    // The publication is put back by the plan itself.
    const refused = await world.steep(3, 'apply', '--auto-approve', ...reinit.slice(2));
    expect(refused).toContain('tables: + public.others');
    expect(refused).toMatch(/DANGER +COPY_INTO_NONEMPTY .*public\.others: 2 rows/);
    expect(refused).toMatch(/items took in extra\.late without its rows/);
    await subscriber.query('TRUNCATE others');
    const consent = ['--allow-hazard', 'PUBLICATION_REPLACED=subscriber/copy.items:extra.late'];
    await world.steep(0, 'apply', '--auto-approve', ...reinit.slice(2), ...consent);
    await waitForSameRows(publisher, subscriber, tables);

    // What was agreed to stays on record until it is copied.
    const said = await world.steep(8, 'apply', '--auto-approve');
    expect(said).toContain('extra.late was not published for items all the time');
    await cureAsPrinted(world, said);
    await waitForSameRows(publisher, subscriber, [...tables, { schema: 'extra', name: 'late' }]);
    await expectWell(world);
  },
);
