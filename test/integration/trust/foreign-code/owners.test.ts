// Most databases belong to one role, and are not searched any further for code of others. Each way in which another role
// may own a single thing is enough for the search.

import { expect, test } from 'vitest';
import { readForeignCode } from '../../../../src/catalog/foreign-code/read-foreign-code.ts';
import { withSession } from '../../../support/plans/schema-reading.ts';
import { onTestFinished } from '../../../support/servers/clean-up.ts';
import { cluster, type TestDatabase } from '../../../support/servers/cluster.ts';
import { lastByDay, majors } from '../../../support/servers/majors.ts';

const widest = lastByDay([...new Set([Math.min(...majors), Math.max(...majors)])]);

const found = (database: TestDatabase) =>
  withSession(database, (session) =>
    session.transaction({}, () =>
      readForeignCode(session, [{ schema: 'public', name: 'items' }], ['fill', 'scan', 'empty']),
    ),
  );

const trigger = `
  CREATE FUNCTION public.fire() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE TRIGGER t BEFORE INSERT ON public.items FOR EACH ROW EXECUTE FUNCTION public.fire();
  ALTER TABLE public.items ENABLE ALWAYS TRIGGER t;`;

/** What is owned, or granted, in a database of a superuser. ROLE is a role without any right. */
const ways: readonly (readonly [way: string, statements: string])[] = [
  ['a function', `${trigger} ALTER FUNCTION public.fire() OWNER TO ROLE`],
  [
    'a function, by a role of the server',
    `${trigger} ALTER FUNCTION public.fire() OWNER TO pg_monitor`,
  ],
  [
    'the table',
    `ALTER TABLE public.items ALTER note SET DEFAULT pg_catalog.lo_get(1)::text; ALTER TABLE public.items OWNER TO ROLE`,
  ],
  [
    'a domain',
    `CREATE DOMAIN public.told AS text CHECK (VALUE IS NULL OR pg_catalog.pg_sleep(0) IS NOT NULL);
     ALTER TABLE public.items ADD told public.told; ALTER DOMAIN public.told OWNER TO ROLE`,
  ],
  [
    'a trigger that anybody may have made',
    `GRANT TRIGGER ON public.items TO PUBLIC;
     CREATE TRIGGER t BEFORE UPDATE ON public.items FOR EACH ROW WHEN (pg_catalog.pg_sleep(0) IS NOT NULL)
       EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger();
     ALTER TABLE public.items ENABLE ALWAYS TRIGGER t`,
  ],
  [
    'a trigger that a role may have made',
    `GRANT TRIGGER ON public.items TO ROLE;
     CREATE TRIGGER t BEFORE UPDATE ON public.items FOR EACH ROW WHEN (pg_catalog.pg_sleep(0) IS NOT NULL)
       EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger();
     ALTER TABLE public.items ENABLE ALWAYS TRIGGER t`,
  ],
];

test.each(widest.flatMap((major) => ways.map(([way, sql]) => ({ major, way, sql }))))(
  'PostgreSQL $major: $way',
  async ({ major, sql }) => {
    const database = await cluster.database(major);
    const role = `other_${database.name}`;
    await database.query(`CREATE ROLE ${role}`);
    onTestFinished(async () => {
      await database.query(`DROP OWNED BY ${role} CASCADE`);
      await database.query(`DROP ROLE ${role}`);
    });
    await database.query('CREATE TABLE public.items (id int PRIMARY KEY, note text)');
    expect(await found(database)).toEqual([]);
    await database.query(sql.replaceAll('ROLE', role));
    expect(await found(database)).not.toEqual([]);
  },
);
