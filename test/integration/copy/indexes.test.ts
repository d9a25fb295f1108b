// What a copy defers is re-created as it was: indexes, constraints, foreign keys and all that hangs on them.

import { describe, expect, test } from 'vitest';
import { openSession } from '../../../src/postgres/session.ts';
import { readTableFingerprints } from '../../../src/schema/read-fingerprints.ts';
import { allTables } from '../../../src/schema/scope.ts';
import type { TestDatabase } from '../../support/servers/cluster.ts';
import { endsByDay, pairs } from '../../support/servers/majors.ts';
import { copy, hold, names, settle, stage, subscription } from './copy-under-test.ts';

/** Tables whose indexes are of every kind; what is said to stay has a reason to. */
const schema = `
  CREATE TABLE customer (
    id int, code text NOT NULL, email text, region text, during int4range, at point, note text,
    CONSTRAINT customer_pk PRIMARY KEY (id) WITH (fillfactor = 80),
    CONSTRAINT "Customer code" UNIQUE (code) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT customer_email UNIQUE (email) INCLUDE (note),
    CONSTRAINT customer_during EXCLUDE USING gist (during WITH &&) WHERE (id > 0) DEFERRABLE);
  CREATE UNIQUE INDEX customer_identity ON customer (code DESC NULLS LAST);
  ALTER TABLE customer REPLICA IDENTITY USING INDEX customer_identity;
  CREATE INDEX "by Region" ON customer (lower(region) COLLATE "C" text_pattern_ops, (id % 7)) WHERE region IS NOT NULL;
  ALTER INDEX "by Region" ALTER COLUMN 2 SET STATISTICS 500;
  CREATE INDEX customer_at ON customer USING gist (at);
  CREATE INDEX customer_brin ON customer USING brin (id) WITH (pages_per_range = 4);
  ALTER TABLE customer CLUSTER ON customer_pk;
  COMMENT ON INDEX "by Region" IS 'it''s by region';
  COMMENT ON CONSTRAINT customer_email ON customer IS 'one address each';
  COMMENT ON CONSTRAINT customer_during ON customer IS 'no overlap';
  CREATE TABLE orders (id int PRIMARY KEY, customer int, parent int, code text,
    CONSTRAINT orders_customer FOREIGN KEY (customer) REFERENCES customer ON DELETE CASCADE DEFERRABLE,
    CONSTRAINT orders_parent FOREIGN KEY (parent) REFERENCES orders);
  CREATE INDEX ON orders (customer);
  ALTER TABLE orders ADD CONSTRAINT orders_late FOREIGN KEY (code) REFERENCES customer (code) NOT VALID;
  COMMENT ON CONSTRAINT orders_customer ON orders IS 'who';
  CREATE TABLE viewed (id int PRIMARY KEY, note text);
  CREATE VIEW viewing AS SELECT id, note FROM viewed GROUP BY id;
  CREATE TABLE pointed_at (id int PRIMARY KEY);
  CREATE TABLE parts (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
  CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (1000000);
  CREATE INDEX ON parts (note);`;

const rows = `
  INSERT INTO customer SELECT n, 'code ' || n, n || '@x', CASE WHEN n % 2 = 0 THEN 'eu' END, int4range(n * 2, n * 2 + 1), point(n, n), 'note'
    FROM generate_series(1, 3000) n;
  INSERT INTO orders SELECT n, n, CASE WHEN n > 1 THEN n - 1 END, 'code ' || n FROM generate_series(1, 3000) n;
  INSERT INTO viewed SELECT n, 'note' FROM generate_series(1, 3000) n;
  INSERT INTO pointed_at SELECT generate_series(1, 3000);
  INSERT INTO parts SELECT n, 'note' FROM generate_series(1, 3000) n;`;

const tables = names('customer', 'orders', 'viewed', 'pointed_at', 'parts_1');

/** Made on the subscriber alone: its own reasons to keep indexes. */
const own = `
  CREATE TABLE outside (id int REFERENCES pointed_at);
  CREATE TABLE published_on (id int PRIMARY KEY, note text UNIQUE);`;

/** Everything that an index or a constraint is, but the OID; validity included. */
const definitions = (database: TestDatabase) =>
  database.query<{ readonly name: string }>(`
    SELECT i.relname AS name, pg_get_indexdef(x.indexrelid) AS definition, x.indisvalid, x.indisclustered, x.indisreplident,
           x.indisprimary, x.indimmediate, obj_description(i.oid, 'pg_class') AS comment,
           (SELECT array_agg(a.attstattarget::int ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = i.oid) AS targets
      FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
     WHERE i.relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT k.conname || ' of ' || k.conrelid::regclass, pg_get_constraintdef(k.oid), k.convalidated, k.condeferrable, k.condeferred,
           NULL, NULL, obj_description(k.oid, 'pg_constraint'), NULL
      FROM pg_constraint k WHERE k.connamespace = 'public'::regnamespace
     ORDER BY 1`);

const indexOids = async (database: TestDatabase): Promise<Readonly<Record<string, number>>> => {
  const found = await database.query<{ readonly name: string; readonly oid: number }>(
    `SELECT relname AS name, oid::int8::int AS oid FROM pg_class WHERE relkind IN ('i', 'I')
        AND relnamespace = 'public'::regnamespace`,
  );
  return Object.fromEntries(found.map(({ name, oid }) => [name, oid]));
};

async function fingerprints(database: TestDatabase): Promise<unknown> {
  const session = await openSession(database.conninfo, { node: 'n', applicationName: 'test' });
  try {
    return await readTableFingerprints(session, allTables);
  } finally {
    await session.close();
  }
}

describe.each(endsByDay(pairs))('%i to %i', (from, to) => {
  test('indexes, constraints and their marks are what they were', async () => {
    const it = await stage(schema, [from, to]);
    await it.source.query(rows);
    await it.target.query(own);
    const before = [await definitions(it.target), await fingerprints(it.target)];
    const oids = await indexOids(it.target);

    await copy(it, await hold(it), tables);

    expect([await definitions(it.target), await fingerprints(it.target)]).toEqual(before);
    const after = await indexOids(it.target);
    const kept = Object.keys(oids).filter((name) => oids[name] === after[name]);
    expect(kept.toSorted()).toEqual(
      // A view, a foreign key of another table and partitions need theirs; the rest was not in the copy.
      'parts_1_note_idx parts_1_pkey parts_note_idx parts_pkey pointed_at_pkey published_on_note_key published_on_pkey viewed_pkey'.split(
        ' ',
      ),
    );
    expect(await it.target.query('SELECT * FROM steep_repl.copy_postponed')).toEqual([]);
  });
});

test('a table that is published further keeps its identity', async () => {
  const it = await stage('CREATE TABLE a (id int PRIMARY KEY, note text UNIQUE)');
  await it.source.query(`INSERT INTO a SELECT n, n FROM generate_series(1, 1000) n`);
  await it.target.query('CREATE PUBLICATION further FOR TABLE a');
  const oids = await indexOids(it.target);
  await copy(it, await hold(it), names('a'));
  const after = await indexOids(it.target);
  expect(after.a_pkey).toBe(oids.a_pkey);
  expect(after.a_note_key).not.toBe(oids.a_note_key);
});

test.each(endsByDay([...new Set(pairs.map(([, to]) => to))]))(
  'to %i: rows that a NOT VALID constraint does not take are copied, and it stays as it was',
  async (to) => {
    const it = await stage(
      'CREATE TABLE a (id int PRIMARY KEY, note text); CREATE TABLE b (id int); CREATE TABLE c () INHERITS (b)',
      [to, to],
    );
    const rowOfNulls =
      to >= 18 ? 'ALTER TABLE a ADD CONSTRAINT filled NOT NULL note NOT VALID' : '';
    await it.source.query('INSERT INTO a VALUES (1, NULL), (2, NULL); INSERT INTO b VALUES (3)');
    await it.target.query(`
      ALTER TABLE a ADD CONSTRAINT "newer; only" CHECK (id > 1 AND note <> 'a, b') NOT VALID;
      ALTER TABLE a ADD CONSTRAINT valid CHECK (id > 0);
      ALTER TABLE b ADD CONSTRAINT inherited CHECK (id > 1) NOT VALID;
      COMMENT ON CONSTRAINT "newer; only" ON a IS 'since May'; ${rowOfNulls}`);
    const before = await definitions(it.target);
    await copy(it, await hold(it), names('a', 'b', 'c'));
    expect(await definitions(it.target)).toEqual(before);
    expect(await it.target.query('SELECT id FROM a ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
    expect(await it.target.query('SELECT * FROM steep_repl.copy_postponed')).toEqual([]);
  },
);

test('a foreign key that the source does not prove stays, and is not checked', async () => {
  const it = await stage(
    'CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (id int PRIMARY KEY, parent int)',
  );
  await it.target.query('ALTER TABLE child ADD FOREIGN KEY (parent) REFERENCES parent');
  await it.source.query('INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1, 1), (2, 99)');
  const before = await definitions(it.target);
  await copy(it, await hold(it), names('parent', 'child'));
  expect(await definitions(it.target)).toEqual(before);
  expect(await it.target.query('SELECT count(*)::int AS n FROM child')).toEqual([{ n: 2 }]);
});

test('a constraint that the rows do not meet stops the copy, and settling makes it again', async () => {
  const it = await stage('CREATE TABLE a (id int, note text); CREATE TABLE b (id int PRIMARY KEY)');
  await it.target.query('CREATE UNIQUE INDEX only_here ON a (id)');
  await it.source.query(
    `INSERT INTO a SELECT n % 900, 'n' FROM generate_series(1, 1000) n; INSERT INTO b VALUES (1)`,
  );
  const before = await definitions(it.target);
  const run = copy(it, await hold(it), names('a', 'b'));
  await expect(run).rejects.toMatchObject({
    code: 'SERVER_ERROR',
    message: expect.stringContaining('building index only_here of public.a') as unknown,
  });
  await it.target.query('DELETE FROM a WHERE ctid NOT IN (SELECT min(ctid) FROM a GROUP BY id)');
  await settle(it, []);
  expect(await definitions(it.target)).toEqual(before);
});

test('an interrupted settlement continues; a foreign key waits for the rows it needs', async () => {
  const it = await stage(schema);
  await it.source.query(rows);
  const before = await definitions(it.target);
  // As a crash would leave it: customer is not complete, orders is.
  await copy(it, await hold(it), tables);
  await it.target.query(`
    DELETE FROM steep_repl.copy_chunks WHERE table_name = 'customer' AND chunk = 0;
    INSERT INTO steep_repl.copy_postponed VALUES
      ('${subscription}', 2, 'public', 'orders', 'foreign key', 'orders_customer', ARRAY['ALTER TABLE public.orders VALIDATE CONSTRAINT orders_customer']),
      ('${subscription}', 1, 'public', 'orders', 'foreign key', 'orders_customer',
        ARRAY['ALTER TABLE public.orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer) REFERENCES public.customer(id) ON DELETE CASCADE DEFERRABLE NOT VALID',
              'COMMENT ON CONSTRAINT orders_customer ON public.orders IS ''who''']);
    ALTER TABLE orders DROP CONSTRAINT orders_customer`);
  await settle(it, names('customer'));
  expect(await it.target.query('SELECT count(*)::int AS n FROM customer')).toEqual([{ n: 0 }]);
  expect(await it.target.query('SELECT count(*)::int AS n FROM orders')).toEqual([{ n: 3000 }]);
  expect(await it.target.query('SELECT id FROM steep_repl.copy_postponed')).toEqual([{ id: 2 }]);
  await settle(it, names('customer'));
  await it.target.query(
    `SET session_replication_role = replica; ${rows.split('\n')[1]} ${rows.split('\n')[2]}; RESET session_replication_role`,
  );
  await settle(it, []);
  expect(await definitions(it.target)).toEqual(before);
});
