// A role without rights of its own takes the names of a publication and of a subscription before steep does: a plan says to
// whom they belong, and nothing is written to them without consent.

import { expect, test } from 'vitest';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { majors } from '../../support/servers/majors.ts';
import { createProject } from '../../support/worlds/project.ts';

const table = 'CREATE TABLE items (id int PRIMARY KEY, note text)';
/** Before 16 only superusers own subscriptions. */
const tested = majors.filter((major) => major === 14 || major === 18);

test.each(tested)('PostgreSQL %i: names that another role has taken', async (major) => {
  const server = await cluster.server(major);
  const [source, target] = [await server.createDatabase(), await server.createDatabase()];
  const role = `squats_${target.name}`;
  for (const database of [source, target]) await database.query(table);
  await source.query(`CREATE ROLE ${role} LOGIN REPLICATION PASSWORD 'for-tests'`);
  onTestFinished(async () => {
    if (major >= 16) {
      await target.query('ALTER SUBSCRIPTION feed SET (slot_name = NONE)');
      await target.query('DROP SUBSCRIPTION feed');
    }
    for (const database of [target, source]) await database.query(`DROP OWNED BY ${role} CASCADE`);
    await source.query(`DROP ROLE ${role}`);
    await target.drop();
    await source.drop();
  });
  const slot = `feed_${target.name}`;
  await source.query(`CREATE PUBLICATION feed FOR TABLE items`);
  await source.query(`ALTER PUBLICATION feed OWNER TO ${role}`);
  if (major >= 16) {
    await target.query(`
      CREATE SUBSCRIPTION feed CONNECTION 'host=127.0.0.1 dbname=nowhere password=for-tests' PUBLICATION feed
        WITH (connect = false, slot_name = '${slot}')`);
    await target.query(`
      GRANT pg_create_subscription TO ${role}; GRANT CREATE ON DATABASE ${target.name} TO ${role};
      ALTER SUBSCRIPTION feed OWNER TO ${role}`);
  }
  const project = await createProject(
    { source: source.url, target: target.url },
    {
      publications: { feed: { node: 'source', tables: ['items'] } },
      subscriptions: { feed: { node: 'target', source: 'source', publications: ['feed'], slot } },
    },
  );
  const { stdout } = await project.steep('plan');
  expect(stdout).toMatch(/DANGER +FOREIGN_OWNER +The publication feed on node source /);
  if (major >= 16) {
    expect(stdout).toMatch(/DANGER +FOREIGN_OWNER +The subscription feed on node target /);
  }
  expect(stdout).toContain(`belongs to role ${role}`);
  const refused = await project.steep('apply', '--auto-approve');
  expect(refused.code, refused.stdout).toBe(3);
  if (major >= 16) {
    const [row] = await target.query<{ readonly subconninfo: string }>(
      'SELECT subconninfo FROM pg_subscription WHERE subname = $1',
      ['feed'],
    );
    expect(row?.subconninfo).toContain('dbname=nowhere');
  }
});
