// A part of a topology on real servers: planned, saved, applied, interrupted and taken up again, with the rest
// unreachable.

import { beforeEach, expect, test } from 'vitest';
import { faultsOf } from '../../support/documents.ts';
import { reportOf, statusesOf } from '../../support/report.ts';
import { catalogsOf } from '../../support/servers/catalogs.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { createProject, type Project, type Topology } from '../../support/worlds/project.ts';

interface World {
  readonly project: Project;
  readonly hub: TestDatabase;
  readonly one: TestDatabase;
  readonly two: TestDatabase;
}

let world: World;

const subscriptions = (name: string): Topology['subscriptions'] => ({
  sales: { node: 'one', source: 'hub', publications: ['sales'], slot: `sales_${name}` },
  staff: { node: 'two', source: 'hub', publications: ['staff'], slot: `staff_${name}` },
});

const topologyOf = (name: string, rest: Topology = {}): Topology => ({
  publications: {
    sales: { node: 'hub', tables: ['orders'] },
    staff: { node: 'hub', tables: ['people'] },
  },
  subscriptions: subscriptions(name) ?? {},
  ...rest,
});

/** A hub that two nodes read; nothing is applied yet. */
beforeEach(async () => {
  const server = await cluster.server(newestMajor);
  const [hub, one, two] = await Promise.all([
    server.createDatabase(),
    server.createDatabase(),
    server.createDatabase(),
  ]);
  for (const database of [hub, one, two]) {
    await database.query(
      'CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE people (id int PRIMARY KEY)',
    );
  }
  onTestFinished(async () => {
    for (const database of [one, two, hub]) await database.drop();
  });
  const connections = { hub: hub.url, one: one.url, two: two.url };
  world = { project: await createProject(connections, topologyOf(hub.name)), hub, one, two };
});

const sales = ['--target', 'one/subscription.sales'] as const;
const nowhere = 'postgresql://postgres@127.0.0.1:1/nowhere';

test('apply --target: the closure runs, the rest is untouched, and both are said', async () => {
  const { project, two } = world;
  const before = await catalogsOf(two);
  const { code, stdout, stderr } = await project.steep('apply', '--auto-approve', ...sales);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('& hub/publication.sales');
  expect(stdout).toMatch(/^Targeted: 5 further changes were left out\.$/m);
  expect(stdout).toContain('the topology may still differ from steep.yaml');
  expect(stdout).toMatch(/^Applied and converged: /m);
  expect(await catalogsOf(two)).toEqual(before);
  const again = await project.steep('plan', '--detailed-exitcode', ...sales);
  expect(again.code, again.stderr).toBe(0);
  expect(again.stdout).toMatch(/^No changes\. What is targeted matches steep\.yaml\. /m);
  // The rest is still to do.
  expect((await project.steep('plan', '--detailed-exitcode')).code).toBe(2);
  expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
  expect((await project.steep('plan')).stdout).toMatch(/^No changes\. The topology matches/m);
});

test('--detailed-exitcode and --json are about what is kept', async () => {
  const { project } = world;
  const { code, stdout } = await project.steep('plan', '--detailed-exitcode', '--json', ...sales);
  expect(code).toBe(2);
  expect(faultsOf('plan', JSON.parse(stdout))).toBe('');
  expect(JSON.parse(stdout)).toMatchObject({
    options: { prune: false, target: ['one/subscription.sales'] },
    targeting: { left_out: expect.any(Array), taken_in: expect.any(Array), unread: [] },
    summary: { create: 7 },
  });
});

test('the healthy half, while a node is down: planned, saved, applied', async () => {
  const { project } = world;
  const half = project.with({ two: nowhere });
  expect((await half.steep('plan')).code).toBe(7);
  const planned = await half.steep('plan', ...sales, '--out', 'half');
  expect(planned.code, planned.stderr).toBe(0);
  expect(planned.stdout).toContain('? node two was not read, and is not changed: ');
  const applied = await half.steep('apply', 'half', '--json');
  expect(applied.code, applied.stderr).toBe(0);
  expect(reportOf(applied)).toMatchObject({ outcome: 'converged', targeted: true });
  // It is the same plan once the node is back.
  const back = await project.steep('apply', 'half');
  expect(back.code, back.stderr).toBe(0);
  expect(back.stdout).toContain('= already done');
  expect((await project.steep('apply', 'half', ...sales)).code).toBe(64);
  const other = await half.steep('plan', '--target', 'two/subscription.staff');
  expect(other.code).toBe(7);
});

test('a saved part is stale when more would have to be done', async () => {
  const { project } = world;
  await project.steep('apply', '--auto-approve');
  await world.one.query('ALTER SUBSCRIPTION sales DISABLE');
  await project.steep('plan', ...sales, '--out', 'q');
  await world.one.query(`ALTER SUBSCRIPTION sales SET (synchronous_commit = 'local')`);
  const stale = await project.steep('apply', 'q');
  expect(stale.code, stale.stderr).toBe(4);
  expect(stale.stderr).toContain('alter-subscription one/subscription.sales is not in the plan');
});

test('a drop that stops between subscription and slot: the same plan file ends it', async () => {
  const { project, hub } = world;
  await project.steep('apply', '--auto-approve');
  const { staff } = subscriptions(hub.name) ?? {};
  await project.describe(topologyOf(hub.name, { subscriptions: { staff: staff ?? {} } }));
  const allow = ['--allow-hazard', `SLOT_DROP=hub/slot.sales_${hub.name}`];
  expect((await project.steep('plan', '--prune', ...sales, '--out', 'drop')).code).toBe(0);
  // The row of the slot's ownership is deleted last: who locks it stops the run after the statement.
  const lock = await holdTransaction(hub, 'LOCK TABLE steep_repl.objects IN SHARE MODE');
  const run = project.start('apply', 'drop', ...allow, '--json');
  await run.until(({ event, kind }) => event === 'run.step_started' && kind === 'drop-slot');
  run.kill('SIGKILL');
  await run.result;
  await lock.commit();
  const again = await project.steep('apply', 'drop', ...allow, '--wait-for-lock', '30s', '--json');
  expect(again.code, again.stderr).toBe(0);
  expect(statusesOf(again)).toMatchObject({
    'drop-subscription one/subscription.sales': 'skipped',
  });
  expect(
    await hub.query(`SELECT FROM pg_replication_slots WHERE slot_name = 'sales_${hub.name}'`),
  ).toEqual([]);
  // The flags alone can no longer find it, and say where to look.
  const lost = await project.steep('apply', '--prune', ...sales, '--auto-approve');
  expect(lost.code).toBe(64);
  expect(lost.stderr).toContain('UNKNOWN_ADDRESS');
  expect(lost.stderr).toContain('If an earlier run dropped it');
});

test.each([
  ['--target', 'one/subscription.sale', 'Did you mean `one/subscription.sales`?'],
  ['--exclude', 'one/subscription.sale', 'Did you mean `one/subscription.sales`?'],
  ['--target', 'sales', 'is not an address'],
])('%s %s: exit 64', async (flag, address, cure) => {
  for (const command of ['plan', 'apply']) {
    const { code, stderr } = await world.project.steep(command, flag, address);
    expect(code, stderr).toBe(64);
    expect(stderr).toContain(cure);
  }
});
