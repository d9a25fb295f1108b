// The rights that docs/drift.md asks for: enough on every version, and none too many.

import { beforeAll, describe, expect, test } from 'vitest';
import { cluster, type TestDatabase } from '../support/servers/cluster.ts';
import { lastByDay, majors } from '../support/servers/majors.ts';
import { urlOf } from '../support/servers/test-database.ts';
import { createDriftWorld, type DriftWorld } from '../support/worlds/drift-world.ts';

const all = ['topology', 'schema', 'runtime'] as const;

/** Reads as docs/drift.md says: one statement each, in its order. */
const grants = (role: string, database: string): readonly string[] => [
  `GRANT CONNECT ON DATABASE ${database} TO ${role}`,
  `GRANT pg_read_all_stats TO ${role}`,
  `GRANT USAGE ON SCHEMA steep_repl TO ${role}`,
  `GRANT SELECT ON ALL TABLES IN SCHEMA steep_repl TO ${role}`,
];

const asRole = (database: TestDatabase, role: string): string =>
  urlOf(database.conninfo.with({ user: role, password: 'watches' }));

async function run(database: TestDatabase, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await database.query(statement);
}

describe.each(lastByDay(majors))('a role with few rights on %i', (major) => {
  let world: DriftWorld;
  let role: string;
  let environment: Readonly<Record<string, string>>;

  beforeAll(async () => {
    const server = await cluster.server(major);
    world = await createDriftWorld(server, server);
    role = `watcher_${world.primary.name}`;
    await run(world.primary, [`CREATE ROLE ${role} LOGIN PASSWORD 'watches'`]);
    for (const database of [world.primary, world.reporting]) {
      await run(database, [
        `REVOKE ALL ON DATABASE ${database.name} FROM PUBLIC`,
        'REVOKE ALL ON SCHEMA public FROM PUBLIC',
      ]);
    }
    environment = {
      PRIMARY_URL: asRole(world.primary, role),
      REPORTING_URL: asRole(world.reporting, role),
    };
    return async () => {
      for (const database of [world.reporting, world.primary]) {
        await run(database, [`DROP OWNED BY ${role}`]);
      }
      await run(world.primary, [`DROP ROLE ${role}`]);
    };
  });

  const outcomeAfter = async (verb: 'GRANT' | 'REVOKE', indexes: readonly number[]) => {
    for (const database of [world.primary, world.reporting]) {
      const statements = grants(role, database.name).filter((_, index) => indexes.includes(index));
      const back = (text: string) => text.replace('GRANT', 'REVOKE').replace(' TO ', ' FROM ');
      await run(database, verb === 'GRANT' ? statements : statements.map(back));
    }
    return (await world.drift(all, { environment })).outcome;
  };

  test('the documented grants are enough, and without one of them a node cannot be read', async () => {
    expect(await outcomeAfter('GRANT', [0, 1, 2, 3])).toBe('none');
    for (const index of [0, 2, 3]) {
      expect(await outcomeAfter('REVOKE', [index])).toBe('incomplete');
      expect(await outcomeAfter('GRANT', [index])).toBe('none');
    }
  });

  test('what it may not see is said', async () => {
    const subscription = `reporting/subscription.${world.feed}`;
    const before = await world.drift(all, { environment });
    expect(before.unchecked).toMatchObject([{ address: subscription, what: 'connection' }]);
    expect(before.pending.map(({ address }) => address)).toEqual([subscription]);
    await run(world.reporting, [`GRANT SELECT (subconninfo) ON pg_subscription TO ${role}`]);
    expect((await world.drift(all, { environment })).unchecked).toEqual([]);
  });

  test('it finds what a superuser finds', async () => {
    await world.reporting.query(
      `ALTER SUBSCRIPTION ${world.feed} SET PUBLICATION spare WITH (refresh = false)`,
    );
    await world.primary.query('ALTER PUBLICATION sales DROP TABLE customers');
    const system = await world.primary.query<{ readonly id: string }>(
      'SELECT system_identifier::text AS id FROM pg_control_system()',
    );
    const orphan = `pg_99998_sync_${major}_${system[0]?.id}`;
    await world.primary.query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [
      orphan,
    ]);
    const [few, many] = [await world.drift(all, { environment }), await world.drift(all)];
    expect(few.findings).toEqual(many.findings);
    expect(few.findings.map(({ code }) => code)).toEqual([
      'DRIFT_CHANGED',
      'DRIFT_CHANGED',
      'ORPHAN_SLOT',
      'TABLE_UNPUBLISHED',
      'TABLE_NOT_SUBSCRIBED',
    ]);
    expect(few.outcome).toBe(many.outcome);
  });

  test('without pg_read_all_stats, left-over slots stay unseen', async () => {
    await run(world.primary, [`REVOKE pg_read_all_stats FROM ${role}`]);
    const { outcome, findings } = await world.drift(all, { environment });
    expect(outcome).toBe('drift');
    expect(findings.map(({ code }) => code)).not.toContain('ORPHAN_SLOT');
  });
});
