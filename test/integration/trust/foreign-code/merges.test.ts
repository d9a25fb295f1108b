// Code of other roles that a merge of two nodes would run: on its tables, and on tables that refer to them.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../../support/hashes.ts';
import { onTestFinished } from '../../../support/servers/clean-up.ts';
import { consentTo, createMerge, orders } from '../../../support/worlds/merge.ts';

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
