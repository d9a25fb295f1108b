// Every function that sql-api.md describes for users, called by a superuser and by the role with the fewest rights that may: one
// right less, and it is refused.

import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { TestDatabase } from '../../support/servers/cluster.ts';
import { endsByDay, majors } from '../../support/servers/majors.ts';
import { testDatabase } from '../../support/servers/test-database.ts';
import { type Group, groups } from './function-groups.ts';
import { stage } from './sql-functions-world.ts';

/** Cannot succeed inside of a function, whoever calls, or are dropped below. */
const elsewhere = ['refresh_subscription', 'drop_subscription'];

const described = async (): Promise<readonly string[]> => {
  const text = await readFile(new URL('../../../docs/sql-api.md', import.meta.url), 'utf8');
  const [own = ''] = text.split('## Used by the others');
  return [...own.matchAll(/^### (\w+)$/gm)].map(([, name = '']) => name);
};

const nameOf = (call: string): string => call.slice(0, call.indexOf('('));

const ask = async (database: TestDatabase, call: string): Promise<string> => {
  try {
    await database.query(`SELECT * FROM steep_repl.${call}`);
    return 'done';
  } catch (error) {
    return `${(error as { code?: string }).code}: ${(error as Error).message}`;
  }
};

/** The groups one after the other. @returns what each call said, where it was not done. */
const callAll = async (
  as: TestDatabase,
  grant: (group: Group) => Promise<void>,
  calls: (group: Group) => readonly string[],
  all: readonly Group[],
): Promise<readonly string[]> => {
  const failed: string[] = [];
  for (const group of all) {
    await grant(group);
    for (const call of calls(group)) {
      const said = await ask(as, call);
      if (said !== 'done') failed.push(`${call}: ${said}`);
    }
  }
  return failed;
};

test('none is left out', async () => {
  const called = groups(18).flatMap(({ calls }) =>
    calls({ who: 'x', database: 'x', publisher: { conninfo: { text: '' } } as TestDatabase }),
  );
  expect([...called.map(nameOf), ...elsewhere].toSorted()).toEqual((await described()).toSorted());
});

describe.each(endsByDay(majors))('PostgreSQL %i', (major) => {
  test('superuser, and the role with the fewest rights', async () => {
    const { publisher, subscriber: database } = await stage(major);
    const role = `few_${database.name}`;
    const conninfo = database.conninfo.with({ user: role, password: 'few' });
    const as = testDatabase(conninfo, database.name);
    const all = groups(major);
    const caller = { database: database.name, publisher };
    const {
      host = '',
      port = '',
      password = '',
    } = Object.fromEntries(
      ['host', 'port', 'password'].map((key) => [key, database.conninfo.get(key) ?? '']),
    );
    await database.query(`
      INSERT INTO steep_repl.snapshots (snapshot_id, source_node, storage_path, status, compression, run_id)
      VALUES ('made', 'a', '/backup/made', 'complete', 'none', 'r');
      SELECT steep_repl.register_node('a', 'a');
      SELECT steep_repl.capture_all_fingerprints(n) FROM unnest(ARRAY['a', 'b']) AS n;
      CREATE EXTENSION dblink;
      CREATE SERVER peer FOREIGN DATA WRAPPER dblink_fdw OPTIONS (host '${host}', port '${port}', dbname '${database.name}');
      CREATE USER MAPPING FOR CURRENT_USER SERVER peer OPTIONS (user 'postgres', password '${password}');
      CREATE ROLE ${role} LOGIN PASSWORD 'few';
      GRANT USAGE ON SCHEMA steep_repl TO ${role}; GRANT SELECT ON ALL TABLES IN SCHEMA steep_repl TO ${role}`);
    try {
      const mine = (group: Group) => group.calls({ ...caller, who: 'one' });
      expect(await callAll(database, async () => undefined, mine, all)).toEqual([]);
      const few = (group: Group) => group.calls({ ...caller, who: 'two' });
      for (const group of all.slice(1)) {
        expect(await ask(as, few(group)[0] ?? ''), few(group)[0]).toMatch(
          /^42501|^42704: there is no foreign/,
        );
      }
      const grant = async ({ rights }: Group): Promise<void> => {
        for (const right of rights(role, database.name)) await database.query(right);
        // A role attribute is read when a session begins.
        await as.close();
      };
      const may = all.filter(({ superuser }) => superuser === undefined);
      expect(await callAll(as, grant, few, may)).toEqual([]);
    } finally {
      await as.close();
      await database.query(`
        DO $$ DECLARE one record; BEGIN
          FOR one IN SELECT subname FROM pg_subscription WHERE subname IN ('f_one', 'f_two')
                        AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()) LOOP
            EXECUTE format('ALTER SUBSCRIPTION %I SET (slot_name = NONE)', one.subname);
            PERFORM steep_repl.drop_subscription(one.subname);
          END LOOP;
        END $$`);
      await database.query(`REASSIGN OWNED BY ${role} TO postgres`);
      await database.query(`DROP OWNED BY ${role}`);
      await database.query(`DROP ROLE ${role}`);
    }
  });
});
