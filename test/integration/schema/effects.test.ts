// What diff says of a difference is what PostgreSQL does: a change is published and applied, or apply stops.

import { expect, test } from 'vitest';
import type { Effect } from '../../../src/model/schema/schema-difference.ts';
import {
  compareDefinitions,
  worstEffect,
} from '../../../src/planner/schema/compare-definitions.ts';
import { definitionsIn } from '../../support/plans/schema-reading.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { subscribe } from './subscribe.ts';

interface Case {
  readonly what: string;
  /** Of table t on the publisher, and on the subscriber. */
  readonly local: string;
  readonly remote: string;
  /** What is written on the publisher; the subscriber has row 0 already. */
  readonly change?: string;
  readonly effect: Effect;
}

const plain = 'CREATE TABLE t (id int PRIMARY KEY, a text)';
const insert = `INSERT INTO t (id, a) VALUES (1, 'abc')`;

const update = `${insert}; UPDATE t SET a = 'x'`;

const collated = 'CREATE TABLE t (id int PRIMARY KEY, a text COLLATE c UNIQUE)';

const cases: readonly Case[] = [
  { what: 'the same', local: plain, remote: plain, effect: 'harmless' },
  {
    what: 'a column is missing',
    local: plain,
    remote: 'CREATE TABLE t (id int PRIMARY KEY)',
    effect: 'stops',
  },
  {
    what: 'an extra column',
    local: plain,
    remote: `${plain.slice(0, -1)}, b int)`,
    effect: 'silent',
  },
  {
    what: 'an extra column that must be filled',
    local: plain,
    remote: `${plain.slice(0, -1)}, b int NOT NULL)`,
    effect: 'stops',
  },
  {
    what: 'an extra column with a default',
    local: plain,
    remote: `${plain.slice(0, -1)}, b int NOT NULL DEFAULT 1)`,
    effect: 'silent',
  },
  {
    what: 'a narrower type',
    local: plain,
    remote: 'CREATE TABLE t (id int PRIMARY KEY, a varchar(2))',
    effect: 'stops',
  },
  {
    what: 'a wider type',
    local: 'CREATE TABLE t (id int PRIMARY KEY, a varchar(5))',
    remote: plain,
    effect: 'harmless',
  },
  {
    what: 'a wider number',
    local: plain,
    remote: 'CREATE TABLE t (id bigint PRIMARY KEY, a text)',
    effect: 'harmless',
  },
  {
    what: 'NOT NULL on the subscriber',
    local: plain,
    remote: 'CREATE TABLE t (id int PRIMARY KEY, a text NOT NULL)',
    change: 'INSERT INTO t (id) VALUES (1)',
    effect: 'stops',
  },
  {
    what: 'identity always on the subscriber',
    local: plain,
    remote: 'CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a text)',
    effect: 'harmless',
  },
  {
    what: 'generated on the subscriber',
    local: plain,
    remote: `CREATE TABLE t (id int PRIMARY KEY, a text GENERATED ALWAYS AS ('x') STORED)`,
    effect: 'stops',
  },
  {
    what: 'generated on the publisher',
    local: `CREATE TABLE t (id int PRIMARY KEY, a text GENERATED ALWAYS AS ('x') STORED)`,
    remote: plain,
    change: 'INSERT INTO t (id) VALUES (1)',
    effect: 'silent',
  },
  {
    what: 'generated on the publisher, and NOT NULL on the subscriber',
    local: `CREATE TABLE t (id int PRIMARY KEY, a text GENERATED ALWAYS AS ('x') STORED)`,
    remote: 'CREATE TABLE t (id int PRIMARY KEY, a text NOT NULL)',
    change: 'INSERT INTO t (id) VALUES (1)',
    effect: 'stops',
  },
  {
    what: 'another order',
    local: plain,
    remote: 'CREATE TABLE t (a text, id int PRIMARY KEY)',
    effect: 'harmless',
  },
  {
    what: 'a check',
    local: plain,
    remote: `${plain}; ALTER TABLE t ADD CHECK (length(a) < 3)`,
    effect: 'stops',
  },
  {
    what: 'a unique index',
    local: plain,
    remote: `${plain}; CREATE UNIQUE INDEX ON t ((length(a)))`,
    change: `INSERT INTO t VALUES (1, 'abc'), (2, 'def')`,
    effect: 'stops',
  },
  {
    what: 'a foreign key',
    local: plain,
    remote: `CREATE TABLE o (id int PRIMARY KEY); ${plain}; ALTER TABLE t ADD FOREIGN KEY (id) REFERENCES o`,
    effect: 'silent',
  },
  {
    what: 'no key',
    local: plain,
    remote: 'CREATE TABLE t (id int, a text)',
    change: update,
    effect: 'stops',
  },
  {
    what: 'no key, and FULL on the publisher',
    local: `${plain}; ALTER TABLE t REPLICA IDENTITY FULL`,
    remote: 'CREATE TABLE t (id int, a text)',
    change: update,
    effect: 'slow',
  },
  {
    what: 'a key with more columns',
    local: plain,
    remote: 'CREATE TABLE t (id int, a text, PRIMARY KEY (id, a))',
    change: update,
    effect: 'stops',
  },
  {
    what: 'FULL on the publisher only',
    local: `${plain}; ALTER TABLE t REPLICA IDENTITY FULL`,
    remote: plain,
    change: update,
    effect: 'harmless',
  },
  {
    what: 'NOTHING on the subscriber',
    local: plain,
    remote: `${plain}; ALTER TABLE t REPLICA IDENTITY NOTHING`,
    change: update,
    effect: 'harmless',
  },
  {
    what: 'a label is missing',
    local: `CREATE TYPE e AS ENUM ('abc'); CREATE TABLE t (id int PRIMARY KEY, a e)`,
    remote: `CREATE TYPE e AS ENUM ('x'); CREATE TABLE t (id int PRIMARY KEY, a e)`,
    effect: 'stops',
  },
  {
    what: 'a stricter domain',
    local: 'CREATE DOMAIN d AS text; CREATE TABLE t (id int PRIMARY KEY, a d)',
    remote:
      'CREATE DOMAIN d AS text CHECK (length(VALUE) < 3); CREATE TABLE t (id int PRIMARY KEY, a d)',
    effect: 'stops',
  },
  {
    what: 'a collation of the same name to which different values are equal',
    local: `CREATE COLLATION c (provider = icu, locale = 'und-u-ks-level2'); ${collated}`,
    remote: `CREATE COLLATION c (provider = icu, locale = 'und-u-ks-level2', deterministic = false); ${collated}`,
    change: `INSERT INTO t VALUES (1, 'abc'), (2, 'ABC')`,
    effect: 'stops',
  },
  {
    what: 'a collation of the same name with another order',
    local: `CREATE COLLATION c (provider = icu, locale = 'de'); ${collated}`,
    remote: `CREATE COLLATION c (provider = icu, locale = 'sv'); ${collated}`,
    effect: 'harmless',
  },
  {
    what: 'partitions that do not take it',
    local: plain,
    remote:
      'CREATE TABLE t (id int PRIMARY KEY, a text) PARTITION BY LIST (id); CREATE TABLE p PARTITION OF t FOR VALUES IN (7)',
    effect: 'stops',
  },
];

test.each(cases)('$what: $effect', async ({ local, remote, change = insert, effect }) => {
  const publisher = await cluster.database(newestMajor);
  const subscriber = await cluster.database(newestMajor);
  await publisher.query(local);
  await subscriber.query(remote);
  const definition = async (database: TestDatabase) =>
    (await definitionsIn(database)).find(({ name }) => name.name === 't') ?? null;
  const differences = compareDefinitions(await definition(publisher), await definition(subscriber));
  expect(worstEffect(differences) ?? 'harmless').toBe(effect);

  await subscribe(publisher, subscriber);
  await publisher.query(change);
  const outcome = await waitFor('a row, or the end of apply', async () => {
    const [state] = await subscriber.query<{ readonly on: boolean; readonly rows: number }>(
      `SELECT s.subenabled AS on, (SELECT count(*)::int FROM t) AS rows
         FROM pg_subscription AS s WHERE s.subname = $1`,
      [publisher.name],
    );
    if (state === undefined) return false;
    if (!state.on) return 'stops';
    return state.rows > 0 && 'continues';
  });
  expect(outcome).toBe(effect === 'stops' ? 'stops' : 'continues');
  await subscriber.drop();
  await publisher.drop();
});
