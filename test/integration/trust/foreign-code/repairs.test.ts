// What steep repair reads beside the rows that it writes: rows for a script, and tables with foreign keys. Their owner attaches
// an index whose function PostgreSQL runs while it plans a query.

import { describe, expect, test } from 'vitest';
import { inProcess } from '../../../support/in-process.ts';
import { onTestFinished } from '../../../support/servers/clean-up.ts';
import { lastByDay, majors } from '../../../support/servers/majors.ts';
import { repairIn } from '../../../support/worlds/repaired.ts';
import { attackWorld } from './world.ts';

const widest = lastByDay(majors.filter((major) => major === 14 || major === 18));

const repairWorld = async (major: number) => {
  const world = await attackWorld(major, { fills: [], scans: [] }, (slot) => ({
    publications: { feed: { node: 'source', tables: ['app.items'] } },
    subscriptions: { feed: { node: 'target', source: 'source', publications: ['feed'], slot } },
  }));
  const { project, source, target, as } = world;
  onTestFinished(async () => {
    await Promise.all([as.source.close(), as.target.close()]);
  });
  await as.source.query('CREATE TABLE app.items (id int PRIMARY KEY, note text)');
  await as.target.query('CREATE TABLE app.items (id int PRIMARY KEY, note text)');
  await source.query(`INSERT INTO app.items SELECT n, 'x' FROM generate_series(1, 9) AS n`);
  const environment = { SOURCE_URL: source.url, TARGET_URL: target.url };
  const file = project.path('steep.yaml');
  await inProcess(file, environment).apply();
  return { ...world, repair: (request: object) => repairIn(file, environment, 'feed', request) };
};

const reportOf = (rows: readonly string[]): string =>
  [
    'address,table,finding,rows,key',
    ...rows.map((row) => `target/subscription.feed,${row}`),
    '',
  ].join('\n');

const key = (id: number): string => `"{""id"":""${id}""}"`;

const index = (table: string): string =>
  `CREATE INDEX planned ON ${table} ((evil.one('planned') + id))`;

describe.each(widest)('PostgreSQL %i', (major) => {
  test('what a report says, tables that refer to those that are repaired, rows for a script', async () => {
    const it = await repairWorld(major);
    const from = it.project.path('rows.csv');
    const report = (...rows: readonly string[]) => it.project.write('rows.csv', reportOf(rows));
    const own = () => it.target.query('SELECT id FROM app.items WHERE id > 100 ORDER BY id');
    await it.target.query(
      `INSERT INTO app.items SELECT n, 'own' FROM generate_series(101, 105) AS n`,
    );

    // Keys that the report calls missing are extra: they would be deleted, which the plan did not show.
    const unlike = [101, 102, 103, 104].map((id) => `app.items,missing,1,${key(id)}`);
    await report(`app.items,extra,1,${key(105)}`, ...unlike);
    const done = await it.repair({ from });
    expect(done).toMatchObject({
      outcome: 'partial',
      plan: { tables: [{ extra: 1, missing: 4, different: 0 }] },
      tables: [{ deleted: 1, left: 4, why: expect.stringContaining('than was shown') }],
    });
    expect(await own()).toEqual([101, 102, 103, 104].map((id) => ({ id })));
    for (const row of [`0,${key(101)}`, `-1,${key(101)}`, `1,"{""id"":1}"`, '1,null']) {
      await report(`app.items,extra,1,${key(102)}`, `app.items,extra,${row}`);
      await expect(it.repair({ from }), row).rejects.toMatchObject({ code: 'USAGE' });
    }

    // Once the plan was agreed to, a rule is attached that acts on what the repair writes.
    const attach = async (hazards: readonly unknown[]) => {
      await it.as.target.query(`
        CREATE RULE attached AS ON DELETE TO app.items DO ALSO SELECT evil.strike('rule');
        ALTER TABLE app.items ENABLE ALWAYS RULE attached`);
      return { approved: true, allowed: hazards };
    };
    await expect(it.repair({ approve: attach })).rejects.toMatchObject({
      code: 'RUNS_FOREIGN_CODE',
      message: expect.stringContaining('rule attached'),
    });
    expect(await it.marks()).toEqual([]);
    await it.as.target.query('DROP RULE attached ON app.items');

    // Whoever may refer to a table can have steep count the rows of their own.
    await it.as.target.query(`
      CREATE TABLE evil.child (id int REFERENCES app.items (id)); ${index('evil.child')}`);
    await it.marks();
    expect(await it.repair({})).toMatchObject({
      outcome: 'repaired',
      dangling: [{ table: 'evil.child', rows: null }],
    });
    expect(await it.marks()).toEqual([]);
    expect(await own()).toEqual([]);

    await report(`app.items,missing,1,${key(3)}`);
    await it.as.source.query(index('app.items'));
    await it.marks();
    const script = it.repair({ from, dryRun: true, onScript: () => undefined });
    await expect(script).rejects.toMatchObject({ code: 'RUNS_FOREIGN_CODE' });
    expect(await it.marks()).toEqual([]);
  });
});
