// Tables of the subscriber that differ from the publisher's: what would stop apply is a block with schema_sync: strict, in the
// words of `steep schema diff`, and a danger with manual; what is harmless is neither, and rows arrive.

import { expect, test } from 'vitest';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { installed, rowsWorld } from './rows-world.ts';

const oldAndNew = installed([
  [14, 18],
  [18, 18],
]);

const published = `
  CREATE TYPE mood AS ENUM ('good', 'bad', 'new');
  CREATE DOMAIN amount AS int;
  CREATE TABLE checked (id int PRIMARY KEY, n int, due amount, state mood);
  CREATE TABLE keyless (id int, body json);
  ALTER TABLE keyless REPLICA IDENTITY FULL;
  CREATE TABLE keyed (id int PRIMARY KEY, region int NOT NULL)`;

const demanding = `
  CREATE TYPE mood AS ENUM ('good', 'bad');
  CREATE DOMAIN amount AS int CHECK (VALUE > 0);
  CREATE TABLE checked (
    id int PRIMARY KEY, n int NOT NULL, due amount, state mood, own int NOT NULL,
    CONSTRAINT once UNIQUE (n), CONSTRAINT positive CHECK (n > 0),
    CONSTRAINT apart EXCLUDE USING hash (n WITH =));
  CREATE TABLE keyless (id int, body json);
  CREATE TABLE keyed (id int, region int, own int DEFAULT 1, PRIMARY KEY (id, own))`;

const stops = [
  'public.checked.n is NOT NULL, and NULL may be sent',
  'column own of public.checked',
  'constraint once of public.checked',
  'constraint positive of public.checked',
  'constraint apart of public.checked',
  'type public.amount of public.checked',
  'type public.mood of public.checked',
  'public.keyless.body is json, which has no equality operator',
  'the key of public.keyed includes own',
];

test.each(oldAndNew)('%s to %s: what would stop apply', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables: '',
    publication: { tables: ['checked', 'keyless', 'keyed'] },
  });
  await world.publisher.query(published);
  await world.subscriber.query(demanding);
  const plan = await world.steep(0, 'plan');
  expect(plan).toMatch(/BLOCK +SCHEMA_MISMATCH /);
  for (const phrase of stops) expect(plan).toContain(phrase);
  await world.steep(3, 'apply', '--auto-approve');
  const manual = await world.steep(0, 'plan', '--schema-sync', 'manual');
  expect(manual).toMatch(/DANGER +SCHEMA_MISMATCH /);
  for (const phrase of stops) expect(manual).toContain(phrase);
  expect(manual).toContain('--allow-hazard SCHEMA_MISMATCH=subscriber/subscription.items');
});

const narrow = `
  CREATE TYPE mood AS ENUM ('good', 'bad');
  CREATE TABLE wide (id int NOT NULL, n int, short varchar(10), state mood, states mood[], CONSTRAINT one_of CHECK (short IN ('a', 'b')));
  CREATE UNIQUE INDEX wide_id ON wide (id);
  ALTER TABLE wide REPLICA IDENTITY FULL;
  CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
  CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (100)`;

const accepting = `
  CREATE SCHEMA types; CREATE TYPE types.mood AS ENUM ('bad', 'good');
  CREATE TABLE wide (
    id bigint PRIMARY KEY, n numeric, short varchar(20), state types.mood, states types.mood[], own text,
    CONSTRAINT one_of CHECK (short::text = ANY (ARRAY['a'::varchar::text, 'b'::varchar::text])) NOT VALID);
  CREATE TABLE parts (id int PRIMARY KEY)`;

test.each(oldAndNew)('%s to %s: what is harmless, and not in binary transfer', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables: '',
    publication: { tables: ['wide', 'parts'], publish_via_partition_root: true },
  });
  const { publisher, subscriber, project } = world;
  await publisher.query(narrow);
  await subscriber.query(accepting);
  const values = `1, 'a', 'good', '{good,bad}'`;
  await publisher.query(`INSERT INTO wide VALUES (1, ${values}); INSERT INTO parts VALUES (1)`);
  const file = await project.read('steep.yaml');
  const binary = file.replace(
    'node: subscriber\n',
    'node: subscriber\n    options: { binary: true }\n',
  );
  expect(binary).not.toBe(file);
  await project.write('steep.yaml', binary);
  const plan = await world.steep(0, 'plan');
  expect(plan).toMatch(/BLOCK +SCHEMA_MISMATCH /);
  expect(plan).toContain('public.wide.id is bigint, published as integer');
  expect(plan).not.toContain('public.wide.short is');
  await project.write('steep.yaml', file);
  expect(await world.steep(0, 'plan')).not.toContain('SCHEMA_MISMATCH');
  await world.steep(0, 'apply', '--auto-approve');
  await publisher.query(`INSERT INTO wide VALUES (2, ${values}); UPDATE wide SET short = 'b'`);
  await publisher.query('INSERT INTO parts VALUES (2)');
  await waitFor('the rows', async () => {
    const rows = await subscriber.query(`
      SELECT FROM wide JOIN parts USING (id) WHERE short = 'b' AND state = 'good'`);
    return rows.length === 2;
  });
});

test.each(oldAndNew)('%s to %s: rows that fit no partition of the subscriber', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables: '',
    publication: { tables: ['parts', 'kinds', 'plain'], publish_via_partition_root: true },
  });
  await world.publisher.query(`
    CREATE TABLE parts (id bigint PRIMARY KEY) PARTITION BY RANGE (id);
    CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (9);
    CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (9) TO (200);
    CREATE TABLE kinds (kind text, at date, PRIMARY KEY (kind, at)) PARTITION BY LIST (kind);
    CREATE TABLE kinds_1 PARTITION OF kinds FOR VALUES IN ('a', 'b, c') PARTITION BY RANGE (at);
    CREATE TABLE kinds_2024 PARTITION OF kinds_1 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    CREATE TABLE plain (id int PRIMARY KEY)`);
  await world.subscriber.query(`
    CREATE TABLE parts (id bigint PRIMARY KEY) PARTITION BY RANGE (id);
    CREATE TABLE parts_small PARTITION OF parts FOR VALUES FROM (MINVALUE) TO (100);
    CREATE TABLE kinds (kind text, at date, PRIMARY KEY (kind, at)) PARTITION BY LIST (kind);
    CREATE TABLE kinds_1 PARTITION OF kinds FOR VALUES IN ('a', 'b, c') PARTITION BY RANGE (at);
    CREATE TABLE kinds_spring PARTITION OF kinds_1 FOR VALUES FROM ('2024-01-01') TO ('2024-06-01');
    CREATE TABLE plain (id int PRIMARY KEY) PARTITION BY HASH (id);
    CREATE TABLE plain_0 PARTITION OF plain FOR VALUES WITH (MODULUS 2, REMAINDER 0)`);
  const said = await world.steep(0, 'plan');
  expect(said).toMatch(/BLOCK +SCHEMA_MISMATCH /);
  for (const phrase of [
    "public.parts has no partition for every row of public.parts_2 (FOR VALUES FROM ('9') TO ('200'))",
    "public.kinds_1 has no partition for every row of public.kinds_2024 (FOR VALUES FROM ('2024-01-01') TO ('2025-01-01'))",
    'public.plain has no partition for every row of public.plain:',
  ])
    expect(said).toContain(phrase);
  expect(said).not.toContain('public.parts_1 ');
  await world.steep(3, 'apply', '--auto-approve');
  await world.subscriber.query(`
    CREATE TABLE parts_large PARTITION OF parts FOR VALUES FROM (100) TO (1000);
    CREATE TABLE kinds_rest PARTITION OF kinds_1 FOR VALUES FROM ('2024-06-01') TO ('2025-06-01');
    CREATE TABLE plain_1 PARTITION OF plain FOR VALUES WITH (MODULUS 2, REMAINDER 1)`);
  expect(await world.steep(0, 'plan')).not.toContain('SCHEMA_MISMATCH');
  await world.steep(0, 'apply', '--auto-approve');
  await world.publisher.query(`
    INSERT INTO parts VALUES (150); INSERT INTO kinds VALUES ('b, c', '2024-07-01'); INSERT INTO plain VALUES (1), (2)`);
  await waitFor('the rows', async () => {
    const rows = await world.subscriber.query(
      'SELECT FROM plain, kinds, parts WHERE parts.id = 150',
    );
    return rows.length === 2;
  });
});

test.each(oldAndNew)(
  '%s to %s: a column list leaves out what the subscriber demands',
  async (...pair) => {
    const world = await rowsWorld({
      pair: pair[0] < 15 ? [15, pair[1]] : pair,
      tables: 'CREATE TABLE items (id int PRIMARY KEY, note text, code text NOT NULL)',
      publication: { tables: [{ name: 'items', columns: ['id', 'note'] }] },
    });
    const plan = await world.steep(0, 'plan');
    expect(plan).toMatch(/BLOCK +SCHEMA_MISMATCH /);
    expect(plan).toContain('column code of public.items');
    await world.subscriber.query(`ALTER TABLE items ALTER code SET DEFAULT 'none'`);
    expect(await world.steep(0, 'plan')).not.toContain('SCHEMA_MISMATCH');
  },
);

test.each(oldAndNew)(
  '%s to %s: a key that takes different values for equal ones',
  async (...pair) => {
    const world = await rowsWorld({
      pair,
      tables: `
      CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      CREATE TABLE items (id text PRIMARY KEY, note text)`,
      publication: { tables: ['items'] },
    });
    await world.subscriber.query('ALTER TABLE items ALTER note TYPE text COLLATE folded');
    expect(await world.steep(0, 'plan')).not.toContain('SCHEMA_MISMATCH');
    await world.subscriber.query('ALTER TABLE items ALTER id TYPE text COLLATE folded');
    const plan = await world.steep(0, 'plan');
    expect(plan).toMatch(/BLOCK +SCHEMA_MISMATCH /);
    expect(plan).toContain('may be equal on the subscriber');
  },
);

test.each(oldAndNew)('%s to %s: row security of the subscriber', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables: 'CREATE TABLE items (id int PRIMARY KEY, note text)',
    publication: { tables: ['items'] },
  });
  const { publisher, subscriber } = world;
  const owner = `owner_${subscriber.name}`;
  await subscriber.query(`
    CREATE ROLE ${owner}; GRANT CREATE ON SCHEMA public TO ${owner}; ALTER TABLE items OWNER TO ${owner};
    ALTER TABLE items ENABLE ROW LEVEL SECURITY; ALTER TABLE items FORCE ROW LEVEL SECURITY`);
  onTestFinished(async () => {
    await subscriber.query(`DROP OWNED BY ${owner} CASCADE; DROP ROLE ${owner}`);
  });
  const plan = await world.steep(0, 'plan');
  expect(plan).toMatch(/BLOCK +ROW_SECURITY /);
  expect(plan).toContain(`ALTER ROLE ${owner} BYPASSRLS;`);
  await world.steep(3, 'apply', '--auto-approve');
  await subscriber.query('ALTER TABLE items NO FORCE ROW LEVEL SECURITY');
  await world.steep(0, 'apply', '--auto-approve');
  await publisher.query(`INSERT INTO items VALUES (1, 'later')`);
  await waitFor('the row', async () => (await subscriber.query('SELECT FROM items')).length === 1);
});
