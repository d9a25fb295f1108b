// A snapshot on storage, and the nodes that are filled from it: three tables, one of them with a sequence and a foreign
// key. The application writes as it likes.

import { expect } from 'vitest';
import type { RunningCli } from '../cli.ts';
import { onTestFinished } from '../servers/clean-up.ts';
import { cluster, type TestDatabase } from '../servers/cluster.ts';
import { createProject, type Project } from './project.ts';

export const names = ['items', 'orders', 'lines'];
export const tables = names.map((name) => ({ schema: 'public', name }));

const definition = `
  CREATE TABLE items (id int PRIMARY KEY, note text NOT NULL);
  CREATE TABLE orders (id serial PRIMARY KEY, item int REFERENCES items (id), amount numeric(12, 2));
  CREATE INDEX orders_item ON orders (item);
  CREATE TABLE lines (id int PRIMARY KEY, note text);`;

const filling = `
  INSERT INTO items SELECT n, 'note ' || n FROM generate_series(1, 20000) n;
  INSERT INTO orders (item, amount) SELECT n, n / 7.0 FROM generate_series(1, 20000) n;
  INSERT INTO lines SELECT n, repeat('x', 500) FROM generate_series(1, 20000) n;`;

export interface World {
  readonly project: Project;
  readonly publisher: TestDatabase;
  readonly targets: readonly TestDatabase[];
  readonly describe: (init?: object, rest?: object) => Promise<void>;
}

export const createWorld = async (from: number, to: readonly number[]): Promise<World> => {
  const publisher = await (await cluster.server(from)).createDatabase();
  const targets: TestDatabase[] = [];
  for (const major of to) targets.push(await (await cluster.server(major)).createDatabase());
  onTestFinished(async () => {
    for (const target of targets) await target.drop();
    await publisher.drop();
  });
  for (const database of [publisher, ...targets]) await database.query(definition);
  await publisher.query(filling);
  const nodes = targets.map((target, index) => [`target${index}`, target.url] as const);
  const connections = { publisher: publisher.url, ...Object.fromEntries(nodes) };
  const topology = (init: object, rest: object) => ({
    publications: { sales: { node: 'publisher', tables: names } },
    subscriptions: Object.fromEntries(
      nodes.map(([node], index) => [
        `feed${index}`,
        {
          node,
          source: 'publisher',
          publications: ['sales'],
          slot: `feed${index}_${publisher.name}`,
          init,
          ...rest,
        },
      ]),
    ),
    // That of slowDown().
    policy: { allow_hazards: ['REPLICA_TRIGGERS'] },
  });
  const twoPhase = { method: 'two_phase', snapshot: 'snap' };
  const { publications } = topology({}, {});
  const project = await createProject(connections, { publications });
  await done(project, 'apply', '--auto-approve');
  await done(
    project,
    'snapshot',
    'generate',
    '--node',
    'publisher',
    '--publication',
    'sales',
    '--output',
    project.path('snap'),
  );
  const describeAs = (init: object = twoPhase, rest: object = {}): Promise<void> =>
    project.describe(topology(init, rest));
  await describeAs();
  return { project, publisher, targets, describe: describeAs };
};

export const done = async (project: Project, ...args: readonly string[]) => {
  const result = await project.steep(...args);
  expect(result.code, result.stdout + result.stderr).toBe(0);
  return result;
};

/** Loads into `lines` take minutes until this is taken away. */
export const slowDown = async (target: TestDatabase): Promise<() => Promise<unknown>> => {
  await target.query(`
    CREATE OR REPLACE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql
      AS $$ BEGIN PERFORM pg_catalog.pg_sleep(0.01); RETURN NEW; END $$;
    CREATE TRIGGER slow BEFORE INSERT ON lines FOR EACH ROW EXECUTE FUNCTION slowly();
    ALTER TABLE lines ENABLE ALWAYS TRIGGER slow`);
  return () => target.query('DROP TRIGGER slow ON lines');
};

/** As when its machine lost the power: the servers hear of it some time, and here at once. */
export const kill = async (run: RunningCli, { publisher, targets }: World): Promise<void> => {
  run.kill('SIGKILL');
  await run.result;
  for (const database of [publisher, ...targets]) {
    await database.query(
      `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE 'steep %'`,
    );
  }
};

export const slotsOf = async ({ publisher }: World): Promise<readonly string[]> => {
  const rows = await publisher.query<{ readonly name: string }>(
    `SELECT slot_name::text AS name FROM pg_replication_slots WHERE database = current_database() ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
};
