// A topology that was applied, for tests that change it behind steep's back: two publications on one node,
// and a subscription to one of them on another. Drift runs in the test's own process, on any day.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { stringify } from 'yaml';
import type { DriftClass, DriftReport } from '../../../src/model/report/drift.ts';
import { apply } from '../../../src/workflows/apply/apply.ts';
import { drift } from '../../../src/workflows/observe/drift.ts';
import type { RuntimeEnvironment } from '../../../src/workflows/runtime-environment.ts';
import { type CliResult, runCli } from '../cli.ts';
import type { TestDatabase, TestServer } from '../servers/cluster.ts';

export interface DriftWorld {
  readonly primary: TestDatabase;
  readonly reporting: TestDatabase;
  /** The subscription and its slot: slots are names of the whole server. */
  readonly feed: string;
  /** Writes steep.yaml: what was applied, with these parts in place of its own. */
  describe(parts?: Parts): Promise<void>;
  apply(): Promise<void>;
  drift(classes?: readonly DriftClass[], circumstances?: Circumstances): Promise<DriftReport>;
  steep(args: readonly string[], environment?: Environment): Promise<CliResult>;
  /** The path of a file beside steep.yaml. */
  path(name: string): string;
}

type Parts = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string>>;

export interface Circumstances {
  readonly today?: string;
  readonly environment?: Environment;
  readonly onStatement?: NonNullable<RuntimeEnvironment['onStatement']>;
}

const directories: string[] = [];

afterAll(() => Promise.all(directories.map((path) => rm(path, { recursive: true, force: true }))));

const tables = `
  CREATE TABLE customers (id int PRIMARY KEY, name text);
  CREATE TABLE orders (id int PRIMARY KEY, total int, note text);
  CREATE TABLE extra (id int PRIMARY KEY)`;

/** DDL in addition to the usual tables. */
export interface More {
  readonly primary: string;
  readonly reporting: string;
}

/** On two servers, described and applied, every table ready. */
export async function createDriftWorld(
  publisher: TestServer,
  subscriber: TestServer,
  parts: Parts = {},
  more: More = { primary: '', reporting: '' },
): Promise<DriftWorld> {
  const primary = await publisher.createDatabase();
  const reporting = await subscriber.createDatabase();
  await primary.query(`${tables}; ${more.primary}`);
  await reporting.query(`${tables}; ${more.reporting}`);
  const directory = await mkdtemp(join(tmpdir(), 'steep-drift-'));
  directories.push(directory);
  const world = worldIn(directory, primary, reporting, publisher.major);
  await world.describe(parts);
  await world.apply();
  return world;
}

export const topologyOf = (feed: string, major: number) => ({
  version: 1,
  nodes: {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: steep's own form of variables.
    primary: { connection: '${PRIMARY_URL}' },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: steep's own form of variables.
    reporting: { connection: '${REPORTING_URL}' },
  },
  publications: {
    sales: {
      node: 'primary',
      tables: [
        'customers',
        // Filters and column lists came with 15.
        major === 14
          ? 'orders'
          : { name: 'orders', columns: ['id', 'total'], where: 'id>0 AND id<>7' },
      ],
    },
    spare: { node: 'primary', tables: ['extra'] },
  },
  subscriptions: { [feed]: { node: 'reporting', source: 'primary', publications: ['sales'] } },
  // Lag is counted in WAL of the whole server, which every other test of the run writes too.
  policy: { max_lag: '1TB' },
});

function worldIn(
  directory: string,
  primary: TestDatabase,
  reporting: TestDatabase,
  major: number,
): DriftWorld {
  const feed = `feed_${primary.name}`;
  const file = join(directory, 'steep.yaml');
  const own = { PRIMARY_URL: primary.url, REPORTING_URL: reporting.url };
  const hostOf = ({ today, environment, onStatement }: Circumstances): RuntimeEnvironment => ({
    steepVersion: '0.1.0',
    user: 'test',
    hostname: 'localhost',
    environment: { ...own, ...environment },
    now: () => (today === undefined ? new Date() : new Date(`${today}T12:00:00Z`)),
    clock: () => performance.now(),
    ...(onStatement === undefined ? {} : { onStatement }),
  });
  return {
    primary,
    reporting,
    feed,
    describe: (parts = {}) => writeFile(file, stringify({ ...topologyOf(feed, major), ...parts })),
    apply: async () => {
      const { report, diagnostics } = await apply(applyRequest(file), hostOf({}));
      if (report !== null && report.outcome !== 'converged') {
        throw new Error(JSON.stringify({ report, diagnostics }));
      }
    },
    drift: async (classes = ['topology', 'runtime'], circumstances = {}) => {
      const { report, diagnostics } = await drift({ file, classes }, hostOf(circumstances));
      if (report === null) throw new Error(JSON.stringify(diagnostics));
      return report;
    },
    steep: (args, environment = {}) =>
      runCli(args, { cwd: directory, env: { ...own, ...environment } }),
    path: (name) => join(directory, name),
  };
}

const applyRequest = (file: string) => ({
  file,
  planFile: null,
  expectPlanId: null,
  options: { prune: false },
  allowed: [],
  strict: false,
  waitForLockMs: 0,
  wait: true,
  signal: new AbortController().signal,
  limits: {
    lockTimeoutMs: 2000,
    lockRetries: 10,
    slotTimeoutMs: 30_000,
    waitTimeoutMs: 60_000,
    pollMs: 50,
  },
  show: () => undefined,
  approve: () => Promise.resolve({ approved: true, allowed: [] }),
  onEvent: () => undefined,
});
