// SQL reports are run by a DBA with psql, in a database whose owner sets search_path, and how values are read, for every
// session: nothing of the owner's runs, and the rows are those of the publisher.

import { expect, test } from 'vitest';
import { cluster } from '../../support/servers/cluster.ts';
import { lastByDay, majors } from '../../support/servers/majors.ts';
import { createProject } from '../../support/worlds/project.ts';

const operators = `
  CREATE SCHEMA evil;
  CREATE FUNCTION evil.ran(a tid, b tid) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'ran as %', current_user; END $$;
  CREATE OPERATOR evil.= (FUNCTION = evil.ran, LEFTARG = tid, RIGHTARG = tid)`;

const settings = {
  search_path: 'evil, pg_catalog, public',
  array_nulls: 'off',
  standard_conforming_strings: 'off',
  xmloption: 'document',
} as const;

test.each(lastByDay([...new Set([Math.min(...majors), Math.max(...majors)])]))(
  'PostgreSQL %i: settings of the database change nothing',
  async (major) => {
    const [source, target] = [await cluster.database(major), await cluster.database(major)];
    for (const database of [source, target]) {
      await database.query('CREATE TABLE t (id int PRIMARY KEY, a text[], note text)');
    }
    await source.query(
      `INSERT INTO t VALUES (1, '{NULL,a}', E'back\\\\slash\\''), (2, '{b}', 'kept'), (3, NULL, E'\\\\')`,
    );
    const project = await createProject(
      { primary: source.url, reporting: target.url },
      {
        publications: { p: { node: 'primary', tables: ['t'] } },
        subscriptions: {
          s: {
            node: 'reporting',
            source: 'primary',
            publications: ['p'],
            slot: `s_${source.name}`,
          },
        },
      },
    );
    const applied = await project.steep('apply', '--auto-approve');
    expect(applied.code, applied.stderr).toBe(0);
    await target.query(
      `UPDATE t SET a = '{x}', note = 'x' WHERE id = 1; DELETE FROM t WHERE id = 3`,
    );
    const report = ['--dry-run', '--report', 'sql=r.sql'];
    expect((await project.steep('repair', 's', ...report)).code).toBe(2);
    await target.query(operators);
    for (const [name, value] of Object.entries(settings)) {
      await target.query(`SET ${name} = ${value}`);
    }
    await target.query(await project.read('r.sql'));
    const rows = 'SELECT * FROM public.t ORDER BY 1';
    expect(await target.query(rows)).toEqual(await source.query(rows));
  },
);
