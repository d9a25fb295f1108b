// The owner of a schema renames it while steep holds its tables, and gives its name to another one, with tables of the same
// names and triggers. A name is looked up for each statement: no lock of a table keeps it from meaning another table.

import { describe, expect, test } from 'vitest';
import { inProcess } from '../../../support/in-process.ts';
import { onTestFinished } from '../../../support/servers/clean-up.ts';
import { lastByDay, majors } from '../../../support/servers/majors.ts';
import { urlOf } from '../../../support/servers/test-database.ts';
import { repairIn } from '../../../support/worlds/repaired.ts';
import { attackedAt, renamed, swap } from './renamed-world.ts';
import { attackWorld } from './world.ts';

const widest = lastByDay(majors.filter((major) => major === 14 || major === 18));

const world = async (major: number, tables: readonly string[]) => {
  const it = await attackWorld(major, { fills: [], scans: [] }, (slot) => ({
    publications: { feed: { node: 'source', tables: tables.map((name) => `app.${name}`) } },
    subscriptions: {
      feed: {
        node: 'target',
        source: 'source',
        publications: ['feed'],
        slot,
        init: { parallel_workers: 1 },
      },
    },
  }));
  const { source, target, owner, as } = it;
  onTestFinished(async () => {
    await Promise.all([as.source.close(), as.target.close()]);
  });
  for (const database of [source, target]) {
    for (const name of tables) {
      await database.query(`CREATE TABLE app.${name} (id int PRIMARY KEY, note text)`);
      await database.query(`GRANT SELECT ON app.${name} TO ${owner}`);
    }
  }
  await target.query(`ALTER SCHEMA app OWNER TO ${owner}`);
  for (const name of tables) {
    await source.query(`INSERT INTO app.${name} SELECT n, 'x' FROM generate_series(1, 9) AS n`);
  }
  return it;
};

describe.each(widest)('PostgreSQL %i', (major) => {
  test('while rows are copied', async () => {
    const { project, target, as, owner, marks } = await world(major, ['first', 'second']);
    const { conninfo, state } = await attackedAt(target, /^COPY .*\bsecond\b.* FROM STDIN/s, {
      database: as.target,
      role: owner,
      attack: swap('app', 'second'),
    });
    await project.with({ target: urlOf(conninfo) }).steep('apply', '--auto-approve');
    expect(state()).not.toBeNull();
    expect(await marks()).toEqual([]);
    await renamed(target);
    expect(await target.query('SELECT FROM renamed.second')).toHaveLength(9);
  });

  test('while rows are repaired', async () => {
    const { project, source, target, as, owner, marks } = await world(major, ['items']);
    const file = project.path('steep.yaml');
    const environment = { SOURCE_URL: urlOf(source.conninfo), TARGET_URL: urlOf(target.conninfo) };
    await inProcess(file, environment).apply();
    await target.query(`DELETE FROM app.items WHERE id = 3`);
    const { conninfo, state } = await attackedAt(target, /^\s*INSERT INTO .*\bitems\b/s, {
      database: as.target,
      role: owner,
      attack: swap('app', 'items'),
    });
    // What it reads after its rows are written can be of the other table.
    await repairIn(file, { ...environment, TARGET_URL: urlOf(conninfo) }, 'feed').catch(
      () => undefined,
    );
    expect(state()).not.toBeNull();
    expect(await marks()).toEqual([]);
    await renamed(target);
    expect(await target.query('SELECT FROM renamed.items WHERE id = 3')).toHaveLength(1);
  });

  test('while tables are emptied', async () => {
    const { project, source, target, as, owner, marks } = await world(major, ['items']);
    const again = major === 14 ? ['--force'] : ['--reinit', 'target/copy.feed:app.items'];
    if (major !== 14) {
      const first = await project.steep('apply', '--auto-approve');
      expect(first.code, first.stdout + first.stderr).toBe(0);
    }
    await target.query(`INSERT INTO app.items VALUES (99, 'x')`);
    const { conninfo, state } = await attackedAt(target, /^TRUNCATE /, {
      database: as.target,
      role: owner,
      attack: swap('app', 'items', 'BEFORE TRUNCATE'),
    });
    const emptied = ['--allow-hazard', 'TARGET_TRUNCATE=target/subscription.feed'];
    const { stdout, stderr } = await project
      .with({ target: urlOf(conninfo) })
      .steep('apply', '--auto-approve', ...again, ...emptied);
    expect(state(), stdout + stderr).not.toBeNull();
    expect(await marks()).toEqual([]);
    await renamed(target);
    expect(await target.query('SELECT FROM renamed.items WHERE id = 99')).toEqual([]);
    expect(await source.query('SELECT FROM app.items')).toHaveLength(9);
  });
});
