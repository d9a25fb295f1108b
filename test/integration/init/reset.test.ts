// Tables that are initialized again while an application writes: the others, and another subscriber of the same
// publication, lose nothing; killed, the same command continues.

import { describe, expect, test } from 'vitest';
import type { CliEvent } from '../../support/cli.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import {
  fewPairs,
  isAtNight,
  lastByDay,
  type MajorPair,
  majors,
} from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { createProject, type Project } from '../../support/worlds/project.ts';
import { startWriter } from '../../support/worlds/writer.ts';

const pairs = (
  [
    [15, 15],
    [16, 17],
    [18, 18],
  ] as const satisfies readonly MajorPair[]
).filter((pair) => pair.every((major) => majors.includes(major)));

const names = ['customers', 'orders', 'refunds'] as const;
const tables = names.map((name) => ({ schema: 'public', name }));

interface World {
  readonly project: Project;
  readonly publisher: TestDatabase;
  readonly reporting: TestDatabase;
  readonly archive: TestDatabase;
}

const createWorld = async (
  [from, to]: MajorPair,
  copy: 'native' | 'parallel' = 'native',
): Promise<World> => {
  const publisher = await (await cluster.server(from)).createDatabase();
  const server = await cluster.server(to);
  const [reporting, archive] = [await server.createDatabase(), await server.createDatabase()];
  onTestFinished(async () => {
    for (const database of [reporting, archive, publisher]) await database.drop();
  });
  for (const name of names) {
    for (const database of [publisher, reporting, archive]) {
      await database.query(`CREATE TABLE ${name} (id int PRIMARY KEY, turn int NOT NULL)`);
    }
    await publisher.query(`INSERT INTO ${name} SELECT n, 0 FROM generate_series(1, 5000) n`);
  }
  const subscription = (node: string, publications: readonly string[]) => ({
    node,
    source: 'publisher',
    publications,
    slot: `${node}_${publisher.name}`,
    init: { copy },
  });
  const project = await createProject(
    { publisher: publisher.url, reporting: reporting.url, archive: archive.url },
    {
      publications: {
        sales: { node: 'publisher', tables: ['customers', 'orders'] },
        money: { node: 'publisher', tables: ['refunds'] },
      },
      subscriptions: {
        feed: subscription('reporting', ['sales', 'money']),
        store: subscription('archive', ['sales', 'money']),
      },
    },
  );
  const applied = await project.steep('apply', '--auto-approve');
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  return { project, publisher, reporting, archive };
};

/** Inserts, updates, deletes and changes of keys, in every table. */
const write = (turn: number): string =>
  names
    .map(
      (name) => `INSERT INTO ${name} VALUES (${10_000 + turn}, ${turn});
        UPDATE ${name} SET turn = ${turn} WHERE id = ${1 + (turn % 3000)};
        DELETE FROM ${name} WHERE id = ${3001 + (turn % 1000)};
        UPDATE ${name} SET id = -${turn} WHERE id = ${4001 + (turn % 1000)}`,
    )
    .join('; ');

const consent = ['--auto-approve', '--allow-hazard', 'TARGET_TRUNCATE=reporting/subscription.feed'];
const reset = ['init', 'reset', 'reporting', '--tables', 'orders,public.refunds', ...consent];

const replaced = ['--allow-hazard', 'SUBSCRIPTION_REPLACE=reporting/subscription.feed'];
const full = ['init', 'reset', 'reporting', '--full', ...consent, ...replaced];

const startOf =
  (kind: string) =>
  ({ event, kind: found }: CliEvent): boolean =>
    event === 'run.step_started' && found === kind;

/** What went wrong with the rows on the subscriber, and it is not known when. */
const damage = async ({ reporting }: World): Promise<void> => {
  await reporting.query('DELETE FROM orders WHERE id % 7 = 0');
  await reporting.query('UPDATE refunds SET turn = -1 WHERE id % 5 = 0');
};

const assertSame = async ({ project, publisher, reporting, archive }: World): Promise<void> => {
  await waitForSameRows(publisher, reporting, tables);
  await waitForSameRows(publisher, archive, tables);
  expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
  expect(await publisher.query('SELECT pubname::text FROM pg_publication ORDER BY 1')).toEqual([
    { pubname: 'money' },
    { pubname: 'sales' },
  ]);
};

const statesOf = ({ reporting }: World) =>
  reporting.query(
    `SELECT to_state FROM steep_repl.audit_log
      WHERE event = 'init.state_change' AND subject = 'feed' ORDER BY id DESC LIMIT 4`,
  );

describe.each(lastByDay(pairs))('%i -> %i', (...pair) => {
  test('two of three tables, under writers', async () => {
    const world = await createWorld(pair);
    const kept = await world.reporting.query(`SELECT pg_relation_filenode('customers') AS node`);
    await damage(world);
    const writer = await startWriter(world.publisher, write);
    const run = await world.project.steep(...reset);
    expect(run.code, run.stdout + run.stderr).toBe(0);
    await writer.stop();
    expect(writer.written()).toBeGreaterThan(0);
    await assertSame(world);
    expect(await world.reporting.query(`SELECT pg_relation_filenode('customers') AS node`)).toEqual(
      kept,
    );
    expect((await statesOf(world)).map(({ to_state }) => to_state)).toEqual([
      'synchronized',
      'catching_up',
      'copying',
      'reinitializing',
    ]);
  });
});

describe.each(fewPairs)('%i -> %i', (...pair) => {
  test.runIf(isAtNight)('everything, by a copy of steep, killed on the way', async () => {
    const world = await createWorld(pair, 'parallel');
    await damage(world);
    const writer = await startWriter(world.publisher, write);
    const killed = world.project.start(...full, '--json');
    await killed.until(startOf('copy-tables'));
    killed.kill('SIGKILL');
    await killed.result;
    const last = await world.project.steep(...full, '--wait-for-lock', '30s');
    expect(last.code, last.stdout + last.stderr).toBe(0);
    await writer.stop();
    await assertSame(world);
  });

  test('everything: whoever looks on sees that it is made again', async () => {
    const world = await createWorld(pair, 'parallel');
    // The copy needs a slot, and its creation waits for a transaction that writes.
    const open = await holdTransaction(world.publisher, 'INSERT INTO orders VALUES (0, 0)');
    const run = world.project.start(...full, '--json');
    await run.until(startOf('create-slot'));
    const seen = `SELECT init_state FROM steep_repl.node_status('reporting')`;
    expect(await world.reporting.query(seen)).toEqual([{ init_state: 'reinitializing' }]);
    const { stdout: said } = await world.project.steep('status', '--json');
    const { nodes } = JSON.parse(said) as { readonly nodes: readonly { readonly state: string }[] };
    expect(nodes.map(({ state }) => state)).toContain('reinitializing');
    await open.commit();
    const { code, stdout, stderr } = await run.result;
    expect(code, stdout + stderr).toBe(0);
    expect((await statesOf(world)).map(({ to_state }) => to_state)).toEqual([
      'synchronized',
      'catching_up',
      'copying',
      'reinitializing',
    ]);
    await assertSame(world);
  });

  test('killed while it runs: the same command continues, and begins nothing again', async () => {
    const world = await createWorld(pair);
    await damage(world);
    const writer = await startWriter(world.publisher, write);
    for (const kind of ['truncate-tables', 'wait-for-copy']) {
      const run = world.project.start(...reset, '--wait-for-lock', '30s', '--json');
      await run.until(startOf(kind));
      run.kill('SIGKILL');
      await run.result;
    }
    const emptied = await world.reporting.query(`SELECT pg_relation_filenode('orders') AS node`);
    const last = await world.project.steep(...reset, '--wait-for-lock', '30s');
    expect(last.code, last.stdout + last.stderr).toBe(0);
    expect(await world.reporting.query(`SELECT pg_relation_filenode('orders') AS node`)).toEqual(
      emptied,
    );
    await writer.stop();
    await assertSame(world);
  });

  /** Neither is published: notes refers to orders, and lines to notes. */
  const referring = `
    CREATE TABLE notes (id int PRIMARY KEY, "order" int REFERENCES orders);
    CREATE TABLE lines (note int REFERENCES notes)`;

  test('empty tables that refer to the emptied ones are no obstacle, and one with a row by then stops it', async () => {
    const world = await createWorld(pair, 'parallel');
    await world.reporting.query(referring);
    await damage(world);
    const whole = await world.project.steep(...full);
    expect(whole.code, whole.stdout + whole.stderr).toBe(0);
    expect(whole.stdout).toContain('The statement names public.notes, public.lines too');
    await assertSame(world);

    await damage(world);
    const reader = await holdTransaction(world.reporting, 'LOCK orders IN ACCESS SHARE MODE');
    const late = world.project.start(...reset, '--lock-retries', '100', '--json');
    await late.until(startOf('truncate-tables'));
    await world.reporting.query('INSERT INTO notes VALUES (1, 1)');
    await reader.commit();
    const ended = await late.result;
    expect(ended.code, ended.stdout + ended.stderr).toBe(6);
    expect(ended.stdout + ended.stderr).toContain('TABLES_NOT_EMPTY');
    expect(await world.reporting.query('SELECT id FROM notes')).toEqual([{ id: 1 }]);
    const refused = await world.project.steep(...reset);
    expect(refused.code, refused.stdout + refused.stderr).toBe(3);
    expect(refused.stdout).toContain('(public.notes to public.orders)');
    await world.reporting.query('DELETE FROM notes');
    const last = await world.project.steep(...reset);
    expect(last.code, last.stdout + last.stderr).toBe(0);
    await assertSame(world);
  });
});
