// The databases of one play, with their tables and rows, the folder of its steep.yaml, and steep run in it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type RunningCli, spawnCli } from '../support/cli.ts';
import { type TestDatabase, urlOf } from '../support/servers/test-database.ts';
import { type Act, actsOf, applyArguments, firstFiles } from './acts.ts';
import { startPrepare } from './by-hand.ts';
import { runUnstruck } from './runs.ts';
import { addedTable, firstPublication, type Scene, topologyOf, type Written } from './scene.ts';
import type { ChaosServer, ChaosServers } from './servers.ts';
import { definitionOf, fillingOf } from './tables.ts';
import { commitsDefinition, commitsTable } from './writer.ts';

export interface Node {
  readonly name: string;
  readonly server: ChaosServer;
  readonly database: TestDatabase;
}

export interface World extends Written {
  readonly scene: Scene;
  readonly servers: ChaosServers;
  readonly source: Node;
  readonly targets: readonly Node[];
  readonly directory: string;
  /** What is played now. */
  act: Act;
  /** Another folder after each snapshot that was of no use. */
  files: string;
  publication: string;
  subscribed: boolean;
  grown: boolean;
  /** Starts steep in the folder of the play, behind the proxies. */
  start(args: readonly string[]): RunningCli;
  drop(): Promise<void>;
}

/** What is blocking a copy: rows that its source never had. */
const strangeRows = `INSERT INTO ${commitsTable} SELECT 7, n FROM generate_series(1, 500) AS n`;

export const createWorld = async (servers: ChaosServers, scene: Scene): Promise<World> => {
  const node = async (name: string, server: ChaosServer): Promise<Node> => {
    const database = await server.createDatabase();
    await database.query([...scene.tables.map(definitionOf), commitsDefinition].join(';\n'));
    return { name, server, database };
  };
  const source = await node('source', servers.source);
  const targets = [await node('target', servers.target)];
  if (scene.shape === 'fan-out') targets.push(await node('second', servers.target));
  await source.database.query(scene.tables.map(fillingOf).join(';\n'));
  if (scene.first === 'force')
    for (const { database } of targets) await database.query(strangeRows);
  const directory = await mkdtemp(join(tmpdir(), 'steep-chaos-'));
  const nodes = [source, ...targets];
  const env = {
    // As a URL: a space in a path would end the option.
    NODE_OPTIONS: `--import ${new URL('small-chunks.ts', import.meta.url).href}`,
    ...Object.fromEntries(
      nodes.map(({ name, server, database }) => [
        `${name.toUpperCase()}_URL`,
        urlOf(server.proxied(database)),
      ]),
    ),
  };
  const [act] = actsOf(
    scene,
    targets.map(({ name }) => name),
  );
  if (act === undefined) throw new Error('a play without an act');
  const world: World = {
    scene,
    servers,
    source,
    targets,
    directory,
    act,
    files: firstFiles,
    publication: firstPublication,
    subscribed: scene.first !== 'generate',
    grown: addedTable(scene) === null,
    start: (args) => {
      const run = spawnCli(args, { cwd: directory, env });
      return args[1] === 'prepare' ? startPrepare(run, { scene, source, targets }) : run;
    },
    drop: async () => {
      for (const { database } of targets) await database.drop();
      await source.database.dropSubscriptions();
      await source.database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  await writeTopology(world);
  return world;
};

/** steep.yaml of the play, as it is to be now. */
const writeTopology = async (world: World): Promise<void> => {
  const { scene, source, targets, directory } = world;
  const names = targets.map(({ name }) => name);
  const nodes = Object.fromEntries(
    ['source', ...names].map((name) => [name, { connection: `\${${name.toUpperCase()}_URL}` }]),
  );
  const topology = topologyOf(scene, names, source.database.name, world);
  await writeFile(join(directory, 'steep.yaml'), stringify({ version: 1, nodes, ...topology }));
};

/** What must be there before the command of an act: publications, files, or rows that were brought by hand. */
export const begin = async (world: World, act: Act): Promise<void> => {
  world.act = act;
  if (['generate', 'prepare'].includes(act.operation)) await runUnstruck(world, applyArguments);
  if (act.operation === 'grow') {
    world.grown = true;
    await writeTopology(world);
  }
  if (act.operation === 'rename') {
    world.publication = 'renamed';
    await writeTopology(world);
  }
  if (act.operation === 'copy' && !world.subscribed) await subscribe(world);
};

/** From now on the file has the subscriptions, too, and names the folder of the snapshot. */
export const subscribe = async (world: World): Promise<void> => {
  world.subscribed = true;
  await writeTopology(world);
};
