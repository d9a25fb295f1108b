// Drift of tables, and when they is recorded: applies that touch an edge, records that are missing, other homes of
// steep_repl, and rules that silence.

import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { CliResult } from '../support/cli.ts';
import { cluster } from '../support/servers/cluster.ts';
import { newestMajor } from '../support/servers/majors.ts';
import { holdTransaction } from '../support/servers/transaction.ts';
import { waitFor } from '../support/servers/wait.ts';
import { brief, close, newest, nothing, schema } from '../support/worlds/drift-tables.ts';
import { createDriftWorld, type DriftWorld, topologyOf } from '../support/worlds/drift-world.ts';
import { installMetadata } from './catalog/metadata.ts';

test('an apply takes note of the edges that it touches, but for columns whose values nothing sent', async () => {
  const world = await newest();
  const { feed, primary, reporting } = world;
  const { publications, subscriptions } = topologyOf(feed, newestMajor);
  const two = {
    publications,
    subscriptions: {
      ...subscriptions,
      [`${feed}_2`]: { node: 'reporting', source: 'primary', publications: ['spare'] },
    },
  };
  await world.describe(two);
  await world.apply();
  for (const database of [primary, reporting]) {
    await database.query('ALTER TABLE customers ADD x int; ALTER TABLE extra ADD x int');
  }
  const protectedOne = { ...two.subscriptions[feed], protect: true };
  await world.describe({ ...two, subscriptions: { ...two.subscriptions, [feed]: protectedOne } });
  await world.apply();
  expect(brief(await world.drift(schema))).toEqual([
    ['primary/extra', 'SCHEMA_CHANGED', ['column x']],
    ['reporting/customers', 'SCHEMA_CHANGED', ['column x']],
    ['reporting/extra', 'SCHEMA_CHANGED', ['column x']],
  ]);
  await close(world);
});

test('where nothing is on record, the ends are compared and it is said; the next apply takes note', async () => {
  const world = await newest();
  await world.primary.query('DELETE FROM steep_repl.schema_fingerprints');
  await world.reporting.query('ALTER TABLE customers ALTER name TYPE varchar(200)');
  const report = await world.drift(schema);
  expect(brief(report)).toEqual([
    ['reporting/customers', 'SCHEMA_CHANGED', ['type of column name']],
    ['reporting/customers', 'SCHEMA_DIFFERS', ['type of column name']],
  ]);
  expect(report.unchecked).toEqual([
    {
      address: 'primary/metadata.steep_repl',
      what: 'changes of tables since they were applied',
      why: 'nothing is on record of them: steep apply',
    },
  ]);
  await world.reporting.query('ALTER TABLE customers ALTER name TYPE text');
  await world.apply();
  expect(await world.drift(schema)).toMatchObject(nothing);

  // As a steep that knew the first version only has left it.
  await world.primary.query(
    'CREATE TABLE kept AS SELECT * FROM steep_repl.objects; DROP SCHEMA steep_repl CASCADE',
  );
  await installMetadata(world.primary, 1);
  await world.primary.query(`
    INSERT INTO steep_repl.objects (address, kind, applied, protect, run_id)
    SELECT address, kind, applied, protect, run_id FROM kept;
    DROP TABLE kept`);
  expect((await world.drift(schema)).unchecked).toMatchObject([
    {
      address: 'primary/metadata.steep_repl',
      why: 'its steep_repl keeps no record of them: steep apply',
    },
  ]);
  await close(world);
});

test('steep_repl in another database', async () => {
  const server = await cluster.server(newestMajor);
  const store = await server.createDatabase();
  // biome-ignore lint/suspicious/noTemplateCurlyInString: steep's own form of variables.
  const primary = { connection: '${PRIMARY_URL}', metadata_database: store.name };
  // biome-ignore lint/suspicious/noTemplateCurlyInString: steep's own form of variables.
  const nodes = { primary, reporting: { connection: '${REPORTING_URL}' } };
  const world = await createDriftWorld(server, server, { nodes });
  expect(await world.drift(schema)).toMatchObject(nothing);
  await world.primary.query('ALTER TABLE customers ALTER name SET DEFAULT 1');
  expect(brief(await world.drift(schema))).toEqual([
    ['primary/customers', 'SCHEMA_CHANGED', ['default name']],
  ]);
  await close(world);
});

test('a rule silences a table; the reports and the exit code', async () => {
  const ignore = [{ address: 'reporting/table.public.cust*', reason: 'columns of the report' }];
  const world = await newest();
  await world.describe({ drift: { ignore } });
  await world.reporting.query('ALTER TABLE customers ADD own int');
  const silenced = await world.steep(['drift', '--class', 'schema']);
  expect([silenced.code, silenced.stderr]).toEqual([0, '']);
  expect(silenced.stdout).toContain('reporting/table.public.customers  SCHEMA_CHANGED');
  await world.reporting.query('ALTER TABLE orders ADD own int');
  const args = ['drift', '--report', 'junit=d.xml', '--report', 'markdown=d.md'];
  const { code, stdout } = await world.steep(args);
  expect(code).toBe(2);
  expect(stdout).toContain('~ table.public.orders');
  expect(stdout).toContain('column own: none -> own integer');
  expect(await readFile(world.path('d.md'), 'utf8')).toContain(
    '| schema | SCHEMA_DIFFERS | reporting/table.public.orders |',
  );
  expect(await readFile(world.path('d.xml'), 'utf8')).toMatch(
    /<testsuite name="schema" tests="4" failures="1"/,
  );
  await close(world);
});

test('a note that could not be taken is said, and the same command takes it', async () => {
  const world = await newest();
  await world.primary.query('DELETE FROM steep_repl.schema_fingerprints');
  const { subscriptions } = topologyOf(world.feed, newestMajor);
  await world.describe({
    subscriptions: { [world.feed]: { ...subscriptions[world.feed], protect: true } },
  });
  const failed = await withoutNotes(world);
  expect(failed.code).toBe(8);
  expect(failed.stdout + failed.stderr).toMatch(/cancel[\s\S]*run steep apply again/);
  const again = await withoutNotes(world);
  expect(again.stderr).toContain('cancel');
  expect(again.code).not.toBe(0);
  const mended = await world.steep(['apply', '--auto-approve']);
  expect(mended.stdout).toContain('No changes.');
  expect(await world.drift(schema)).toMatchObject(nothing);
  await close(world);
});

/** An apply of which the statement that takes the note is cancelled. */
const withoutNotes = async (world: DriftWorld): Promise<CliResult> => {
  const table = 'steep_repl.schema_fingerprints';
  const lock = await holdTransaction(world.primary, `LOCK TABLE ${table} IN EXCLUSIVE MODE`);
  const running = world.steep(['apply', '--auto-approve']);
  await waitFor('the note to be cancelled', async () => {
    const [row] = await world.primary.query<{ readonly n: number }>(
      `SELECT count(pg_cancel_backend(pid))::int AS n FROM pg_locks
        WHERE NOT granted AND relation = '${table}'::regclass`,
    );
    return row?.n === 1;
  });
  const result = await running;
  await lock.commit();
  return result;
};
