// Functions of other roles in event triggers: they run with the rights of whoever runs DDL, which is steep.

import { expect, test } from 'vitest';
import { onTestFinished } from '../../../support/servers/clean-up.ts';
import { cluster } from '../../../support/servers/cluster.ts';
import { lastByDay } from '../../../support/servers/majors.ts';
import { createProject } from '../../../support/worlds/project.ts';
import { rowsWorld } from '../../rows/rows-world.ts';

const allowed = [
  '--auto-approve',
  '--allow-hazard',
  'RUNS_FOREIGN_CODE=subscriber/node.subscriber',
];

test.each(lastByDay([14, 18]))(
  'PostgreSQL %i: named with their owner, and run only by consent',
  async (major) => {
    const { publisher, subscriber, steep } = await rowsWorld({
      pair: [major, major],
      tables: 'CREATE TABLE items (id int PRIMARY KEY)',
      publication: { tables: ['items'] },
    });
    const owner = `owner_${subscriber.name}`;
    await subscriber.query(`
    CREATE ROLE ${owner};
    CREATE TABLE ran (as_role text);
    CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS $f$
      BEGIN INSERT INTO public.ran VALUES (current_user); END $f$;
    CREATE FUNCTION mine() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN END $f$;
    ALTER FUNCTION watch() OWNER TO ${owner};
    CREATE EVENT TRIGGER watches ON ddl_command_end EXECUTE FUNCTION watch();
    CREATE EVENT TRIGGER off ON sql_drop EXECUTE FUNCTION watch();
    ALTER EVENT TRIGGER off DISABLE;
    CREATE EVENT TRIGGER trusted ON ddl_command_start EXECUTE FUNCTION mine();
    DELETE FROM ran`);
    onTestFinished(async () => {
      await subscriber.query(`DROP FUNCTION watch CASCADE; DROP ROLE ${owner}`);
    });
    const plan = await steep(0, 'plan');
    expect(plan).toMatch(/DANGER +RUNS_FOREIGN_CODE +Statements of this plan on node subscriber/);
    expect(plan).toContain(`watch() of role ${owner} (event trigger watches on ddl_command_end).`);
    expect(plan).not.toContain('on node publisher fire');
    await steep(3, 'apply', '--auto-approve');
    expect(await subscriber.query('SELECT FROM ran')).toEqual([]);
    await steep(0, 'apply', ...allowed);
    expect((await subscriber.query('SELECT FROM ran')).length).toBeGreaterThan(0);
    // A plan without DDL fires nothing.
    expect(await steep(0, 'plan')).not.toContain('RUNS_FOREIGN_CODE');
    expect(await publisher.query('SELECT FROM pg_event_trigger')).toEqual([]);
  },
);

test.each(lastByDay([14, 18]))(
  'PostgreSQL %i: a command without a plan refuses, until they are accepted',
  async (major) => {
    const source = await cluster.database(major);
    const target = await cluster.database(major);
    for (const database of [source, target]) {
      await database.query('CREATE TABLE items (id int PRIMARY KEY)');
    }
    const owner = `owner_${target.name}`;
    await target.query(`
    CREATE ROLE ${owner};
    CREATE TABLE ran (as_role text);
    CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS $f$
      BEGIN INSERT INTO public.ran VALUES (current_user); END $f$;
    ALTER FUNCTION watch() OWNER TO ${owner};
    CREATE EVENT TRIGGER watches ON ddl_command_start EXECUTE FUNCTION watch()`);
    onTestFinished(async () => {
      await target.query(`DROP FUNCTION watch CASCADE; DROP ROLE ${owner}`);
    });
    const project = await createProject({ source: source.url, target: target.url }, {});
    await project.steep(
      'snapshot',
      'generate',
      '--node',
      'source',
      '--output',
      'snap',
      '--no-slot',
    );
    const apply = ['snapshot', 'apply', '--node', 'target', '--input', 'snap', '--auto-approve'];
    const refused = await project.steep(...apply);
    expect(refused.code, refused.stderr).toBe(3);
    expect(refused.stderr).toContain(
      `watch() of role ${owner} (event trigger watches on ddl_command_start)`,
    );
    expect(await target.query('SELECT FROM ran')).toEqual([]);
    const allowed = await project.steep(
      ...apply,
      '--allow-hazard',
      'RUNS_FOREIGN_CODE=target/node.target',
    );
    expect(allowed.code, allowed.stderr).toBe(0);
    expect((await target.query('SELECT FROM ran')).length).toBeGreaterThan(0);
  },
);
