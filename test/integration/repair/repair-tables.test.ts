// steep repair on tables of every shape.

import { expect, test } from 'vitest';
import { inProcess } from '../../support/in-process.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { majors, newestMajor } from '../../support/servers/majors.ts';
import { createProject, type Project } from '../../support/worlds/project.ts';
import { repairIn } from '../../support/worlds/repaired.ts';
import { verifyIn } from '../../support/worlds/verified.ts';

const oldest = majors[0] ?? newestMajor;

interface Shapes {
  readonly project: Project;
  readonly publisher: TestDatabase;
  readonly subscriber: TestDatabase;
  readonly environment: Readonly<Record<string, string>>;
  readonly file: string;
}

/** Applied, with the rows on both sides. `more`: what the subscriber alone has. */
const createShapes = async (
  [from, to]: readonly [number, number],
  tables: string,
  names: readonly (string | object)[],
  rows: string,
  more = '',
): Promise<Shapes> => {
  const publisher = await cluster.database(from);
  const subscriber = await cluster.database(to);
  onTestFinished(async () => {
    await subscriber.drop();
    await publisher.drop();
  });
  for (const database of [publisher, subscriber]) await database.query(tables);
  if (more !== '') await subscriber.query(more);
  await publisher.query(rows);
  const project = await createProject(
    { publisher: publisher.url, subscriber: subscriber.url },
    {
      publications: { shapes: { node: 'publisher', tables: names } },
      subscriptions: {
        shapes: {
          node: 'subscriber',
          source: 'publisher',
          publications: ['shapes'],
          slot: `slot_${publisher.name}`,
        },
      },
    },
  );
  const file = project.path('steep.yaml');
  const environment = { PUBLISHER_URL: publisher.url, SUBSCRIBER_URL: subscriber.url };
  await inProcess(file, environment).apply();
  return { project, publisher, subscriber, environment, file };
};

const assertSame = async ({ file, environment }: Shapes): Promise<void> => {
  const { rows, report } = await verifyIn(file, environment);
  expect(rows).toEqual([]);
  expect(report.outcome).toBe('equal');
};

/** Outside of replication: as a mistake of an operator. */
const quietly = (statements: string): string =>
  `SET session_replication_role = replica; ${statements}; RESET session_replication_role`;

test.each([
  [oldest, newestMajor],
  [newestMajor, oldest],
] as const)(
  'identities, generated columns, values of every sort: from %i to %i',
  async (from, to) => {
    const columns = from < 15 ? {} : { columns: ['id', 'sent'] };
    const shapes = await createShapes(
      [from, to],
      `CREATE TYPE mood AS ENUM ('sad', 'ok');
     CREATE TYPE pair AS (a int, b text);
     CREATE DOMAIN short AS varchar(40) CHECK (length(VALUE) < 40);
     CREATE TABLE always (
       id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, serial_no bigint, note text,
       twice bigint GENERATED ALWAYS AS (serial_no * 2) STORED);
     CREATE TABLE "odd ""names""" (
       "Key, one" text COLLATE "C", "key two" numeric(12, 3), doc jsonb, raw json, bits bytea, list text[], mood mood,
       composite pair, short short, amount numeric, far float8, at timestamptz, span interval, net inet, x xml,
       PRIMARY KEY ("Key, one", "key two"));
     CREATE TABLE parts (id int, region text, note text, PRIMARY KEY (region, id)) PARTITION BY LIST (region);
     CREATE TABLE parts_eu PARTITION OF parts FOR VALUES IN ('eu');
     CREATE TABLE parts_us PARTITION OF parts FOR VALUES IN ('us');
     CREATE TABLE listed (id int PRIMARY KEY, sent text, own text DEFAULT 'own')`,
      ['always', '"odd ""names"""', 'parts', { name: 'listed', ...columns }],
      `INSERT INTO always (serial_no, note) SELECT n, 'n' || n FROM generate_series(1, 50) AS n;
     INSERT INTO "odd ""names""" SELECT 'k, "' || n, n / 4.0, '{"a": [1.50, null, "x\\\\y"]}', '{"b" : 1, "b": 2}', '\\x00ff5c',
            ARRAY['a,b', NULL, 'NULL', '"', '{}', ''], 'ok', ROW(n, 'x, (y) "z"')::pair, 'short', n / 3.0, 0.1 + n, now(),
            '1 mon -2 days 03:04:05.6', '10.0.0.1/8', '<a>b</a>' FROM generate_series(1, 20) AS n;
     INSERT INTO parts SELECT n, CASE WHEN n % 2 = 0 THEN 'eu' ELSE 'us' END, 'x' FROM generate_series(1, 40) AS n;
     INSERT INTO listed SELECT n, 'sent ' || n FROM generate_series(1, 40) AS n`,
    );
    await shapes.subscriber.query(
      quietly(`
    UPDATE always SET note = NULL, serial_no = 0 WHERE id IN (1, 2);
    DELETE FROM always WHERE id = 3;
    INSERT INTO always OVERRIDING SYSTEM VALUE VALUES (999, 1, 'stray');
    UPDATE "odd ""names""" SET doc = NULL, raw = NULL, bits = NULL, list = NULL, mood = 'sad', composite = NULL,
           short = 'other', amount = 0, far = 0, at = '-infinity', span = '0', net = NULL, x = NULL WHERE "key two" < 2;
    DELETE FROM "odd ""names""" WHERE "key two" > 4.5;
    UPDATE parts SET note = 'y' WHERE id = 4;
    UPDATE parts SET region = 'us' WHERE id = 6;
    DELETE FROM parts WHERE id = 7;
    UPDATE listed SET sent = 'wrong', own = 'kept' WHERE id = 1;
    DELETE FROM listed WHERE id = 2`),
    );
    const report = await repairIn(shapes.file, shapes.environment, 'shapes');
    expect(report.outcome, JSON.stringify(report.tables)).toBe('repaired');
    await assertSame(shapes);
    const dump = 'SELECT t::text AS row FROM "odd ""names""" AS t ORDER BY t."Key, one"';
    expect(await shapes.subscriber.query(dump)).toEqual(await shapes.publisher.query(dump));
    const reader = `reader_${shapes.subscriber.name}`;
    await shapes.subscriber.query(`
    CREATE ROLE ${reader}; GRANT USAGE ON SCHEMA steep_repl TO ${reader};
    GRANT SELECT ON ALL TABLES IN SCHEMA steep_repl TO ${reader}; SET ROLE ${reader}`);
    expect(
      await shapes.subscriber.query('SELECT count(*)::int AS rows FROM steep_repl.merge_audit_log'),
    ).toEqual([{ rows: 0 }]);
    await shapes.subscriber.query(`RESET ROLE; DROP OWNED BY ${reader}; DROP ROLE ${reader}`);
    const twice = 'SELECT id::int, twice::int FROM always WHERE id < 4 ORDER BY id';
    expect(await shapes.subscriber.query(twice)).toEqual(await shapes.publisher.query(twice));
    if (from >= 15) {
      expect(
        await shapes.subscriber.query('SELECT * FROM listed WHERE id < 3 ORDER BY id'),
      ).toEqual([
        { id: 1, sent: 'sent 1', own: 'kept' },
        { id: 2, sent: 'sent 2', own: 'own' },
      ]);
    }
  },
);

test('values of unique and exclusion constraints are exchanged; foreign keys give the order', async () => {
  const shapes = await createShapes(
    [newestMajor, newestMajor],
    `CREATE TABLE people (id int PRIMARY KEY, email text UNIQUE, room int4range, active boolean DEFAULT true, name text,
       EXCLUDE USING gist (room WITH &&));
     CREATE UNIQUE INDEX ON people (lower(name)) WHERE active;
     CREATE TABLE orders (id int PRIMARY KEY, person int REFERENCES people ON DELETE CASCADE);
     CREATE TABLE "lines" (id int PRIMARY KEY, "order" int REFERENCES orders)`,
    ['"lines"', 'orders', 'people'],
    `INSERT INTO people SELECT n, 'p' || n, int4range(10 * n, 10 * n + 10), true, 'Name ' || n FROM generate_series(1, 30) AS n;
     INSERT INTO orders SELECT n, n FROM generate_series(1, 30) AS n;
     INSERT INTO "lines" SELECT n, n FROM generate_series(1, 30) AS n`,
    'ALTER TABLE people ADD COLUMN local text',
  );
  await shapes.subscriber.query(
    quietly(`
    UPDATE people SET local = 'mine ' || id;
    UPDATE people SET email = NULL, name = name || '!', room = NULL WHERE id <= 8;
    UPDATE people SET email = 'p' || (id % 3 + 1) WHERE id <= 3;
    UPDATE people SET name = 'Name ' || (9 - id) WHERE id IN (4, 5);
    UPDATE people SET room = int4range(10 * (13 - id), 10 * (13 - id) + 10) WHERE id IN (6, 7);
    DELETE FROM people WHERE id = 20;
    INSERT INTO people VALUES (120, 'p20', '[200,210)', true, 'name 20');
    DELETE FROM orders WHERE id = 25; DELETE FROM people WHERE id = 25;
    INSERT INTO people (id, email, name) VALUES (99, 'x', 'x'); INSERT INTO orders VALUES (99, 99); INSERT INTO "lines" VALUES (99, 99)`),
  );
  const report = await repairIn(shapes.file, shapes.environment, 'subscriber/subscription.shapes');
  expect(report, JSON.stringify(report, null, 1)).toMatchObject({
    outcome: 'repaired',
    dangling: [],
  });
  await assertSame(shapes);
  expect(
    await shapes.subscriber.query(
      'SELECT id, local FROM people WHERE id IN (1, 4, 20) ORDER BY id',
    ),
  ).toEqual([
    { id: 1, local: 'mine 1' },
    { id: 4, local: 'mine 4' },
    { id: 20, local: null },
  ]);
  // A row that stays keeps the value: what needs it is left, with the reason.
  await shapes.subscriber.query(
    quietly(`DELETE FROM people WHERE id = 21; INSERT INTO people (id, email) VALUES (121, 'p21')`),
  );
  const left = await repairIn(shapes.file, shapes.environment, 'shapes', { findings: ['missing'] });
  expect(left).toMatchObject({ outcome: 'partial', tables: [{ left: 1, inserted: 0 }] });
  expect(left.tables[0]?.why).toContain('unique or exclusion constraint');
  expect(left.dangling).toMatchObject([{ table: 'public.orders', rows: 1 }]);
});

test('triggers of replication are refused, and rows stay', async () => {
  const shapes = await createShapes(
    [newestMajor, newestMajor],
    'CREATE TABLE traps (id int PRIMARY KEY, note text)',
    ['traps'],
    `INSERT INTO traps VALUES (1, 'a'), (2, 'b')`,
  );
  await shapes.subscriber.query(`
    UPDATE traps SET note = 'x' WHERE id = 1;
    CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE TRIGGER trap BEFORE UPDATE ON traps FOR EACH ROW EXECUTE FUNCTION nothing();
    ALTER TABLE traps ENABLE ALWAYS TRIGGER trap`);
  await expect(repairIn(shapes.file, shapes.environment, 'shapes')).rejects.toMatchObject({
    code: 'BLOCKED',
    message: expect.stringContaining('REPAIR_TRIGGERS subscriber/table.public.traps'),
  });
  // Those of applications do not fire.
  await shapes.subscriber.query('ALTER TABLE traps ENABLE TRIGGER trap');
  expect(await repairIn(shapes.file, shapes.environment, 'shapes')).toMatchObject({
    outcome: 'repaired',
  });
  await assertSame(shapes);
});
