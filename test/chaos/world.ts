// The databases of one play, with their tables and rows, the folder of its steep.yaml, and steep run in it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type RunningCli, spawnCli } from '../support/cli.ts';
import { type TestDatabase, urlOf } from '../support/servers/test-database.ts';
import {
  applyArguments,
  commandOf,
  firstFiles,
  generateArguments,
  type Scene,
  topologyOf,
} from './scene.ts';
import type { ChaosServer, ChaosServers } from './servers.ts';
import { definitionOf, fillingOf } from './tables.ts';
import { commitsDefinition, commitsTable } from './writer.ts';

export interface Node {
  readonly name: string;
  readonly server: ChaosServer;
  readonly database: TestDatabase;
}

export interface World {
  readonly scene: Scene;
  readonly servers: ChaosServers;
  readonly source: Node;
  readonly targets: readonly Node[];
  readonly directory: string;
  /** The command whose run is struck, and that is run again. */
  readonly command: readonly string[];
  /** Where the snapshot is from which a scene in two phases copies; another one after each that was of no use. */
  files: string;
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
  if (scene.operation === 'force')
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
  const world: World = {
    scene,
    servers,
    source,
    targets,
    directory,
    command: commandOf(
      scene,
      targets.map(({ name }) => name),
    ),
    files: firstFiles,
    start: (args) => spawnCli(args, { cwd: directory, env }),
    drop: async () => {
      for (const { database } of targets) await database.drop();
      await source.database.dropSubscriptions();
      await source.database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  await writeTopology(world, scene.init !== 'two_phase');
  return world;
};

/** steep.yaml of the play; for a snapshot of files first without subscriptions. */
const writeTopology = async (world: World, subscribed: boolean): Promise<void> => {
  const { scene, source, targets, directory, files } = world;
  const names = targets.map(({ name }) => name);
  const nodes = Object.fromEntries(
    ['source', ...names].map((name) => [name, { connection: `\${${name.toUpperCase()}_URL}` }]),
  );
  const topology = topologyOf(scene, names, source.database.name, subscribed ? files : null);
  await writeFile(join(directory, 'steep.yaml'), stringify({ version: 1, nodes, ...topology }));
};

/** What must be there before the struck command: publications and files, or a copy that is over. */
export const prepare = async (world: World): Promise<void> => {
  const run = async (args: readonly string[]): Promise<void> => {
    const { code, stdout, stderr } = await world.start(args).result;
    if (code !== 0) throw new Error(`preparing: steep ${args.join(' ')}\n${stdout}\n${stderr}`);
  };
  const { init, operation } = world.scene;
  if (operation === 'reinit' || init === 'two_phase') await run(applyArguments);
  if (init !== 'two_phase' || operation === 'generate') return;
  await run(generateArguments);
  await subscribe(world);
};

/** From now on the file has the subscriptions, too. */
export const subscribe = (world: World): Promise<void> => writeTopology(world, true);
