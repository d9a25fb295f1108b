// What a role that only reads steep_repl may call, and what it may change once it has the rights of PostgreSQL for it.

import { describe, expect, test } from 'vitest';
import type { TestDatabase } from '../../support/servers/cluster.ts';
import { lastByDay, majors } from '../../support/servers/majors.ts';
import { testDatabase } from '../../support/servers/test-database.ts';
import { refusal, stage, value } from './sql-functions-world.ts';

describe.each(lastByDay(majors))('PostgreSQL %i', (major) => {
  test('a role with USAGE and SELECT reads everything, and changes only what is its own', async () => {
    const { publisher, subscriber } = await stage(major);
    const role = `reader_${publisher.name}`;
    await publisher.query(`CREATE ROLE ${role} LOGIN PASSWORD 'reader'`);
    await publisher.query(
      `SELECT steep_repl.capture_all_fingerprints(n) FROM unnest(ARRAY['a', 'b']) AS n`,
    );
    for (const database of [publisher, subscriber]) {
      await database.query(`GRANT USAGE ON SCHEMA steep_repl TO ${role};
        GRANT SELECT ON ALL TABLES IN SCHEMA steep_repl TO ${role}`);
    }
    const as = (database: TestDatabase): TestDatabase =>
      testDatabase(database.conninfo.with({ user: role, password: 'reader' }), database.name);
    const own = as(publisher);
    try {
      for (const call of [
        'list_publications()',
        'list_subscriptions()',
        'subscription_status()',
        'list_replication_slots()',
        'slot_lag()',
        'list_nodes()',
        'node_status()',
        'health()',
        'get_progress()',
        'is_operation_active()',
        `snapshot_progress('none')`,
        `init_progress('none')`,
        `compare_fingerprints('a', 'b')`,
        `compute_fingerprint('public', 'orders')`,
      ]) {
        expect(await own.query(`SELECT * FROM steep_repl.${call}`)).toBeInstanceOf(Array);
      }
      for (const call of [
        `create_publication('mine', ARRAY['public.orders'])`,
        `create_replication_slot('mine')`,
        `register_node('x', 'x')`,
        `capture_all_fingerprints('x')`,
        `create_replication_origin('mine')`,
        'list_replication_origins()',
      ]) {
        expect(await refusal(own, call), call).toMatchObject({ code: '42501' });
      }
      await publisher.query(`CREATE TABLE public.own (id int); ALTER TABLE public.own OWNER TO ${role};
        GRANT CREATE ON DATABASE ${publisher.name} TO ${role}; ALTER ROLE ${role} REPLICATION`);
      await own.close();
      expect(await value(own, `create_publication('mine', ARRAY['public.own'])`)).toBe('mine');
      const slot = `mine_${publisher.name}`;
      await own.query(`SELECT steep_repl.create_replication_slot('${slot}')`);
      expect([
        await value(own, `drop_replication_slot('${slot}')`),
        await value(own, `drop_publication('mine')`),
      ]).toEqual([true, true]);
    } finally {
      await own.close();
      for (const database of [publisher, subscriber]) await database.query(`DROP OWNED BY ${role}`);
      await publisher.query(`DROP ROLE ${role}`);
    }
  });
});
