// steep node and steep replication on real servers: each leads to what a plan of steep.yaml leads to.

import { expect, test } from 'vitest';
import type { Allowed } from '../../../src/run/consent.ts';
import { faultsOf } from '../../support/documents.ts';
import { inProcess } from '../../support/in-process.ts';
import { catalogsOfAll } from '../../support/servers/catalogs.ts';
import { firstByDay, majors, newestMajor } from '../../support/servers/majors.ts';
import { createProject, type Topology } from '../../support/worlds/project.ts';
import { change, type Pair, pairOn, primitive } from './primitives-world.ts';

/** Without what steep remembers: of primitives that is the audit log alone. */
const replicating = async (pair: Pair) => {
  const all = await catalogsOfAll({ ...pair });
  return Object.fromEntries(
    Object.entries(all).map(([node, { publications, subscriptions, slots, origins }]) => [
      node,
      { publications, subscriptions, slots, origins },
    ]),
  );
};

const topology = ({ primary }: Pair, tables: readonly string[], enabled = true): Topology => ({
  publications: { sales: { node: 'primary', tables } },
  subscriptions: {
    feed: {
      node: 'reporting',
      source: 'primary',
      publications: ['sales'],
      slot: `slot_${primary.name}`,
      enabled,
    },
  },
});

const ends = firstByDay([...new Set([majors[0] ?? newestMajor, newestMajor])]);

test.each(ends)('PostgreSQL %i: each change leads to what its plan leads to', async (major) => {
  const [declared, changed] = [await pairOn(major), await pairOn(major)];
  const { primary, reporting } = changed;
  const urls = { primary: declared.primary.url, reporting: declared.reporting.url };
  const project = await createProject(urls, {});
  const environment = { PRIMARY_URL: urls.primary, REPORTING_URL: urls.reporting };
  const apply = async (to: Topology, prune = false, allowed: readonly Allowed[] = []) => {
    await project.describe(to);
    const file = project.path('steep.yaml');
    await inProcess(file, environment, () => undefined, { prune }).apply(allowed);
  };
  const same = async () => expect(await replicating(changed)).toEqual(await replicating(declared));

  await apply(topology(declared, ['orders']));
  await change(primary, null, {
    do: 'create-publication',
    name: 'sales',
    tables: ['orders'],
    schemas: [],
    publish: [],
    viaPartitionRoot: false,
  });
  await change(reporting, primary, {
    do: 'create-subscription',
    name: 'feed',
    publications: ['sales'],
    slot: `slot_${primary.name}`,
    enabled: true,
    method: 'parallel',
    workers: 2,
    schemaSync: null,
    options: {},
  });
  await same();

  await apply(topology(declared, ['orders', 'refunds']));
  await change(primary, reporting, { do: 'add-tables', name: 'sales', tables: ['refunds'] });
  await change(reporting, primary, { do: 'refresh', name: 'feed', copyData: true });
  await same();
  expect(await reporting.query('SELECT id FROM refunds')).toEqual([{ id: 3 }]);

  await apply(topology(declared, ['orders']));
  await change(primary, reporting, { do: 'remove-tables', name: 'sales', tables: ['refunds'] });
  await change(reporting, primary, { do: 'refresh', name: 'feed', copyData: true });
  await same();
  // What was copied stays.
  expect(await reporting.query('SELECT id FROM refunds')).toEqual([{ id: 3 }]);

  await apply(topology(declared, ['orders'], false));
  await change(reporting, primary, { do: 'disable', name: 'feed' });
  await same();
  await apply(topology(declared, ['orders']));
  await change(reporting, primary, { do: 'enable', name: 'feed' });
  await same();

  const slot = `slot_${declared.primary.name}`;
  const allowed = [{ code: 'SLOT_DROP', address: `primary/slot.${slot}` }];
  await apply({ publications: {}, subscriptions: {} }, true, allowed);
  const drop = { do: 'drop', keepSlot: false } as const;
  await change(reporting, primary, { ...drop, kind: 'subscription', name: 'feed' }, ['SLOT_DROP']);
  await change(primary, reporting, { ...drop, kind: 'publication', name: 'sales' });
  await same();
  // Nothing was managed, and the subscriber alone has a record of the copy: of the rest the audit log tells there.
  expect(await reporting.query('SELECT * FROM steep_repl.objects')).toEqual([]);
  expect(
    await reporting.query(
      `SELECT subject FROM steep_repl.audit_log WHERE event = 'operation.completed' ORDER BY id`,
    ),
  ).toEqual(
    ['create-subscription', 'refresh', 'refresh', 'disable', 'enable', 'drop'].map((verb) => ({
      subject: `${verb} target/subscription.feed`,
    })),
  );
  expect(await primary.query(`SELECT to_regnamespace('steep_repl') AS there`)).toEqual([
    { there: null },
  ]);
});

test('slots and origins: shown, refused without consent, done, and done already', async () => {
  const { primary } = await pairOn(newestMajor);
  const name = `alone_${primary.name}`;
  const shown = await primitive(primary, `replication slot create ${name}`, '--dry-run', '--json');
  expect(shown.code, shown.stderr).toBe(0);
  const document = JSON.parse(shown.stdout) as object;
  expect(faultsOf('plan', document)).toBe('');
  expect(document).toMatchObject({
    options: { change: { verb: 'create-slot', address: `target/slot.${name}` } },
    steps: [{ id: `create-slot target/slot.${name}` }],
  });
  const yes = '--auto-approve';
  const created = await primitive(primary, `replication slot create ${name}`, yes);
  expect(created.code, created.stderr).toBe(0);
  expect(created.stdout).toMatch(/! warning +ORPHAN_SLOT /);
  const again = await primitive(primary, `replication slot create ${name}`, yes);
  expect(again.stdout).toContain(`No changes. target/slot.${name} exists already.`);

  await primary.query('INSERT INTO orders VALUES (9)');
  const [row] = await primary.query<{ readonly lsn: string }>(
    'SELECT pg_current_wal_lsn()::text AS lsn',
  );
  const advance = `replication slot advance ${name} --lsn ${row?.lsn ?? ''}`;
  expect((await primitive(primary, advance, yes)).code).toBe(3);
  const allow = ['--allow-hazard', `SLOT_ADVANCE=target/slot.${name}`, yes];
  expect((await primitive(primary, advance, ...allow)).code).toBe(0);
  const list = await primitive(primary, `replication slot lag ${name}`, '--json');
  expect(JSON.parse(list.stdout)).toMatchObject({
    node: 'target',
    slots: [{ name, plugin: 'pgoutput', active: false, managed: false }],
  });
  const drop = await primitive(
    primary,
    `replication slot drop ${name}`,
    yes,
    '--allow-hazard',
    `SLOT_DROP=target/slot.${name}`,
  );
  expect(drop.code, drop.stderr).toBe(0);

  expect((await primitive(primary, `replication origin create ${name}`, yes)).code).toBe(0);
  const move = await primitive(
    primary,
    `replication origin advance ${name} --lsn 0/1000`,
    yes,
    '--allow-hazard',
    `ORIGIN_ADVANCE=target/origin.${name}`,
  );
  expect(move.code, move.stderr).toBe(0);
  const origins = await primitive(primary, 'replication origin list', '--json');
  expect(JSON.parse(origins.stdout)).toMatchObject({
    origins: expect.arrayContaining([
      expect.objectContaining({ name, subscription: null, remote_lsn: '0/1000' }),
    ]) as unknown,
  });
  const gone = await primitive(
    primary,
    `replication origin drop ${name}`,
    yes,
    '--allow-hazard',
    `ORIGIN_DROP=target/origin.${name}`,
  );
  expect(gone.code, gone.stderr).toBe(0);
});

test('what steep.yaml manages: the plan of a primitive says so, and the next plan undoes it', async () => {
  const pair = await pairOn(newestMajor);
  const urls = { primary: pair.primary.url, reporting: pair.reporting.url };
  const project = await createProject(urls, topology(pair, ['orders']));
  expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
  const disabled = await project.steep(
    ...'replication sub disable feed -n reporting --auto-approve'.split(' '),
  );
  expect(disabled.code, disabled.stderr).toBe(0);
  expect(disabled.stdout).toMatch(/! warning +MANAGED_BY_FILE +reporting\/subscription\.feed/);
  const plan = await project.steep('plan', '--detailed-exitcode');
  expect(plan.code).toBe(2);
  expect(plan.stdout).toContain('ALTER SUBSCRIPTION feed ENABLE');
  // Without the file, the registered name tells that it is managed.
  const { code, stdout } = await primitive(
    pair.reporting,
    'replication sub enable feed --auto-approve',
  );
  expect([code, stdout]).toEqual([0, expect.stringContaining('reporting/subscription.feed')]);
  expect((await project.steep('plan', '--detailed-exitcode')).code).toBe(0);
  // What reads a topology finds the same edge without the file.
  const peer = ['--peer-connection', pair.primary.url, '--json'];
  const status = await primitive(pair.reporting, 'status', ...peer);
  expect(status.code, status.stderr).toBe(0);
  expect(JSON.parse(status.stdout)).toMatchObject({
    overall: 'ok',
    edges: [{ node: 'reporting', subscription: 'feed', source: 'primary' }],
  });
  const doctor = await primitive(pair.reporting, 'doctor', ...peer);
  expect(JSON.parse(doctor.stdout)).toMatchObject({ nodes: [{}, {}] });
  const nodes = await project.steep('node', 'status', 'primary', '--json');
  expect(JSON.parse(nodes.stdout)).toMatchObject({ nodes: [{ id: 'primary', status: 'active' }] });
});

test('nodes: registered, seen, removed', async () => {
  const { primary } = await pairOn(newestMajor);
  const missing = await primitive(primary, 'node list');
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('METADATA_OUTDATED')]);
  const register = 'node register hub --host 10.0.0.4 --port 5433 --priority 80 --auto-approve';
  const registered = await primitive(primary, register);
  expect(registered.code, registered.stderr).toBe(0);
  expect((await primitive(primary, 'node heartbeat hub')).stdout).toBe('Node hub was seen now.\n');
  const list = await primitive(primary, 'node list', '--json');
  expect(JSON.parse(list.stdout)).toMatchObject({
    node: 'hub',
    nodes: [{ id: 'hub', host: '10.0.0.4', port: 5433, priority: 80, is_healthy: true }],
  });
  expect((await primitive(primary, 'node remove hub --auto-approve')).code).toBe(0);
  const gone = await primitive(primary, 'node heartbeat hub');
  expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining('OBJECT_NOT_FOUND')]);
});
