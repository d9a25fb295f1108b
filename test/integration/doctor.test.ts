// What the doctor finds on real servers, and that it only reads.

import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import doctorSchema from '../../schemas/doctor.schema.json' with { type: 'json' };
import { toSnakeKeys } from '../../src/model/key-case.ts';
import { doctorGrants } from '../../src/workflows/observe/doctor.ts';
import { runCommandsAlone } from '../support/hosted-cli.ts';
import {
  examined,
  findings,
  replicationConnection,
  shop,
  slotName,
  surroundings,
  topology,
} from '../support/plans/doctor-stage.ts';
import { cluster, type TestDatabase } from '../support/servers/cluster.ts';
import { lastByDay, majors } from '../support/servers/majors.ts';
import { urlOf } from '../support/servers/test-database.ts';
import { waitFor } from '../support/servers/wait.ts';
import { installMetadata } from './catalog/metadata.ts';

runCommandsAlone();

describe.each(lastByDay(majors))('PostgreSQL %i', (major) => {
  test('a superuser on fresh nodes finds no error, and only reads', async () => {
    const [primary, reporting] = [await cluster.database(major), await cluster.database(major)];
    await shop(primary, { owner: null });
    await shop(reporting, { owner: null });
    const at = await surroundings(topology(slotName()), {
      PRIMARY_URL: primary.url,
      REPORTING_URL: reporting.url,
    });
    const { report, exit } = await examined(at);
    expect(
      report.nodes.flatMap((node) => node.findings.filter(({ status }) => status === 'error')),
    ).toEqual([]);
    expect(exit).toBe(0);
    expect(findings(report, 'primary', 'replication_connection')).toMatchObject([{ status: 'ok' }]);
    const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
    formats.default(ajv);
    const valid = ajv.validate(doctorSchema, JSON.parse(JSON.stringify(toSnakeKeys(report))));
    expect(valid, JSON.stringify(ajv.errors)).toBe(true);
    const reading =
      /^(SELECT|WITH|BEGIN|COMMIT|IDENTIFY_SYSTEM|LOCK TABLE [^;]+ IN ACCESS SHARE MODE)\b/;
    expect(at.sent.filter((statement) => !reading.test(statement))).toEqual([]);
    expect(JSON.stringify(report)).not.toContain(primary.conninfo.get('password'));
  });

  test('a plain role is told every grant that it lacks', async () => {
    const [primary, reporting] = [await cluster.database(major), await cluster.database(major)];
    await shop(primary, { owner: null });
    await shop(reporting, { owner: null });
    const role = `role_${primary.name}`;
    await primary.query(`CREATE ROLE ${role} LOGIN PASSWORD 'pw'`);
    const as = ({ conninfo }: TestDatabase): string =>
      urlOf(conninfo.with({ user: role, password: 'pw' }));
    const at = await surroundings(topology(slotName()), {
      PRIMARY_URL: as(primary),
      REPORTING_URL: as(reporting),
    });
    const { report, exit } = await examined(at);
    expect(exit).toBe(1);
    const cures = report.nodes.flatMap(({ findings: all }) => all.flatMap(({ cure }) => cure));
    expect(cures).toEqual(
      expect.arrayContaining([
        `GRANT CREATE ON DATABASE ${primary.name} TO ${role};`,
        `ALTER ROLE ${role} REPLICATION;`,
        `ALTER TABLE public.orders OWNER TO ${role};`,
        `GRANT SELECT ON public.orders TO ${role};`,
        `GRANT pg_read_all_stats TO ${role};`,
        major < 16 ? `ALTER ROLE ${role} SUPERUSER;` : `GRANT pg_create_subscription TO ${role};`,
      ]),
    );
    await primary.query(`DROP ROLE ${role}`);
  });
});

test('limits, wal_level and pg_hba of a server that is too small', async () => {
  const server = await cluster.privateServer(18, {
    wal_level: 'replica',
    max_replication_slots: '0',
    max_active_replication_origins: '0',
    max_logical_replication_workers: '1',
  });
  const [primary, reporting] = [await server.createDatabase(), await server.createDatabase()];
  await shop(primary, { owner: null });
  await shop(reporting, { owner: null });
  await primary.query('ALTER SYSTEM SET max_wal_senders = 7');
  await primary.query('SELECT pg_reload_conf()');
  await primary.query(`CREATE TABLE public.bare (id int)`);
  await primary.query('CREATE PUBLICATION other FOR TABLE public.bare');
  const at = await surroundings(topology(slotName()), {
    PRIMARY_URL: primary.url,
    REPORTING_URL: reporting.url,
  });
  await waitFor('the configuration to be read', async () =>
    (await examined(at)).report.nodes.some(
      (node) => node.readable && node.limits.some(({ pendingRestart }) => pendingRestart),
    ),
  );
  const { report, exit } = await examined(at);
  expect(exit).toBe(1);
  expect(findings(report, 'primary', 'wal_level')).toMatchObject([
    {
      status: 'error',
      cure: ["ALTER SYSTEM SET wal_level = 'logical';", expect.stringContaining('restart')],
    },
  ]);
  for (const limit of [
    'max_replication_slots',
    'max_active_replication_origins',
    'max_logical_replication_workers',
  ]) {
    expect(findings(report, 'reporting', limit), limit).toMatchObject([{ status: 'error' }]);
  }
  expect(findings(report, 'primary', 'pending_restart')).toMatchObject([{ status: 'warning' }]);
  expect(findings(report, 'primary', 'replica_identity')).toMatchObject([{ status: 'error' }]);
  expect(findings(report, 'primary', 'pg_hba')).toMatchObject([
    { status: 'ok', message: expect.stringContaining('scram-sha-256') },
  ]);
});

test('a replication_connection that leads elsewhere, and a node that does not answer', async () => {
  const [older, newer] = [await cluster.database(majors[0] ?? 18), await cluster.database(18)];
  await shop(newer, { owner: null });
  const at = await surroundings(topology(slotName(), replicationConnection), {
    PRIMARY_URL: newer.url,
    PRIMARY_REPLICATION_URL: older.url,
    REPORTING_URL: 'postgresql://postgres@127.0.0.1:1/app',
  });
  const { report, exit } = await examined(at);
  expect(exit).toBe(7);
  expect(report.nodes).toMatchObject([
    { readable: true },
    { readable: false, error: { code: 'UNREACHABLE' } },
  ]);
  expect(findings(report, 'primary', 'replication_connection')).toMatchObject([
    { status: 'error', message: expect.stringContaining('another server') },
  ]);
});

test('a role that may not read steep_repl is told all that it lacks, at once', async () => {
  const database = await cluster.database(18);
  const role = `role_${database.name}`;
  await shop(database, { owner: null });
  await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'pw'`);
  await installMetadata(database);
  const url = urlOf(database.conninfo.with({ user: role, password: 'pw' }));
  const reporting = await cluster.database(18);
  await shop(reporting, { owner: null });
  const at = await surroundings(topology(slotName()), {
    PRIMARY_URL: url,
    REPORTING_URL: reporting.url,
  });
  const { report, exit } = await examined(at);
  expect(exit).toBe(1);
  const lacking = report.nodes[0]?.findings.filter(({ status }) => status === 'error') ?? [];
  expect(lacking.flatMap(({ cure }) => cure)).toEqual(
    expect.arrayContaining([
      `GRANT USAGE ON SCHEMA steep_repl TO ${role};`,
      `ALTER ROLE ${role} REPLICATION;`,
    ]),
  );
  const granted = await doctorGrants(at.file, { command: 'apply', role: null }, at.runtime);
  expect(granted.exit).toBe(0);
  const sql = (granted.report?.nodes[0]?.grants ?? []).flatMap((grant) => grant.sql);
  expect(sql).toEqual(
    expect.arrayContaining([
      `GRANT USAGE ON SCHEMA steep_repl TO ${role};`,
      `GRANT CREATE ON DATABASE ${database.name} TO ${role};`,
      `ALTER ROLE ${role} LOGIN REPLICATION;`,
    ]),
  );
});
