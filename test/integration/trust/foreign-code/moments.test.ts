// Code that is attached after the plan, or where no plan says anything: refused at the moment of use, before it runs.

import { expect, test } from 'vitest';
import { assertAgreed } from '../../../../src/catalog/foreign-code/assert-agreed.ts';
import { newestMajor } from '../../../support/servers/majors.ts';
import { testDatabase } from '../../../support/servers/test-database.ts';
import type { Topology } from '../../../support/worlds/project.ts';
import { copy, hold, names, open, stage } from '../../copy/copy-under-test.ts';
import { newDirectory } from '../../snapshot/snapshot-under-test.ts';
import { fillAttacks, scanAttacks } from './attacks.ts';
import { attackWorld } from './world.ts';

const hazard = 'RUNS_FOREIGN_CODE';

test('a trigger that is attached once the copy has looked at all tables: no row is stored', async () => {
  const it = await stage('CREATE TABLE items (id int PRIMARY KEY, note text)');
  await it.source.query(`INSERT INTO items SELECT n, 'x' FROM generate_series(1, 10) AS n`);
  const owner = `owner_${it.target.name}`;
  await it.target.query(`
    CREATE ROLE ${owner};
    ALTER TABLE items OWNER TO ${owner};
    CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RAISE 'it ran'; END $f$;
    ALTER FUNCTION fire() OWNER TO ${owner}`);
  let opened = 0;
  const run = copy(it, await hold(it), names('items'), {
    workers: 1,
    guard: (session, use, tables) => assertAgreed(session, use, tables, []),
    openTarget: async () => {
      opened += 1;
      // The first session looks, the second one stores.
      if (opened === 2) {
        await it.target.query(`
          CREATE TRIGGER late BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION fire();
          ALTER TABLE items ENABLE ALWAYS TRIGGER late`);
      }
      return open(it.target.conninfo, 'target');
    },
  });
  await expect(run).rejects.toMatchObject({
    code: hazard,
    exit: 3,
    message: expect.stringContaining(`public.items: public.fire() of role ${owner} (trigger late)`),
  });
  expect(await it.target.query('SELECT FROM items')).toEqual([]);
});

test('row filters hold no functions of users, and policies are not evaluated', async () => {
  const it = await stage('CREATE TABLE items (id int PRIMARY KEY, note text)');
  const reader = `reader_${it.source.name}`;
  await it.source.query(`
    CREATE FUNCTION ran(int) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN RAISE 'it ran'; END $f$;
    CREATE ROLE ${reader} LOGIN PASSWORD 'x';
    GRANT SELECT ON items TO ${reader};
    INSERT INTO items VALUES (1, 'x')`);
  await expect(
    it.source.query('CREATE PUBLICATION filtered FOR TABLE items WHERE (ran(id))'),
  ).rejects.toThrow('invalid publication WHERE expression');
  await it.source.query(`
    ALTER TABLE items ENABLE ROW LEVEL SECURITY;
    CREATE POLICY p ON items USING (ran(id))`);
  const as = it.source.conninfo.with({ user: reader, password: 'x' });
  await expect(
    copy(it, await hold(it), names('items'), { openSource: () => open(as, 'source') }),
  ).rejects.toThrow('query would be affected by row-level security policy for table "items"');
});

const topology = (slot: string, init: object): Topology => ({
  publications: { feed: { node: 'source', tables: ['app.source_index'] } },
  subscriptions: {
    feed: { node: 'target', source: 'source', publications: ['feed'], slot, init },
  },
});

test('evidence and snapshots of a table whose index would run code: refused, until the policy accepts it', {
  timeout: 600_000,
}, async () => {
  const attacks = { fills: [], scans: scanAttacks.filter(({ name }) => name === 'source_index') };
  let named = '';
  const { project, owner, source, marks } = await attackWorld(newestMajor, attacks, (slot) => {
    named = slot;
    return topology(slot, { method: 'manual' });
  });
  await project.steep('apply', '--auto-approve');
  const folder = await newDirectory();
  const prepare = ['init', 'prepare', 'target', '--from', 'source', '--hold', '0s'];
  const generate = ['snapshot', 'generate', '--node', 'source', '--publication', 'feed'];
  for (const command of [prepare, [...generate, '--output', `${folder}/refused`]]) {
    const { code, stdout, stderr } = await project.steep(...command);
    expect(stdout + stderr).toContain(hazard);
    expect(stdout + stderr).toContain(`evil.one(text) of role ${owner} (index source_i)`);
    expect(code, command.join(' ')).toBe(3);
  }
  expect(await marks()).toEqual([]);
  expect(
    await source.query(
      'SELECT slot_name FROM pg_replication_slots WHERE database = current_database()',
    ),
  ).toEqual([]);
  await project.describe({
    ...topology(named, { method: 'manual' }),
    policy: { allow_hazards: [hazard] },
  });
  const { code, stderr } = await project.steep(...prepare);
  expect(code, stderr).toBe(0);
  expect(await marks()).toEqual(['source_index']);
});

test('a snapshot is loaded, and a table emptied: only what was agreed to runs', {
  timeout: 600_000,
}, async () => {
  const always = fillAttacks(newestMajor).filter(({ name }) => name === 'always');
  const { project, target, as, marks } = await attackWorld(
    newestMajor,
    { fills: always, scans: [] },
    (slot) => ({
      publications: { feed: { node: 'source', tables: ['app.always'] } },
      subscriptions: { feed: { node: 'target', source: 'source', publications: ['feed'], slot } },
    }),
  );
  const folder = await newDirectory();
  const done = async (...command: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await project.steep(...command);
    expect(code, stdout + stderr).toBe(0);
    return stdout;
  };
  await done('apply', '--auto-approve', '--target', 'source/publication.feed');
  await done(
    'snapshot',
    'generate',
    '--node',
    'source',
    '--publication',
    'feed',
    '--output',
    `${folder}/s`,
  );
  const load = ['snapshot', 'apply', '--node', 'target', '--input', `${folder}/s`];
  const refused = await project.steep(...load);
  expect(refused.stderr).toContain(`${hazard}=target/node.target`);
  expect(refused.code).toBe(3);
  expect(await marks()).toEqual([]);
  await done(...load, '--allow-hazard', `${hazard}=target/node.target`);
  expect(await marks()).toEqual(['always']);
  const owned = testDatabase(as.target.conninfo, as.target.name);
  await owned.query(`
    DROP TRIGGER t ON app.always;
    CREATE TRIGGER emptied AFTER TRUNCATE ON app.always EXECUTE FUNCTION evil.fire('emptied')`);
  await owned.close();
  await target.query(`DELETE FROM steep_repl.copy_chunks; INSERT INTO app.always VALUES (99, 'x')`);
  const plan = await project.steep('plan', '--force');
  expect(plan.stdout).toContain('(trigger emptied)');
  expect(await marks()).toEqual([]);
  await done(
    'apply',
    '--force',
    '--auto-approve',
    '--allow-hazard',
    'TARGET_TRUNCATE=target/subscription.feed',
    '--allow-hazard',
    `${hazard}=target/copy.feed:app.always`,
  );
  expect(await marks()).toEqual(['emptied']);
});
