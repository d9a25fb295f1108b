// Attacks through steep_repl: a role that owns the database makes or changes the schema, and steep runs as superuser.
// Every command refuses, and nothing of the schema is run: neither a program of the server nor a trigger.

import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readInits } from '../../../src/catalog/copies/read-inits.ts';
import { hasLockTable } from '../../../src/catalog/metadata/read-lock-holder.ts';
import { readMetadata } from '../../../src/catalog/metadata/read-metadata.ts';
import { readPrepared } from '../../../src/catalog/slots/read-prepared.ts';
import { openSession } from '../../../src/postgres/session.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { lastByDay, majors } from '../../support/servers/majors.ts';
import { urlOf } from '../../support/servers/test-database.ts';
import { createProject, type Project } from '../../support/worlds/project.ts';
import { installMetadata } from '../catalog/metadata.ts';

const commands: readonly (readonly string[])[] = [
  ['plan'],
  ['apply', '--auto-approve'],
  ['drift'],
  ['status'],
  ['doctor'],
  ['graph', '--live'],
  ['import', '--node', 'primary', '--out', 'imported.yaml'],
  ['init', 'status'],
  ['snapshot', 'list'],
  ['schema', 'capture', '--node', 'primary'],
];

const widest = lastByDay(majors.filter((major) => major === 14 || major === 18));

describe.each(widest)('PostgreSQL %i', (major) => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'steep-attack-'));
    // The server may run as another user.
    await chmod(folder, 0o777);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** A database of a role of its own, and steep as superuser. */
  const world = async (): Promise<{ victim: TestDatabase; owner: string; project: Project }> => {
    const victim = await cluster.database(major);
    const owner = `owner_${victim.name}`;
    await victim.query(`CREATE ROLE ${owner} LOGIN PASSWORD 'x'`);
    await victim.query(`GRANT ALL ON DATABASE ${victim.name} TO ${owner}`);
    const project = await createProject(
      { primary: victim.url },
      { publications: { p: { node: 'primary', schemas: ['public'] } } },
    );
    return { victim, owner, project };
  };

  test('a view that runs a program of the server: no command runs it', {
    timeout: 600_000,
  }, async () => {
    const { victim, owner, project } = await world();
    await victim.query(`
      SET ROLE ${owner};
      CREATE SCHEMA steep_repl;
      CREATE FUNCTION steep_repl.f() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN
        EXECUTE format($c$COPY (SELECT 1) TO PROGRAM 'touch ${folder}/ran-%s'$c$, clock_timestamp()::time);
        RETURN 3; END $f$;
      CREATE VIEW steep_repl.schema_version AS
        SELECT steep_repl.f() AS version, now() AS applied_at, 'x'::text AS steep_version;
      CREATE VIEW steep_repl.nodes AS SELECT steep_repl.f()::text AS node_id, steep_repl.f() AS priority;
      CREATE VIEW steep_repl.objects AS SELECT steep_repl.f()::text AS address, false AS protect,
        '{}'::jsonb AS applied, ''::text AS run_id, now() AS applied_at;
      RESET ROLE`);
    for (const command of commands) {
      const { code, stdout, stderr } = await project.steep(...command);
      expect(await readdir(folder), command.join(' ')).toEqual([]);
      expect(`${command.join(' ')}: ${stdout}${stderr}`).toContain('METADATA_NOT_TRUSTED');
      expect(code, command.join(' ')).not.toBe(0);
    }
  });

  test('a trigger that makes its author superuser: apply does not fire it', async () => {
    const { victim, owner, project } = await world();
    await installMetadata(victim);
    await victim.query(`
      CREATE FUNCTION public.rise() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
        ALTER ROLE ${owner} SUPERUSER; RETURN NEW; END $f$;
      CREATE TRIGGER rise BEFORE INSERT ON steep_repl.nodes FOR EACH ROW EXECUTE FUNCTION public.rise();
      CREATE TRIGGER rise BEFORE INSERT ON steep_repl.objects FOR EACH ROW EXECUTE FUNCTION public.rise()`);
    const { code, stdout, stderr } = await project.steep('apply', '--auto-approve');
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain('METADATA_NOT_TRUSTED');
    expect(stdout + stderr).toContain('trigger rise');
    expect(await victim.query(`SELECT rolsuper FROM pg_roles WHERE rolname = '${owner}'`)).toEqual([
      { rolsuper: false },
    ]);
  });

  test('the same in the database of the node, where steep_repl is kept in another one', async () => {
    const { victim, owner, project } = await world();
    await victim.query(`
      SET ROLE ${owner};
      CREATE SCHEMA steep_repl;
      CREATE TABLE steep_repl.run_lock (only_row boolean, run_id text, claimed_at timestamptz);
      RESET ROLE`);
    await project.describe({
      nodes: { primary: { metadata_database: 'postgres' } },
      publications: { p: { node: 'primary', schemas: ['public'] } },
    });
    const { stdout, stderr } = await project.steep('plan');
    expect(stdout + stderr).toContain('METADATA_NOT_TRUSTED');
  });

  test('a schema that is made after the sessions were opened: looked at again before its use', async () => {
    const { victim, owner } = await world();
    const session = await openSession(victim.conninfo, { node: 'n', applicationName: 'test' });
    try {
      expect(await readInits(session, 'n')).toEqual([]);
      expect(await hasLockTable(session)).toBe(false);
      await victim.query(`
        SET ROLE ${owner}; CREATE SCHEMA steep_repl; CREATE VIEW steep_repl.init_progress AS SELECT 1 AS x;
        CREATE TABLE steep_repl.run_lock (only_row boolean);
        CREATE TABLE steep_repl.init_slots (slot_name text); RESET ROLE`);
      const refused = { code: 'METADATA_NOT_TRUSTED' };
      await expect(readInits(session, 'n')).rejects.toMatchObject(refused);
      await expect(hasLockTable(session)).rejects.toMatchObject(refused);
      await expect(readPrepared(session, 'x')).rejects.toMatchObject(refused);
      await expect(readMetadata(session, 'n')).rejects.toMatchObject(refused);
    } finally {
      await session.close();
    }
  });

  test('a schema that takes the place of an examined one: examined before its use, and only then', async () => {
    const { victim, owner } = await world();
    await installMetadata(victim);
    const sent: string[] = [];
    const session = await openSession(victim.conninfo, {
      node: 'n',
      applicationName: 'test',
      onStatement: (text) => sent.push(text),
    });
    const looks = (): number => sent.filter((text) => text.includes('pg_get_triggerdef')).length;
    try {
      expect(await hasLockTable(session)).toBe(true);
      expect(await hasLockTable(session)).toBe(true);
      expect(await readInits(session, 'n')).toEqual([]);
      expect(looks(), 'the same schema is examined once').toBe(1);
      await victim.query(`
        DROP SCHEMA steep_repl CASCADE;
        SET ROLE ${owner}; CREATE SCHEMA steep_repl; CREATE TABLE steep_repl.run_lock (only_row boolean);
        RESET ROLE`);
      await expect(hasLockTable(session)).rejects.toMatchObject({ code: 'METADATA_NOT_TRUSTED' });
    } finally {
      await session.close();
    }
  });

  test('a dump of the definitions of another database: it is named, with the cure', async () => {
    const { victim, project } = await world();
    await installMetadata(victim);
    await victim.query('DELETE FROM steep_repl.schema_version');
    const { code, stdout, stderr } = await project.steep('plan');
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain('METADATA_EMPTY');
    expect(stdout + stderr).toContain('--exclude-schema=steep_repl');
  });

  test('separate roles for plan and apply: the owner is named as metadata_owner', async () => {
    const { victim, owner: applies } = await world();
    const plans = `plans_${victim.name}`;
    const as = (role: string) => urlOf(victim.conninfo.with({ user: role, password: 'x' }));
    const publications = {};
    const apply = await createProject({ primary: as(applies) }, { publications });
    await victim.query(`
      CREATE ROLE ${plans} LOGIN PASSWORD 'x'; GRANT pg_monitor TO ${plans}, ${applies};
      SET ROLE ${applies}`);
    await installMetadata(victim);
    await victim.query(`
      GRANT USAGE ON SCHEMA steep_repl TO ${plans};
      GRANT SELECT ON ALL TABLES IN SCHEMA steep_repl TO ${plans}; RESET ROLE`);
    const plan = apply.with({ primary: as(plans) });
    const refused = await plan.steep('plan');
    expect(refused.stdout + refused.stderr).toContain('METADATA_NOT_TRUSTED');
    expect(refused.stdout + refused.stderr).toContain('metadata_owner');
    await apply.describe({ publications, defaults: { metadata_owner: applies } });
    const accepted = await plan.steep('plan');
    expect(accepted.stdout + accepted.stderr).not.toContain('METADATA_');
  });
});
