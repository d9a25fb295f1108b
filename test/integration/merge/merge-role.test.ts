// A merge by a role that has exactly what `steep doctor --grants` prints, and what a plan says where one of these is missing.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { allMajors, lastByDay, newestMajor } from '../../support/servers/majors.ts';
import { type TestDatabase, urlOf } from '../../support/servers/test-database.ts';
import { grantedStatements, grantPassword } from '../../support/worlds/granted.ts';
import { consentTo, createMerge, mergeOf, notesOf, orders } from '../../support/worlds/merge.ts';

const majors = [
  ...new Set([Math.min(...allMajors.filter((major) => major >= 16)), newestMajor]),
].toSorted((a, b) => a - b);

const asRole = (database: TestDatabase, user: string): string =>
  urlOf(database.conninfo.with({ user, password: grantPassword }));

test.each(lastByDay(majors))('on %i', async (major) => {
  const world = await createMerge({ strategy: 'prefer-node-a' }, [major, major]);
  const { us, eu, name } = world;
  const [owner, role, copies] = [`owner_${us.name}`, `apply_${us.name}`, `copies_${us.name}`];
  await us.query(`CREATE ROLE ${owner}`);
  for (const node of [us, eu]) {
    await node.query(`REVOKE ALL ON DATABASE ${node.name} FROM PUBLIC`);
    await node.query(`ALTER TABLE customers OWNER TO ${owner}`);
    await node.query(`ALTER TABLE orders OWNER TO ${owner}`);
    await node.query('CREATE SEQUENCE numbers');
    await node.query('ALTER TABLE orders ADD number int');
    await node.query(`ALTER TABLE orders ALTER number SET DEFAULT nextval('numbers')`);
  }
  const project = world.project.withEnvironment({ COPIES_PASSWORD: grantPassword });
  const from = ({ conninfo, name: dbname }: TestDatabase) => ({
    replication_connection: {
      host: conninfo.get('host') ?? '',
      port: conninfo.get('port') ?? '',
      dbname,
      user: copies,
      password_env: 'COPIES_PASSWORD',
    },
  });
  await project.describe({
    ...mergeOf(name, { strategy: 'prefer-node-a' }),
    nodes: { us: from(us), eu: from(eu) },
    defaults: { apply_role: role },
  });
  const printed = await project.steep('doctor', '--grants', '--role', role, '--json');
  expect(printed.code, printed.stdout + printed.stderr).toBe(0);
  for (const { name: node, grants } of JSON.parse(printed.stdout).nodes) {
    for (const statement of grantedStatements(grants)) {
      await (node === 'us' ? us : eu).query(statement);
    }
  }

  const steep = project.with({ us: asRole(us, role), eu: asRole(eu, role) });
  const created = 'pg_catalog.pg_replication_origin_create(text)';
  for (const [node, taken, lacks, given] of [
    [
      us,
      `REVOKE SET ON PARAMETER session_replication_role FROM ${role}`,
      'setting session_replication_role',
      `GRANT SET ON PARAMETER session_replication_role TO ${role}`,
    ],
    [
      us,
      `REVOKE EXECUTE ON FUNCTION ${created} FROM ${role}`,
      'writing rows with an origin',
      `GRANT EXECUTE ON FUNCTION ${created} TO ${role}`,
    ],
    [
      eu,
      'ALTER SEQUENCE numbers OWNER TO postgres',
      'changing sequence public.numbers',
      `ALTER SEQUENCE numbers OWNER TO ${role}`,
    ],
  ] as const) {
    await node.query(taken);
    const refused = await steep.steep('plan');
    expect(refused.stdout, refused.stderr).toMatch(/BLOCK +PRIVILEGE/);
    expect(refused.stdout).toContain(lacks);
    await node.query(given);
  }
  const applied = await steep.steep('apply', '--auto-approve', ...consentTo(name));
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  await waitForSameRows(us, eu, [orders]);
  expect(await notesOf(eu)).toContain('5 us, 6 us, 7 us, 8 us, 9 us');
});
