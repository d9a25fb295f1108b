// steep repair as a command: what it asks for, its reports, and what remains of one that was killed.

import { expect, test } from 'vitest';
import { newestMajor } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createVerified, verifyWorld } from '../../support/worlds/verified.ts';

const damage = `
  UPDATE accounts SET note = 'it''s \\ "x"', amount = NULL WHERE id = 1;
  DELETE FROM accounts WHERE id = 3;
  INSERT INTO accounts VALUES (-4, 'stray', 0);
  UPDATE sales SET note = NULL WHERE id = 8;
  INSERT INTO log VALUES (7, 'Twin')`;

test('refused without consent; a script that does the same; the rows of a report', async () => {
  const world = await createVerified([newestMajor, newestMajor]);
  const { project, subscriber, address } = world;
  await subscriber.query(damage);
  const dry = await project.steep('repair', address, '--dry-run', '--report=sql=repair.sql');
  expect(dry.code, dry.stderr).toBe(2);
  expect(dry.stdout).toContain('public.accounts  1 row to overwrite, 1 to insert, 1 to delete');
  const refused = await project.steep('repair', 'all', '--auto-approve');
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('--allow-hazard ROWS_DELETED=subscriber/table.public.accounts');
  await subscriber.query(await project.read('repair.sql'));
  const { report, rows } = await verifyWorld(world);
  expect(rows).toEqual([]);
  expect(report.outcome).toBe('equal');
  await subscriber.query(damage);
  const found = await project.steep('verify', '--report=csv=rows.csv');
  expect(found.stdout).toContain(`To repair them: steep repair ${address}`);
  // Without an index, a key alone finds no row, and every row would seem to be missing.
  await subscriber.query('ALTER TABLE accounts DROP CONSTRAINT accounts_pkey');
  const blind = await project.steep(
    'repair',
    'all',
    '--from=rows.csv',
    '--rows=missing',
    '--auto-approve',
  );
  expect(blind.code, blind.stderr).toBe(64);
  expect(blind.stderr).toContain('Repair this table without --from');
  await subscriber.query('ALTER TABLE accounts ADD PRIMARY KEY (id)');
  const missing = await project.steep(
    'repair',
    'all',
    '--from=rows.csv',
    '--rows=missing',
    '--auto-approve',
    '--json',
  );
  expect(missing.code, missing.stderr).toBe(0);
  expect(JSON.parse(missing.stdout)).toMatchObject({
    outcome: 'repaired',
    tables: [{ table: 'public.accounts', inserted: 1, overwritten: 0, deleted: 0 }],
  });
  const allowed = [
    'ROWS_OVERWRITTEN=subscriber/table.public.accounts',
    'ROWS_DELETED=subscriber/table.public.accounts',
    'ROWS_OVERWRITTEN=subscriber/table.public.sales',
    'ROWS_DELETED=subscriber/table.public.log',
  ].map((it) => `--allow-hazard=${it}`);
  const rest = await project.steep('repair', 'all', '--auto-approve', ...allowed);
  expect(rest.code, rest.stderr).toBe(0);
  expect(rest.stdout).toContain('SELECT * FROM steep_repl.merge_audit_log');
  // It has compared again, and noted how the rows are now.
  expect(await subscriber.query(`SELECT DISTINCT outcome FROM steep_repl.verifications`)).toEqual([
    { outcome: 'equal' },
  ]);
});

test('one that is killed is continued by the same command', async () => {
  const world = await createVerified([newestMajor, newestMajor]);
  const { project, publisher, subscriber } = world;
  await publisher.query(
    `INSERT INTO accounts SELECT n, 'more ' || n, n FROM generate_series(10001, 22000) AS n`,
  );
  await waitFor('the rows to arrive', async () => {
    const found = await subscriber.query('SELECT FROM accounts WHERE id = 22000');
    return found.length > 0;
  });
  await subscriber.query('DELETE FROM accounts WHERE id > 10000');
  const command = ['repair', 'all', '--auto-approve', '--wait-for-lock=30s'];
  const killed = project.start(...command);
  await waitFor('rows to be written', async () => {
    const found = await subscriber.query(
      `SELECT FROM pg_class AS c WHERE c.relname = 'merge_runs' AND EXISTS (SELECT FROM accounts WHERE id > 10000)`,
    );
    return found.length > 0;
  });
  killed.kill('SIGKILL');
  await killed.result;
  const again = await project.steep(...command);
  expect(again.code, again.stderr).toBe(0);
  expect((await verifyWorld(world)).rows).toEqual([]);
  const runs = await subscriber.query(
    `SELECT state, inserted::int AS rows FROM steep_repl.merge_runs ORDER BY started_at`,
  );
  expect(runs).toMatchObject([{ state: 'interrupted' }, { state: 'completed' }]);
  expect(runs.reduce((sum, { rows }) => sum + Number(rows), 0)).toBe(12_000);
  expect(
    await subscriber.query(
      `SELECT FROM pg_replication_origin AS o JOIN pg_database AS d ON o.roname = 'steep_repair_' || d.oid
        WHERE d.datname = current_database()`,
    ),
  ).toEqual([]);
});
