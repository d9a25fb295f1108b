// Two nodes and a subscription between them that a user fills manually, while an application writes.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { CliEvent, RunningCli } from '../cli.ts';
import { onTestFinished } from '../servers/clean-up.ts';
import { cluster, type TestDatabase, type TestServer } from '../servers/cluster.ts';
import { urlOf } from '../servers/test-database.ts';
import { createProject, type Project, type Topology } from './project.ts';
import { startWriter, type Writer } from './writer.ts';

export const tables = ['orders', 'events', 'logs'].map((name) => ({ schema: 'public', name }));

export interface ManualEdge {
  readonly project: Project;
  readonly source: TestDatabase;
  readonly node: TestDatabase;
  readonly slot: string;
}

/** What `init prepare --json` says. */
export interface Prepared extends CliEvent {
  readonly slot: string;
  readonly lsn: string;
  readonly snapshot: string | null;
  readonly recipes: readonly { readonly tool: string; readonly commands: readonly string[] }[];
}

const definitions = `
  CREATE TABLE orders (id bigserial PRIMARY KEY, total numeric, note text);
  CREATE TABLE events (id int PRIMARY KEY, what text);
  CREATE TABLE logs (at timestamptz, line text);
  ALTER TABLE logs REPLICA IDENTITY FULL`;

const rows = `
  INSERT INTO orders (total, note) SELECT n / 7.0, 'order ' || n FROM generate_series(1, 500) n;
  INSERT INTO events SELECT n, 'event ' || n FROM generate_series(1, 500) n;
  INSERT INTO logs SELECT '2026-01-01Z'::timestamptz + n * interval '1 s', 'line ' || n FROM generate_series(1, 500) n`;

/** Every kind of change, in every table; in groups of three statements a transaction. */
const write = (turn: number): string => `
  BEGIN;
  INSERT INTO orders (total, note) VALUES (${turn}, 'written ${turn}');
  UPDATE events SET what = 'turn ${turn}' WHERE id = ${(turn % 500) + 1};
  INSERT INTO logs VALUES (now(), 'turn ${turn}');
  ${turn % 5 === 0 ? `DELETE FROM orders WHERE id = ${turn};` : ''}
  COMMIT`;

export const startWriting = (source: TestDatabase): Promise<Writer> => startWriter(source, write);

export const manualTopology = (slot: string, subscription: object = {}): Topology => ({
  publications: { sales: { node: 'primary', tables: ['orders', 'events', 'logs'] } },
  subscriptions: {
    sales: {
      node: 'reporting',
      source: 'primary',
      publications: ['sales'],
      slot,
      init: { method: 'manual' },
      ...subscription,
    },
  },
});

const newSlot = (): string => `manual_${randomBytes(5).toString('hex')}`;

/** Rows on the source, empty tables on the node; the publications are applied. */
export async function createManualEdge(
  from: TestServer,
  to: TestServer,
  subscription: object = {},
): Promise<ManualEdge> {
  const source = await from.createDatabase();
  const node = await to.createDatabase();
  await source.query(`${definitions}; ${rows}`);
  await node.query(definitions);
  onTestFinished(async () => {
    await node.drop();
    await source.drop();
  });
  const slot = newSlot();
  const connections = { primary: source.url, reporting: node.url };
  const project = await createProject(connections, manualTopology(slot, subscription));
  return { project, source, node, slot };
}

export const sharedEdge = async (from: number, to: number, subscription: object = {}) =>
  createManualEdge(await cluster.server(from), await cluster.server(to), subscription);

export const names = ['reporting', '--from', 'primary'] as const;

/** Runs `init prepare` until it says what it made; `end` interrupts it, and waits for the end. */
export async function prepare(
  project: Project,
  ...flags: readonly string[]
): Promise<{ prepared: Prepared; run: RunningCli; end: () => Promise<void> }> {
  const run = project.start('init', 'prepare', ...names, '--json', ...flags);
  const prepared = (await run.until((event) => 'lsn' in event)) as Prepared;
  const end = async (): Promise<void> => {
    run.kill('SIGINT');
    await run.result;
  };
  return { prepared, run, end };
}

/** What pg_dump does, without pg_dump: the rows of the snapshot, table by table. */
export async function copyAtSnapshot(
  { source, node }: Pick<ManualEdge, 'source' | 'node'>,
  snapshot: string,
): Promise<void> {
  const client = new Client({ connectionString: urlOf(source.conninfo) });
  await client.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query(`SET TRANSACTION SNAPSHOT '${snapshot}'`);
    for (const { name } of tables) {
      const { rows: found } = await client.query<{ readonly row: string }>(
        `SELECT to_json(t)::text AS row FROM ${name} AS t`,
      );
      await node.query(
        `INSERT INTO ${name} SELECT r.* FROM unnest($1::text[]) AS j, json_populate_record(NULL::${name}, j::json) AS r`,
        [found.map(({ row }) => row)],
      );
    }
  } finally {
    await client.end();
  }
}

/** Runs a command that `init prepare` printed, as a shell does. */
export async function shell(
  command: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const { PATH = '', HOME = '' } = process.env;
  await promisify(execFile)('sh', ['-c', command], { cwd, env: { PATH, HOME, ...env } });
}
