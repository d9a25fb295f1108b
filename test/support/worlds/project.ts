// A folder with a steep.yaml and the environment that it asks for, and steep run in it as users do.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { stringify } from 'yaml';
import { type CliResult, type RunningCli, runCli, spawnCli } from '../cli.ts';

/** steep.yaml without its nodes: these follow from the connections. */
export interface Topology {
  readonly nodes?: Readonly<Record<string, object>>;
  readonly publications?: Readonly<Record<string, object>>;
  readonly subscriptions?: Readonly<Record<string, object>>;
  readonly pairs?: Readonly<Record<string, object>>;
  readonly defaults?: object;
  readonly policy?: object;
  readonly removed?: readonly object[];
  readonly renamed?: readonly object[];
}

export interface Project {
  /** With the connections of its nodes. */
  readonly environment: Environment;
  /** The path of a file in the folder. */
  path(name: string): string;
  read(name: string): Promise<string>;
  write(name: string, text: string): Promise<void>;
  /** Writes steep.yaml; the nodes are those of the project. */
  describe(topology: Topology): Promise<void>;
  steep(...args: readonly string[]): Promise<CliResult>;
  /** Starts a command and continues. */
  start(...args: readonly string[]): RunningCli;
  /** The same folder, with other connections. */
  with(connections: Connections): Project;
  /** The same folder, with more in the environment. */
  withEnvironment(environment: Environment): Project;
}

type Environment = Readonly<Record<string, string>>;

/** The URL of each node. */
export type Connections = Readonly<Record<string, string>>;

/** A new folder, gone after the test file. */
export async function createProject(
  connections: Connections,
  topology: Topology,
): Promise<Project> {
  const directory = await mkdtemp(join(tmpdir(), 'steep-project-'));
  directories.push(directory);
  const project = projectIn(directory, connections);
  await project.describe(topology);
  return project;
}

const directories: string[] = [];
const started: RunningCli[] = [];

afterAll(async () => {
  // A test that failed may have left its command behind.
  for (const run of started) run.kill('SIGKILL');
  await Promise.all(started.map(({ result }) => result));
  await Promise.all(directories.map((path) => rm(path, { recursive: true, force: true })));
});

const variableOf = (node: string): string => `${node.toUpperCase()}_URL`;

function projectIn(
  directory: string,
  connections: Connections,
  environment: Environment = {},
): Project {
  const path = (name: string): string => join(directory, name);
  const env = Object.fromEntries(
    Object.entries(connections).map(([node, url]) => [variableOf(node), url]),
  );
  const options = { cwd: directory, env: { ...env, ...environment } };
  return {
    environment: options.env,
    path,
    read: (name) => readFile(path(name), 'utf8'),
    write: (name, text) => writeFile(path(name), text),
    describe: ({ nodes = {}, ...rest }) =>
      writeFile(
        path('steep.yaml'),
        stringify({
          version: 1,
          nodes: Object.fromEntries(
            Object.keys(connections).map((node) => [
              node,
              { connection: `\${${variableOf(node)}}`, ...nodes[node] },
            ]),
          ),
          ...rest,
        }),
      ),
    steep: (...args) => runCli(args, options),
    start: (...args) => {
      const run = spawnCli(args, options);
      started.push(run);
      return run;
    },
    with: (others) => projectIn(directory, { ...connections, ...others }, environment),
    withEnvironment: (more) => projectIn(directory, connections, { ...environment, ...more }),
  };
}
