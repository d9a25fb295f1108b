// import on real servers: the file describes what is there, adopting it changes nothing that replicates,
// and what it leaves out stays as it was.

import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { renderPlan } from '../../src/cli/render/plan/render-plan.ts';
import { plainStyle } from '../../src/cli/render/style.ts';
import { importTopology } from '../../src/workflows/import/import.ts';
import type { RuntimeEnvironment } from '../../src/workflows/runtime-environment.ts';
import { validateFileAt } from '../../src/workflows/validate.ts';
import { runCommandsAlone } from '../support/hosted-cli.ts';
import { cluster, type TestDatabase } from '../support/servers/cluster.ts';
import { majors, newestMajor } from '../support/servers/majors.ts';
import { urlOf } from '../support/servers/test-database.ts';
import {
  applyFile,
  hostWith,
  importNow,
  planFile,
  urlsOf,
} from '../support/worlds/import-project.ts';
import {
  allTables,
  catalogsOf,
  createImportWorld,
  type ImportWorld,
  oddPublication,
} from '../support/worlds/import-world.ts';

runCommandsAlone();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steep-import-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let file: string;
let files = 0;
beforeEach(() => {
  files += 1;
  file = join(folder, `${files}.yaml`);
});

/** Adoption and nothing else: what the plan says, and what is left of it afterwards. */
async function expectAdoption(runtime: RuntimeEnvironment): Promise<void> {
  const made = await planFile(file, runtime);
  const kinds = new Set(made.steps.map(({ kind }) => kind));
  expect([...kinds].toSorted()).toEqual(['install-metadata', 'record-ownership', 'register-node']);
  expect(made.summary).toMatchObject({ replace: 0, drop: 0, copyTables: 0 });
  expect(made.summary).toMatchObject({ block: 0, danger: 0, warning: 0 });
  expect(renderPlan(made, plainStyle)).toMatch(/\nAdopt only: .*\nPlan: .*$/);
  const { report } = await applyFile(file, runtime);
  expect(report?.outcome).toBe('converged');
  expect(renderPlan(await planFile(file, runtime), plainStyle)).toMatch(/^No changes\. /m);
}

test.runIf([14, 16, 18].every((major) => majors.includes(major)))(
  'a topology made by hand is described, adopted, and otherwise left alone',
  async () => adoptWorld(await createImportWorld()),
);

async function adoptWorld(world: ImportWorld): Promise<void> {
  const { databases, replicationPassword } = world;
  const runtime = hostWith({
    ...urlsOf(databases),
    HUB_REPLICATION_PASSWORD: replicationPassword,
  });
  const before = await Promise.all(Object.values(databases).map(catalogsOf));
  const imported = await importNow(file, ['hub', 'new', 'archive', 'old', 'legacy'], runtime);

  const text = await readFile(file, 'utf8');
  expect(text).not.toContain(replicationPassword);
  expect(anonymous(text, world)).toMatchSnapshot();
  expect(imported.variables).toContain('HUB_REPLICATION_PASSWORD');
  expect(imported.publications).toContain(`hub/publication.${oddPublication}`);
  expect(imported.subscriptions).toHaveLength(6);
  const leftOut = imported.leftOut.map(({ address }) => anonymous(address, world));
  expect(leftOut).toEqual([
    'archive/subscription.everything',
    'archive/subscription.from_elsewhere',
    'hub/publication.dbz_publication',
    `hub/publication.${allTables}`,
    'hub/slot.HUB_cdc',
    'hub/slot.HUB_everything',
    'hub/slot.HUB_standby',
  ]);

  expect(validateFileAt(file, hostWith({}))).toMatchObject({ valid: true });
  await expectAdoption(runtime);
  expect(await Promise.all(Object.values(databases).map(catalogsOf))).toEqual(before);
}

/** Test databases have random names and ports. */
const anonymous = (text: string, { databases }: ImportWorld): string =>
  Object.entries(databases)
    .reduce((all, [name, { name: database }]) => all.replaceAll(database, name.toUpperCase()), text)
    .replace(/port: \d+/g, 'port: PORT');

interface Pair {
  readonly publisher: TestDatabase;
  readonly subscriber: TestDatabase;
}

/** One table, one publication, one subscription whose slot is named after its database. */
async function createPair(): Promise<Pair> {
  const publisher = await cluster.database(newestMajor);
  const subscriber = await cluster.database(newestMajor);
  const slot = `${subscriber.name}_s`;
  for (const database of [publisher, subscriber]) {
    await database.query('CREATE TABLE t (id int PRIMARY KEY)');
  }
  await publisher.query('CREATE PUBLICATION p FOR TABLE t');
  await publisher.query("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", [slot]);
  await subscriber.query(
    `CREATE SUBSCRIPTION s CONNECTION '${publisher.conninfo.text}' PUBLICATION p
       WITH (create_slot = false, slot_name = '${slot}', copy_data = false)`,
  );
  return { publisher, subscriber };
}

test('a connection string that may not be read: the slot tells the source', async () => {
  const { publisher, subscriber } = await createPair();
  const role = `role_${subscriber.name}`;
  await subscriber.query(`CREATE ROLE ${role} LOGIN PASSWORD 'pw'`);
  await subscriber.query(`GRANT CREATE ON DATABASE ${subscriber.name} TO ${role}`);
  const runtime = hostWith({
    PRIMARY_URL: publisher.url,
    REPLICA_URL: urlOf(subscriber.conninfo.with({ user: role, password: 'pw' })),
  });
  try {
    const imported = await importNow(file, ['primary', 'replica'], runtime);
    expect(imported).toMatchObject({
      subscriptions: ['replica/subscription.s'],
      variables: ['PRIMARY_URL', 'REPLICA_URL'],
      leftOut: [],
    });
    expect(await readFile(file, 'utf8')).toContain('# Its source was found by its slot');
    const made = await planFile(file, runtime);
    expect(made.changes.map(({ address, action }) => `${action} ${address}`)).toContain(
      'adopt replica/subscription.s',
    );
    await expectAdoption(runtime);
  } finally {
    await subscriber.query(`DROP OWNED BY ${role} CASCADE`);
    await subscriber.query(`DROP ROLE ${role}`);
  }
});

test('what a plan would change is left out: tables that a REFRESH would add', async () => {
  const { publisher, subscriber } = await createPair();
  for (const database of [publisher, subscriber]) {
    await database.query('CREATE TABLE later (id int PRIMARY KEY)');
  }
  await publisher.query('ALTER PUBLICATION p ADD TABLE later');
  const runtime = hostWith(urlsOf({ a: publisher, b: subscriber }));
  const { subscriptions, leftOut } = await importNow(file, ['a', 'b'], runtime);
  expect(subscriptions).toEqual([]);
  expect(leftOut.map(({ address }) => address)).toContain('b/subscription.s');
  expect(await readFile(file, 'utf8')).toContain('A plan would change it');
  expect((await planFile(file, runtime)).steps.map(({ kind }) => kind).toSorted()).toEqual([
    'install-metadata',
    'install-metadata',
    'register-node',
    'register-node',
  ]);
});

test('types that differ and replicate well are adopted', async () => {
  const { publisher, subscriber } = await createPair();
  await subscriber.query('ALTER TABLE t ALTER COLUMN id TYPE bigint');
  const runtime = hostWith(urlsOf({ a: publisher, b: subscriber }));
  expect((await importNow(file, ['a', 'b'], runtime)).leftOut).toEqual([]);
  await expectAdoption(runtime);
});

test('a node that cannot be read: exit 7 material, and no file', async () => {
  const { publisher } = await createPair();
  const nodes = [
    { name: 'a', url: publisher.url },
    { name: 'b', url: 'postgresql://nobody:canary@127.0.0.1:1/nowhere' },
  ];
  const result = await importTopology({ nodes, out: file, force: false }, hostWith({}));
  expect(result.imported).toBeNull();
  expect(result.diagnostics).toMatchObject([{ severity: 'error', code: 'UNREACHABLE' }]);
  expect(JSON.stringify(result)).not.toContain('canary');
  expect(existsSync(file)).toBe(false);
});

test('a file that is there stays, unless it may be replaced', async () => {
  const { publisher } = await createPair();
  await writeFile(file, 'precious');
  const request = { nodes: [{ name: 'a', url: publisher.url }], out: file };
  await expect(importTopology({ ...request, force: false }, hostWith({}))).rejects.toMatchObject({
    code: 'FILE_EXISTS',
    exit: 1,
  });
  expect(await readFile(file, 'utf8')).toBe('precious');
  await importTopology({ ...request, force: true }, hostWith({}));
  expect(await readFile(file, 'utf8')).toMatch(/connection: \$\{A_URL\}/);
});

test('what a file could not say is left out: a replication loop', async () => {
  const { publisher, subscriber } = await createPair();
  await subscriber.query('CREATE PUBLICATION back FOR TABLE t');
  const slot = `${subscriber.name}_back`;
  await subscriber.query("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", [slot]);
  await publisher.query(
    `CREATE SUBSCRIPTION back CONNECTION '${subscriber.conninfo.text}' PUBLICATION back
       WITH (create_slot = false, slot_name = '${slot}', copy_data = false)`,
  );
  const runtime = hostWith(urlsOf({ a: publisher, b: subscriber }));
  const { subscriptions, leftOut } = await importNow(file, ['a', 'b'], runtime);
  expect(subscriptions).toEqual([]);
  const reasons = leftOut.map(({ address, reason }) => `${address}: ${reason}`);
  expect(reasons).toContainEqual(
    expect.stringMatching(/^a\/subscription\.back: Replication would loop/),
  );
  expect(reasons).toContainEqual(
    expect.stringMatching(/^b\/subscription\.s: Replication would loop/),
  );
  expect((await planFile(file, runtime)).applyable).toBe(true);
});
