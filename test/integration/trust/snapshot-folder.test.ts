// Attacks through the folder of a snapshot: anyone who can write to it knows how the digests are made. steep loads as
// superuser. No file is run, code of the definitions is agreed to or not created, and a key or a pin shows any change.

import { createHash, generateKeyPairSync } from 'node:crypto';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SnapshotManifest } from '../../../src/model/snapshot/snapshot.ts';
import { parseManifest, renderManifest } from '../../../src/snapshot/manifest/manifest.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { lastByDay, majors } from '../../support/servers/majors.ts';
import { createProject, type Project } from '../../support/worlds/project.ts';

const widest = lastByDay(majors.filter((major) => major === 14 || major === 18));

interface World {
  readonly project: Project;
  readonly target: TestDatabase;
  /** The folder of the snapshot. */
  readonly place: string;
  /** Writes the manifest as the attacker would, with digests that fit. */
  readonly tamper: (edit: (manifest: SnapshotManifest) => SnapshotManifest) => Promise<void>;
  readonly apply: (...flags: readonly string[]) => ReturnType<Project['steep']>;
}

const file = (world: World, name: string): string => join(world.place, name);

type Table = NonNullable<SnapshotManifest['definitions']>['tables'][number];

/** The definition of shop.orders, changed. */
const withTable =
  (change: (table: Table) => Table) =>
  (manifest: SnapshotManifest): SnapshotManifest => {
    const { definitions } = manifest;
    if (definitions === undefined) throw new Error('no definitions');
    return { ...manifest, definitions: { ...definitions, tables: definitions.tables.map(change) } };
  };

const noTables = async ({ target }: World): Promise<void> =>
  expect(await target.query(`SELECT to_regclass('shop.orders') AS t`)).toEqual([{ t: null }]);

describe.each(widest)('PostgreSQL %i', (major) => {
  const world = async (): Promise<World> => {
    const source = await cluster.database(major);
    const target = await cluster.database(major);
    await source.query(`
      CREATE SCHEMA shop;
      CREATE TYPE shop.mood AS ENUM ('good', 'bad');
      CREATE TABLE shop.orders (
        id serial PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), mood shop.mood DEFAULT 'good',
        CHECK (id > 0));
      CREATE INDEX orders_at ON shop.orders (at) WHERE mood = 'bad';
      INSERT INTO shop.orders SELECT FROM generate_series(1, 10)`);
    const project = await createProject({ primary: source.url, target: target.url }, {});
    const place = project.path('snap');
    const args = ['--node', 'primary', '--no-slot', '--output', place];
    const made = await project.steep('snapshot', 'generate', ...args);
    expect(made.code, made.stderr).toBe(0);
    const manifestPath = join(place, 'manifest.json');
    return {
      project,
      target,
      place,
      tamper: async (edit) => {
        const manifest = parseManifest(await readFile(manifestPath, 'utf8'), place);
        await writeFile(manifestPath, renderManifest(edit(manifest)));
      },
      apply: (...more) =>
        project.steep('snapshot', 'apply', '--node', 'target', '--input', place, ...more),
    };
  };

  const auto = ['--schema-sync', 'auto'] as const;

  test('schema.sql is not run, even with digests that fit; the tables are as the manifest has them', async () => {
    const it = await world();
    const { target } = it;
    const owner = `owner_${target.name}`;
    await target.query(`CREATE ROLE ${owner}; CREATE SCHEMA shop AUTHORIZATION ${owner}`);
    const evil = `CREATE ROLE evil_${target.name} SUPERUSER;\n`;
    await writeFile(file(it, 'schema.sql'), evil);
    await it.tamper((manifest) => ({
      ...manifest,
      schema: {
        bytes: Buffer.byteLength(evil),
        sha256: createHash('sha256').update(evil).digest('hex'),
      },
    }));
    const made = await it.apply(...auto);
    expect(made.code, made.stderr).toBe(0);
    expect(made.stdout).toContain('CREATE TABLE shop.orders');
    expect(
      await target.query(`SELECT 1 FROM pg_roles WHERE rolname = 'evil_${target.name}'`),
    ).toEqual([]);
    expect(
      await target.query(`
        SELECT count(*)::int AS rows, (SELECT relowner::regrole::text FROM pg_class
                 WHERE oid = 'shop.orders'::regclass) AS owner FROM shop.orders`),
    ).toEqual([{ rows: 10, owner }]);
  });

  test('code in a definition: shown, and not created without consent; nothing of it stays where the tables differ', async () => {
    const it = await world();
    await it.tamper(
      withTable((table) => ({
        ...table,
        columns: table.columns.map((column) =>
          column.name === 'at'
            ? { ...column, type: 'text', expression: `pg_read_file('PG_VERSION')` }
            : column,
        ),
      })),
    );
    const address = 'target/table.shop.orders';
    const asked = await it.apply(...auto);
    expect(asked.code).toBe(64);
    expect(asked.stdout).toContain(`DEFAULT pg_read_file('PG_VERSION') NOT NULL (it calls`);
    expect(asked.stderr).toContain(`--allow-hazard SCHEMA_CARRIES_CODE=${address}`);
    await noTables(it);
    const agreed = await it.apply(...auto, '--allow-hazard', `SCHEMA_CARRIES_CODE=${address}`);
    expect(agreed.code).toBe(3);
    expect(agreed.stderr).toContain('SNAPSHOT_SCHEMA');
    await noTables(it);
  });

  test('definitions that are more than they should be are refused', async () => {
    const it = await world();
    const original = await readFile(file(it, 'manifest.json'));
    const constraint = (definition: string) =>
      withTable((table) => ({
        ...table,
        constraints: [{ name: 'c', kind: 'check', definition }],
      }));
    const attacks = [
      constraint('CHECK (true), OWNER TO pg_monitor'),
      constraint('CHECK (true); ALTER ROLE postgres NOLOGIN'),
      constraint('CHECK (true)) DROP TABLE x ('),
      withTable((table) => ({
        ...table,
        indexes: [{ name: 'i', definition: 'ALTER SYSTEM SET x = 1', unique: false, valid: true }],
      })),
      withTable((table) => ({ ...table, name: { schema: 'shop', name: 'o'.repeat(64) } })),
    ];
    for (const attack of attacks) {
      await writeFile(file(it, 'manifest.json'), original);
      await it.tamper(attack);
      const refused = await it.apply(...auto);
      expect(refused.code, refused.stdout + refused.stderr).toBe(3);
      expect(refused.stderr).toContain('SNAPSHOT_SCHEMA_REFUSED');
      await noTables(it);
    }
    // Of an older steep: the rows can be loaded, into tables that a user created.
    await writeFile(file(it, 'manifest.json'), original);
    await it.tamper(({ definitions: _, ...manifest }) => manifest);
    const old = await it.apply(...auto);
    expect(old.code).toBe(3);
    expect(old.stderr).toContain('SNAPSHOT_SCHEMA_OLD');
    await noTables(it);
    await it.target.query(await readFile(file(it, 'schema.sql'), 'utf8'));
    const loaded = await it.apply();
    expect(loaded.code, loaded.stderr).toBe(0);
  });

  // No server has a part in it.
  test.runIf(major === widest.at(-1))(
    'a pin and a signature show that the manifest was changed',
    async () => {
      const keys = generateKeyPairSync('ed25519');
      const other = generateKeyPairSync('ed25519');
      const bare = await world();
      const { project, place } = bare;
      const pem = async (name: string, key: typeof keys.privateKey): Promise<string> => {
        const text = key.export({ format: 'pem', type: key.type === 'private' ? 'pkcs8' : 'spki' });
        await writeFile(project.path(name), text, { mode: 0o600 });
        return project.path(name);
      };
      const own = await pem('own.pem', keys.privateKey);
      const ownPublic = await pem('own.pub.pem', keys.publicKey);
      const otherPublic = await pem('other.pub.pem', other.publicKey);
      const verify = (...flags: readonly string[]) =>
        project.steep('snapshot', 'verify', '--input', place, ...flags);
      const generate = (...flags: readonly string[]) =>
        project.steep('snapshot', 'generate', '--node', 'primary', '--output', place, ...flags);

      const unsigned = await bare.apply('--verify-with', ownPublic);
      expect(unsigned).toMatchObject({
        code: 3,
        stderr: expect.stringContaining('SNAPSHOT_SIGNATURE_MISSING'),
      });
      await chmod(own, 0o644);
      const readable = await generate('--sign-with', own);
      expect(readable).toMatchObject({ code: 64, stderr: expect.stringContaining('chmod 600') });
      await chmod(own, 0o600);
      const signed = await generate('--sign-with', own, '--no-slot');
      expect(signed.code, signed.stderr).toBe(0);
      const sha256 = createHash('sha256')
        .update(await readFile(join(place, 'manifest.json')))
        .digest('hex');
      expect(signed.stdout).toContain(`${sha256} (of manifest.json; signed)`);
      const whole = await verify('--verify-with', ownPublic, '--expect-sha256', sha256);
      expect(whole.code, whole.stderr).toBe(0);
      expect(whole.stdout).toContain(sha256);
      const stranger = await verify('--verify-with', otherPublic);
      expect(stranger).toMatchObject({
        code: 3,
        stderr: expect.stringContaining('SNAPSHOT_SIGNATURE_WRONG'),
      });

      await bare.tamper((manifest) => ({ ...manifest, snapshotId: 'another' }));
      const changed = await bare.apply(...auto, '--verify-with', ownPublic);
      expect(changed).toMatchObject({
        code: 3,
        stderr: expect.stringContaining('SNAPSHOT_SIGNATURE_WRONG'),
      });
      const pinned = await bare.apply(...auto, '--expect-sha256', sha256);
      expect(pinned).toMatchObject({
        code: 3,
        stderr: expect.stringContaining('SNAPSHOT_NOT_EXPECTED'),
      });
      await noTables(bare);

      const subscription = {
        node: 'target',
        source: 'primary',
        publications: ['sales'],
        init: { method: 'two_phase', snapshot: 'snap', expect_sha256: sha256 },
      };
      await project.describe({
        publications: { sales: { node: 'primary', tables: ['shop.orders'] } },
        subscriptions: { feed: subscription },
      });
      const planned = await project.steep('plan', '--verify-with', ownPublic);
      expect(planned.stdout).toContain('SNAPSHOT_UNUSABLE');
      expect(planned.stdout).toContain(`${sha256} is expected`);
      await project.describe({
        publications: { sales: { node: 'primary', tables: ['shop.orders'] } },
        subscriptions: {
          feed: { ...subscription, init: { method: 'two_phase', snapshot: 'snap' } },
        },
      });
      const proven = await project.steep('plan', '--verify-with', ownPublic);
      expect(proven.stdout).toContain('is not a signature of');
      await rm(join(place, 'manifest.sig'));
      expect((await verify()).stdout).toContain('not signed');
    },
  );
});
