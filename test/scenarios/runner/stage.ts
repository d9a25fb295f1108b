// The servers of one performance of a scenario: fresh databases, a suffix that makes slots unique in their
// clusters, and the files as steep finds them.

import { randomInt } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RuntimeEnvironment } from '../../../src/workflows/runtime-environment.ts';
import { writeFakePgDump } from '../../support/fakes/pg-dumps.ts';
import { cluster, type TestDatabase, type TestServer } from '../../support/servers/cluster.ts';
import type { MajorPair } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { withRole } from './as-granted.ts';
import { asGranted, type Phase, type Scenario } from './scenario.ts';

export interface Stage {
  readonly scenario: Scenario;
  /** steep has exactly the rights that `steep doctor --grants` prints. */
  readonly granted: boolean;
  readonly suffix: string;
  readonly databases: ReadonlyMap<string, TestDatabase>;
  /** The file to plan, and the one to apply first. */
  readonly steepFile: string;
  readonly firstSteepFile: string | null;
  /** A path for a file of this performance. */
  readonly path: (name: string) => string;
  readonly runtime: RuntimeEnvironment;
  /** The same, as a superuser. */
  readonly admin: RuntimeEnvironment;
  /** The same, with the statements that are sent. */
  readonly watched: (onStatement: (statement: string) => void) => RuntimeEnvironment;
}

/** Sets up databases, lets the body play, and takes everything down again. */
export const onStage = async <T>(
  scenario: Scenario,
  pair: MajorPair,
  body: (stage: Stage) => Promise<T>,
  granted = asGranted,
): Promise<T> => {
  const directory = await mkdtemp(join(tmpdir(), 'steep-scenario-'));
  const databases = new Map<string, TestDatabase>();
  try {
    for (const node of scenario.nodes) {
      const server = await serverOf(node, scenario, pair);
      databases.set(node, await server.createDatabase());
    }
    return await body(await stageOf(scenario, databases, directory, granted));
  } finally {
    await takeDown(scenario, databases);
    await rm(directory, { recursive: true, force: true });
  }
};

const serverOf = (node: string, scenario: Scenario, pair: MajorPair): Promise<TestServer> => {
  const { publishers, servers } = scenario.settings;
  const major = pair[publishers.includes(node) ? 0 : 1];
  const settings = servers[node];
  return settings === undefined ? cluster.server(major) : cluster.privateServer(major, settings);
};

/** Subscriptions first: a live one would come back to the slot that is being dropped. */
const takeDown = async (
  { settings }: Scenario,
  databases: ReadonlyMap<string, TestDatabase>,
): Promise<void> => {
  const shared = [...databases].filter(([node]) => settings.servers[node] === undefined);
  for (const [, database] of shared) await database.dropSubscriptions();
  for (const [, database] of shared) await database.drop();
};

const stageOf = async (
  scenario: Scenario,
  databases: ReadonlyMap<string, TestDatabase>,
  directory: string,
  granted: boolean,
): Promise<Stage> => {
  const suffix = String(randomInt(10_000_000, 99_999_999));
  const names = Object.fromEntries(
    [...databases].map(([node, { name }]) => [`${node.toUpperCase()}_DATABASE`, name]),
  );
  const path = (name: string): string => join(directory, name);
  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(path(name), fill(text, { SUFFIX: suffix, ...names }));
    return path(name);
  };
  const admin: RuntimeEnvironment = {
    steepVersion: '0.0.0',
    environment: {
      ...environmentOf(scenario, databases),
      // Whatever this machine has.
      ...(scenario.steepFile.includes('pg_dump')
        ? { STEEP_PG_DUMP: writeFakePgDump(directory) }
        : {}),
    },
    user: 'tester',
    hostname: 'scenarios',
    now: () => new Date(),
    clock: () => performance.now(),
  };
  const runtime = granted ? withRole(admin, { suffix, databases }) : admin;
  return {
    scenario,
    granted,
    suffix,
    databases,
    steepFile: await write('steep.yaml', scenario.steepFile),
    firstSteepFile:
      scenario.firstSteepFile === null
        ? null
        : await write('steep.before.yaml', scenario.firstSteepFile),
    path,
    runtime,
    admin,
    watched: (onStatement) => ({ ...runtime, onStatement: (_node, text) => onStatement(text) }),
  };
};

/** `PRIMARY_URL` and its parts, for the connections in steep.yaml. */
const environmentOf = (
  { settings: { unreachable } }: Scenario,
  databases: ReadonlyMap<string, TestDatabase>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...databases].flatMap(([node, { url, conninfo }]) => {
      const name = node.toUpperCase();
      const port = conninfo.get('port') ?? '';
      return [
        // Port 1 answers no connection. A file that must reach the node all the same names NODE_URL_BEFORE.
        [`${name}_URL`, unreachable.includes(node) ? url.replace(`:${port}/`, ':1/') : url],
        [`${name}_URL_BEFORE`, url],
        [`${name}_PORT`, port],
        [`${name}_DATABASE`, conninfo.get('dbname') ?? ''],
        [`${name}_PASSWORD`, conninfo.get('password') ?? ''],
      ];
    }),
  );

const fill = (text: string, variables: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => variables[name] ?? whole);

/** Runs the SQL of a phase on every node, in the order of their names. */
export const runSql = async (stage: Stage, phase: Phase): Promise<void> => {
  const { scenario, databases, suffix, admin } = stage;
  const conninfos = Object.fromEntries(
    [...databases].map(([node, { conninfo }]) => [`${node.toUpperCase()}_CONNINFO`, conninfo.text]),
  );
  const variables = {
    SUFFIX: suffix,
    ...conninfos,
    ...(admin.environment as Readonly<Record<string, string>>),
  };
  for (const [node, database] of databases) {
    for (const statement of scenario.sql(phase, node)) {
      await database.query(fill(statement, variables));
    }
  }
};

const unready = `
  SELECT FROM pg_subscription_rel AS r JOIN pg_subscription AS s ON s.oid = r.srsubid
   WHERE s.subenabled AND r.srsubstate <> 'r'`;

/** Waits until the tables of all enabled subscriptions are copied. */
export const waitForCopies = async ({ databases }: Stage): Promise<void> => {
  for (const [node, database] of databases) {
    await waitFor(
      `the copies of ${node}`,
      async () => (await database.query(unready)).length === 0,
    );
  }
};
