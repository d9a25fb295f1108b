// Settings of the two servers of an edge with which it would fail, wait or lose its slot: the plan says so, and is quiet after
// the printed cure.

import { expect, test } from 'vitest';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { majors, newestMajor } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createProject } from '../../support/worlds/project.ts';

const oldest = Math.min(...majors);

test.runIf(newestMajor >= 18)('settings of both ends of a subscription', async () => {
  const server = await cluster.privateServer(newestMajor, {
    wal_level: 'logical',
    max_prepared_transactions: '0',
    max_sync_workers_per_subscription: '0',
    idle_replication_slot_timeout: '1d',
    synchronized_standby_slots: 'standby_1',
    synchronous_commit: 'local',
    synchronous_standby_names: 'ANY 1 (other, items)',
  });
  const [first, second] = [await server.createDatabase(), await server.createDatabase()];
  for (const database of [first, second])
    await database.query('CREATE TABLE items (id int PRIMARY KEY)');
  await first.query(`
    CREATE ROLE copier LOGIN REPLICATION SUPERUSER PASSWORD 'secret'; ALTER ROLE copier SET statement_timeout = '5s'`);
  onTestFinished(async () => {
    await first.query('DROP ROLE copier');
  });
  const copier = new URL(first.url);
  copier.username = 'copier';
  copier.password = 'secret';
  const project = await createProject(
    { publisher: first.url, subscriber: second.url },
    {
      nodes: { publisher: { replication_connection: copier.href } },
      publications: { items: { node: 'publisher', tables: ['items'] } },
      subscriptions: {
        items: {
          node: 'subscriber',
          source: 'publisher',
          publications: ['items'],
          init: { method: 'snapshot', copy: 'native' },
          options: { two_phase: true, failover: true },
        },
      },
    },
  );
  const plan = async (): Promise<string> => (await project.steep('plan')).stdout;
  const said = await plan();
  expect(said).toMatch(/BLOCK +PREPARED_DISABLED /);
  expect(said).toMatch(/BLOCK +STANDBY_SLOT_MISSING /);
  expect(said).toContain('max_sync_workers_per_subscription = 0, 0 used, 1 more needed');
  expect(said).toMatch(/warning +SYNCHRONOUS_SUBSCRIPTION /);
  expect(said).toMatch(/warning +ROLE_TIMEOUT /);
  expect(said).toContain('role copier, which has statement_timeout = 5s');
  const file = await project.read('steep.yaml');
  await project.write(
    'steep.yaml',
    file.replace('source: publisher', 'source: publisher\n    enabled: false'),
  );
  const disabled = await plan();
  expect(disabled).toMatch(/DANGER +SLOT_IDLE_TIMEOUT /);
  expect(disabled).toMatch(/DANGER +SYNCHRONOUS_SUBSCRIPTION /);
  await project.write('steep.yaml', file);
  await second.query(`ALTER DATABASE ${second.name} SET lock_timeout = '5s'`);
  expect(await plan()).toMatch(/warning +ROLE_TIMEOUT .*lock_timeout = 5s/);
  await second.query(`ALTER DATABASE ${second.name} RESET lock_timeout`);
  for (const statement of [
    'ALTER SYSTEM SET max_prepared_transactions = 10',
    'ALTER SYSTEM SET max_sync_workers_per_subscription = 2',
    `ALTER SYSTEM SET synchronized_standby_slots = ''`,
    `ALTER SYSTEM SET synchronous_standby_names = 'other'`,
    'ALTER ROLE copier SET statement_timeout = 0',
  ])
    await first.query(statement);
  await server.restart();
  expect(await plan()).not.toMatch(/PREPARED_|STANDBY_|CAPACITY|SYNCHRONOUS_|ROLE_TIMEOUT/);
});

test('a subscription that is dropped while commits of its publisher wait for it', async () => {
  const server = await cluster.privateServer(oldest, {
    wal_level: 'logical',
    synchronous_commit: 'local',
    synchronous_standby_names: 'items',
  });
  const [first, second] = [await server.createDatabase(), await server.createDatabase()];
  for (const database of [first, second])
    await database.query('CREATE TABLE items (id int PRIMARY KEY)');
  const publications = { items: { node: 'publisher', tables: ['items'] } };
  const items = { node: 'subscriber', source: 'publisher', publications: ['items'] };
  const project = await createProject(
    { publisher: first.url, subscriber: second.url },
    { publications, subscriptions: { items } },
  );
  expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
  await project.describe({ publications });
  const { stdout } = await project.steep('plan', '--prune');
  expect(stdout).toMatch(/DANGER +SYNCHRONOUS_SUBSCRIPTION .*items, which is dropped/);
  await first.query(`ALTER SYSTEM SET synchronous_standby_names = ''`);
  await first.query('SELECT pg_reload_conf()');
  const cured = await waitFor('the setting', async () => {
    const planned = await project.steep('plan', '--prune');
    return planned.stdout.includes('SYNCHRONOUS_') ? null : planned.stdout;
  });
  expect(cured).toContain('SLOT_DROP');
});
