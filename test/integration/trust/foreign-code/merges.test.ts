// Code of other roles that a merge of two nodes would run: on its tables, and on tables that refer to them.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../../support/hashes.ts';
import { onTestFinished } from '../../../support/servers/clean-up.ts';
import type { TestDatabase } from '../../../support/servers/cluster.ts';
import { testDatabase } from '../../../support/servers/test-database.ts';
import { applyDuring } from '../../../support/worlds/failing-merge.ts';
import { consentTo, createMerge, type MergeWorld, orders } from '../../../support/worlds/merge.ts';

test('a merge names code that would run where it stores rows, and does not wait for itself at tables that refer to others', async () => {
  const { us, eu, name, project } = await createMerge({ strategy: 'prefer-node-a' });
  const mallory = `mallory_${us.name}`;
  await us.query(`CREATE ROLE ${mallory}`);
  onTestFinished(async () => {
    for (const database of [us, eu]) await database.query(`DROP OWNED BY ${mallory}`);
    await us.query(`DROP ROLE ${mallory}`);
  });
  for (const database of [us, eu]) {
    await database.query(`
      CREATE SCHEMA theirs AUTHORIZATION ${mallory};
      GRANT USAGE ON SCHEMA public TO ${mallory};
      GRANT SELECT, REFERENCES ON customers TO ${mallory};
      SET ROLE ${mallory};
      CREATE FUNCTION theirs.run() RETURNS int LANGUAGE plpgsql IMMUTABLE AS
        $$BEGIN IF session_user <> '${mallory}' THEN RAISE EXCEPTION 'code of % ran', '${mallory}'; END IF; RETURN 1; END$$;
      CREATE DOMAIN theirs.note AS text;
      CREATE TABLE theirs.visits (id int PRIMARY KEY, customer int REFERENCES public.customers);
      RESET ROLE;
      INSERT INTO theirs.visits VALUES (1, 1);
      SET session_replication_role = replica;
      INSERT INTO theirs.visits VALUES (2, 99);
      RESET session_replication_role;
      GRANT USAGE ON SCHEMA theirs TO PUBLIC`);
  }
  const apply = ['apply', '--auto-approve', ...consentTo(name)] as const;
  for (const database of [us, eu]) {
    await database.query(`ALTER TABLE customers ADD COLUMN remark theirs.note;
      ALTER DOMAIN theirs.note ADD CHECK (theirs.run() = 1) NOT VALID`);
  }
  const blocked = await project.steep('plan');
  expect(blocked.stdout).toMatch(/BLOCK +MERGE_REFUSED .*RUNS_FOREIGN_CODE/);
  expect(blocked.stdout).toContain('theirs.run()');
  expect((await project.steep(...apply)).code).toBe(3);
  for (const database of [us, eu]) {
    await database.query('ALTER TABLE customers DROP COLUMN remark');
  }
  // Row 2 refers to nothing: such rows are counted by two sessions, as they are and as they were.
  const merged = await project.steep(...apply);
  expect(merged.code, merged.stdout + merged.stderr).toBe(0);
  await waitForSameRows(us, eu, [orders]);
});

/** A role that has a domain, whose check notes where no ROLLBACK reaches that another role ran it. */
const attacker = async ({ us, eu }: MergeWorld, owned: string): Promise<TestDatabase> => {
  const mallory = `mallory_${us.name}`;
  await us.query(`CREATE ROLE ${mallory} LOGIN PASSWORD 'x'`);
  onTestFinished(async () => {
    await us.query('ALTER SCHEMA public OWNER TO CURRENT_USER').catch(() => undefined);
    for (const database of [us, eu]) await database.query(`DROP OWNED BY ${mallory} CASCADE`);
    await us.query(`DROP ROLE ${mallory}`);
  });
  const as = testDatabase(us.conninfo.with({ user: mallory, password: 'x' }), us.name);
  onTestFinished(() => as.close());
  await us.query(
    `GRANT CREATE ON DATABASE ${us.name} TO ${mallory}; ALTER ${owned} OWNER TO ${mallory}`,
  );
  await as.query(`
    CREATE SCHEMA theirs; GRANT USAGE ON SCHEMA theirs TO PUBLIC;
    CREATE SEQUENCE theirs.ran; GRANT ALL ON SEQUENCE theirs.ran TO PUBLIC;
    CREATE FUNCTION theirs.run() RETURNS boolean LANGUAGE plpgsql AS
      $f$BEGIN IF current_user <> '${mallory}' THEN PERFORM nextval('theirs.ran'); END IF; RETURN true; END$f$;
    CREATE DOMAIN theirs.note AS text CHECK (theirs.run())`);
  return as;
};

const hasRun = (as: TestDatabase) => as.query('SELECT is_called FROM theirs.ran');
const quickly = (statements: string): string =>
  `BEGIN; SET LOCAL lock_timeout = '100ms'; ${statements}; COMMIT`;
const copyOf = (table: string): string =>
  `CREATE TABLE ${table} (id int, customer int, note theirs.note, updated_at timestamptz)`;

test('a table with a type of its owner, there for a moment, gives no type to the rows that wait', async () => {
  const world = await createMerge({ strategy: 'prefer-node-b' });
  await world.us.query('GRANT CREATE ON SCHEMA public TO PUBLIC');
  const as = await attacker(world, 'TABLE orders');
  let state: 'before' | 'exchanged' | 'back' = 'before';
  const ended = await applyDuring(world, async (statement) => {
    if (state === 'before' && /CREATE TEMPORARY TABLE.*orders/s.test(statement)) {
      await as.query(quickly(`ALTER TABLE orders RENAME TO kept; ${copyOf('orders')}`));
      state = 'exchanged';
    } else if (state === 'exchanged') {
      const back = quickly('DROP TABLE orders; ALTER TABLE kept RENAME TO orders');
      await as.query(back).then(
        () => {
          state = 'back';
        },
        () => as.query('ROLLBACK'),
      );
    }
  });
  expect(state).toBe('back');
  expect(await hasRun(as)).toEqual([{ is_called: false }]);
  expect(ended.code, ended.stdout).toBe(6);
  expect(ended.stdout).toContain(
    'types of columns of table public.orders were changed while it was merged: note',
  );
});

test('the owner of the schema does not give its name to another one while rows are set aside', async () => {
  const world = await createMerge({ strategy: 'prefer-node-b' });
  const as = await attacker(world, 'SCHEMA public');
  let attacked: string | null = null;
  const ended = await applyDuring(world, async (statement) => {
    if (attacked !== null || !/INSERT INTO pg_temp\.steep_stage/.test(statement)) return;
    attacked = 'begun';
    const swap = `ALTER SCHEMA public RENAME TO renamed; CREATE SCHEMA public; ${copyOf('public.orders')}`;
    attacked = await as.query(quickly(swap)).then(
      () => 'renamed',
      async (error: Error) => {
        await as.query('ROLLBACK');
        return error.message;
      },
    );
  });
  expect(attacked).toMatch(/lock timeout/);
  expect(await hasRun(as)).toEqual([{ is_called: false }]);
  expect(ended.code, ended.stdout).toBe(0);
});

test('keys of rows that were changed meanwhile are not read as types of the table, which can be another one now', async () => {
  const world = await createMerge({ strategy: 'prefer-node-b' });
  await world.us.query('GRANT CREATE ON SCHEMA public TO PUBLIC');
  const as = await attacker(world, 'TABLE orders');
  await as.query('CREATE DOMAIN theirs.number AS int CHECK (theirs.run())');
  let state: 'before' | 'changed' | 'exchanged' = 'before';
  await applyDuring(world, async (statement) => {
    if (state === 'before' && /CREATE TEMPORARY TABLE.*orders/s.test(statement)) {
      state = 'changed';
      await world.us.query(`UPDATE orders SET note = 'late' WHERE id = 1`);
    } else if (state === 'changed' && statement.startsWith('FETCH 1000 FROM steep_changes')) {
      state = 'exchanged';
      const copy = copyOf('orders').replace('id int', 'id theirs.number');
      await as.query(quickly(`ALTER TABLE orders RENAME TO kept; ${copy}`));
    }
  });
  expect(state).toBe('exchanged');
  expect(await hasRun(as)).toEqual([{ is_called: false }]);
});
