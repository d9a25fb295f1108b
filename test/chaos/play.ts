// One play: a world of its own, an application that writes, and some acts. The runs of each act are struck, recovery is
// what a person would do, and every row is compared after it.

import { setTimeout as sleep } from 'node:timers/promises';
import { type RandomNumbers, randomNumbers } from '../support/plans/random-numbers.ts';
import { type Act, actsOf } from './acts.ts';
import {
  caughtUp,
  countMade,
  differencesOf,
  expectedCounts,
  sequencesOf,
  shapeOf,
} from './compare.ts';
import type { Fault } from './faults/fault.ts';
import { recover } from './recover.ts';
import { NotRecovered, textOf } from './runs.ts';
import { publishedTables, randomScene, type Scene } from './scene.ts';
import type { ChaosServers } from './servers.ts';
import { type Strike, strikeAfterwards, strikingRunner } from './strikes.ts';
import { begin, createWorld, type World } from './world.ts';
import { type CommitWriter, startCommits } from './writer.ts';

export interface Outcome {
  readonly index: number;
  readonly scene: Scene;
  readonly strikes: readonly Strike[];
  /** How each run of each act ended, and the cures between them. */
  readonly history: readonly string[];
  /** Null: equal rows, and nothing left behind. */
  readonly failure: string | null;
  readonly commits: number;
  readonly seconds: number;
}

export interface PlayRequest {
  readonly seed: number;
  readonly index: number;
  readonly faults: readonly Fault[];
}

/** What a play has come to so far. */
interface Script {
  readonly request: PlayRequest;
  readonly world: World;
  /** The numbers of the faults, and those of the application on each node. */
  readonly random: RandomNumbers;
  readonly numbers: readonly [RandomNumbers, RandomNumbers];
  readonly strikes: Strike[];
  readonly history: string[];
  /** Of the source, and of a pair also of the second node. */
  writers: readonly CommitWriter[];
  commits: number;
}

/** What no copy may change. */
interface Origin {
  readonly sequences: ReadonlyMap<string, number>;
  readonly shape: readonly string[];
}

/** Every number of a play follows from its seed and its index; topology and faults do not depend on each other. */
export const play = async (servers: ChaosServers, request: PlayRequest): Promise<Outcome> => {
  const { seed, index } = request;
  const started = performance.now();
  const stream = (part: number): RandomNumbers =>
    randomNumbers(seed * 1_000_003 + index * 101 + part);
  const scene = randomScene(stream(1), [servers.source.major, servers.target.major]);
  await servers.heal();
  const world = await createWorld(servers, scene);
  const script: Script = {
    request,
    world,
    random: stream(2),
    numbers: [stream(3), stream(4)],
    strikes: [],
    history: [],
    writers: [],
    commits: 0,
  };
  let failure: string | null = null;
  try {
    await playActs(script);
  } catch (error) {
    failure = error instanceof NotRecovered ? error.message : String((error as Error).stack);
    await stopWriters(script).catch(() => undefined);
  }
  await servers.heal();
  if (failure !== null) failure += await lastWords(servers);
  await world.drop();
  const seconds = (performance.now() - started) / 1000;
  const { strikes, history, commits } = script;
  return { index, scene, strikes, history, failure, commits, seconds };
};

/** @throws NotRecovered with what differs in the end, or where a command cannot be brought to its end. */
const playActs = async (script: Script): Promise<void> => {
  const { world } = script;
  const { source, targets, scene } = world;
  const origin = { sequences: await sequencesOf(source), shape: await shapeOf(world) };
  const names = targets.map(({ name }) => name);
  for (const act of actsOf(scene, names)) {
    await playAct(script, act);
    if (world.subscribed && act.operation !== 'prepare') await judge(script, origin);
  }
  const plan = await world.start(['plan']).result;
  if (!/^No changes\. /m.test(plan.stdout))
    throw new NotRecovered(`a plan is not empty:\n${textOf(plan)}`);
};

const playAct = async (script: Script, act: Act): Promise<void> => {
  const { world, random, request, strikes, history, numbers } = script;
  const { source, scene } = world;
  const isFirst = script.commits === 0;
  if (script.writers.length === 0)
    script.writers = [
      startCommits(source.database, writtenTables(world), numbers[0], 0, script.commits),
    ];
  // Both nodes of a pair are written to while it takes in a table.
  if (scene.shape === 'pair' && !isFirst)
    script.writers = [...script.writers, await writeBack(script)];
  await begin(world, act);
  history.push(`${act.operation}:`);
  const runner = strikingRunner(world, random, request.faults, strikes);
  await recover(world, act.command, runner, history);
  await strikeAfterwards(world, random, request.faults, strikes);
  if (scene.shape === 'pair' && isFirst)
    script.writers = [...script.writers, await writeBack(script)];
};

/** Those of a pair hold no rows on the second node before they are copied. */
const writtenTables = ({ scene, grown }: World): Scene['tables'] => {
  const published = publishedTables({ scene, grown });
  return scene.tables.filter(({ name }) => published.includes(name));
};

/** Of a pair the second node must be empty before its copy; then its application writes as well. */
const writeBack = async ({ world, numbers, commits }: Script): Promise<CommitWriter> => {
  const [second] = world.targets;
  if (second === undefined) throw new Error('a pair without a second node');
  const writer = startCommits(second.database, writtenTables(world), numbers[1], 1, commits);
  await sleep(1000);
  return writer;
};

/** The number of the last commit is the first that the next writer does not use. */
const stopWriters = async (script: Script): Promise<void> => {
  const { writers } = script;
  script.writers = [];
  for (const writer of writers) {
    await writer.stop();
    script.commits = Math.max(script.commits, writer.last());
  }
};

/** After an act. @throws NotRecovered with what is wrong. */
const judge = async (script: Script, { shape, sequences }: Origin): Promise<void> => {
  const { world } = script;
  await stopWriters(script);
  await caughtUp(world);
  const found = [...(await differencesOf(world))];
  const after = await shapeOf(world);
  found.push(
    ...shape.filter((line) => !after.includes(line)).map((line) => `gone: ${line}`),
    ...after.filter((line) => !shape.includes(line)).map((line) => `new: ${line}`),
  );
  const [made, expected] = [await countMade(world), expectedCounts(world)];
  for (const [what, count] of Object.entries(made))
    if (count !== expected[what]) found.push(`${count} ${what}, not ${expected[what]}`);
  found.push(...(await sequencesBehind(world, sequences)));
  if (found.length > 0) throw new NotRecovered(found.join('\n'));
};

/** Where steep copies, it brings sequences, too. */
const sequencesBehind = async (
  { scene, targets }: World,
  sequences: Origin['sequences'],
): Promise<readonly string[]> => {
  if (['native', 'manual'].includes(scene.init) || scene.shape === 'pair') return [];
  const found: string[] = [];
  for (const target of targets)
    for (const [name, last] of await sequencesOf(target)) {
      const first = sequences.get(name) ?? 0;
      if (last < first)
        found.push(`sequence ${name} of ${target.name} is at ${last}, behind ${first}`);
    }
  return found;
};

const lastWords = async ({ source, target }: ChaosServers): Promise<string> => {
  const tail = (text: string): string => text.split('\n').slice(-40).join('\n');
  return `\n\nsource:\n${tail(await source.log())}\n\ntarget:\n${tail(await target.log())}`;
};
