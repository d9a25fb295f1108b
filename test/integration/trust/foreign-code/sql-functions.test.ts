// The functions of steep_repl that compare rows, called by a superuser on tables of others: here, and on the peer.

import { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import { cluster } from '../../../support/servers/cluster.ts';
import { lastByDay, majors } from '../../../support/servers/majors.ts';
import { installMetadata } from '../../catalog/metadata.ts';
import { world } from './name-world.ts';

const widest = lastByDay(majors.filter((major) => major === 14 || major === 18));

const plain = (name: string): string => `CREATE TABLE app.${name} (id int PRIMARY KEY)`;

const partitioned = (name: string, key: string): string => `
  CREATE TABLE app.${name} (id int) PARTITION BY RANGE (${key});
  CREATE TABLE app.${name}_part PARTITION OF app.${name} FOR VALUES FROM (0) TO (100)`;

/** Each makes a table, or what looks like one, whose name is that of the attack. */
const attacks: Readonly<Record<string, string>> = {
  view: `CREATE VIEW app.view AS SELECT 1 AS id WHERE evil.ok('view', 1)`,
  index: `${plain('index')}; CREATE INDEX ON app.index ((evil.one('index') + id))`,
  predicate: `${plain('predicate')}; CREATE INDEX ON app.predicate (id) WHERE evil.one('predicate') = id`,
  operator: `${plain('operator')};
    CREATE INDEX ON app.operator (id) WHERE 'operator'::text OPERATOR(evil.@@@) 'x'::text`,
  stats: `${plain('stats')};
    CREATE STATISTICS app.s ON (evil.one('stats') + id), id FROM app.stats`,
  leaf: `${partitioned('leaf', 'id')}; CREATE INDEX ON app.leaf_part ((evil.one('leaf') + id))`,
  key: partitioned('key', `(evil.one('key') + id)`),
};

/** What nobody has to refuse. */
const harmless = `
  CREATE TABLE app.harmless (id int PRIMARY KEY, note text);
  CREATE INDEX ON app.harmless (lower(note)) WHERE note IS NOT NULL`;

describe.each(widest)('PostgreSQL %i', (major) => {
  test('nothing of others runs, here or on the peer', async () => {
    const here = await world(major);
    const there = await cluster.database(major);
    await installMetadata(there);
    await there.query('CREATE SCHEMA app');
    const { host, port, password } = new Client(here.database.url);
    const link = (dbname: string) => `CREATE EXTENSION dblink; SET client_min_messages = error;
      CREATE SERVER peer FOREIGN DATA WRAPPER dblink_fdw OPTIONS (host '${host}', port '${port}', dbname '${dbname}');
      CREATE USER MAPPING FOR CURRENT_USER SERVER peer OPTIONS (user 'postgres', password '${password}')`;
    await there.query(link(here.database.name));
    await here.database.query(link(there.name));
    await there.query(harmless);
    await here.own.query(harmless);
    await here.own.query(`INSERT INTO app.harmless VALUES (1, 'x')`);
    expect(
      await here.database.query(
        `SELECT * FROM steep_repl.compare_table_rows('peer', 'app.harmless')`,
      ),
    ).toEqual([{ key: { id: '1' }, finding: 'only_here' }]);
    for (const [name, statements] of Object.entries(attacks)) {
      await there.query(plain(name));
      await here.own.query(statements);
      await here.marks();
      for (const database of [there, here.database]) {
        for (const call of [
          `compare_table_rows('peer', 'app.${name}')`,
          `compare_table_summary('peer', 'app.${name}')`,
          `analyze_overlap('peer', ARRAY['app.${name}'])`,
        ]) {
          const asked = database.query(`SELECT * FROM steep_repl.${call}`);
          await expect(asked, call).rejects.toThrow(/is not a table|belongs to another role/);
        }
      }
      expect(await here.marks(), name).toEqual([]);
    }
  });
});
