// One play: a world of its own, an application that writes, a run that is struck once or twice, recovery as a person
// would do it, and every row compared.

import { setTimeout as sleep } from 'node:timers/promises';
import type { CliResult } from '../support/cli.ts';
import { type RandomNumbers, randomNumbers } from '../support/plans/random-numbers.ts';
import {
  caughtUp,
  countMade,
  differencesOf,
  expectedCounts,
  sequencesOf,
  shapeOf,
} from './compare.ts';
import type { Fault } from './faults/fault.ts';
import { type Moment, randomMoment, strikeAt } from './moment.ts';
import { endOf, NotRecovered, recover, runToEnd, textOf } from './recover.ts';
import { applyArguments, randomScene, type Scene } from './scene.ts';
import type { ChaosServers } from './servers.ts';
import { createWorld, prepare, subscribe, type World } from './world.ts';
import { type CommitWriter, startCommits } from './writer.ts';

export interface Strike {
  readonly kind: string;
  readonly moment: Moment;
  /** What was struck, in which statement; null: the moment never came. */
  readonly struck: string | null;
}

export interface Outcome {
  readonly index: number;
  readonly scene: Scene;
  readonly strikes: readonly Strike[];
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

/** Every number of a play follows from its seed and its index; topology and faults do not depend on each other. */
export const play = async (servers: ChaosServers, request: PlayRequest): Promise<Outcome> => {
  const { seed, index } = request;
  const started = performance.now();
  const stream = (part: number): RandomNumbers =>
    randomNumbers(seed * 1_000_003 + index * 101 + part);
  const majors = [servers.source.major, servers.target.major];
  const scene = randomScene(stream(1), majors);
  const strikes: Strike[] = [];
  const history: string[] = [];
  await servers.heal();
  const world = await createWorld(servers, scene);
  const sequences = await sequencesOf(world.source);
  const shape = await shapeOf(world);
  let writers: readonly CommitWriter[] = [];
  let commits = 0;
  let failure: string | null = null;
  try {
    await prepare(world);
    writers = [startCommits(world.source.database, scene.tables, stream(3), 0)];
    const random = stream(2);
    const rounds = random.chance(0.25) ? 2 : 1;
    for (let round = 0; round < rounds; round += 1) {
      const { strike, said, code } = await playRound(world, request, random);
      strikes.push(strike);
      history.push(said);
      if (code === 0 && round > 0) break;
    }
    history.push(...(await recover(world)).history);
    if (scene.operation === 'generate') {
      await subscribe(world);
      history.push(...(await recover(world, applyArguments)).history);
    }
    if (scene.shape === 'pair') writers = [...writers, await writeBack(world, stream(4))];
    commits = await stopAll(writers);
    await caughtUp(world);
    failure = await judge(world, shape, sequences);
  } catch (error) {
    failure = error instanceof NotRecovered ? error.message : String((error as Error).stack);
    await stopAll(writers).catch(() => undefined);
  }
  await servers.heal();
  if (failure !== null) failure += await lastWords(servers);
  await world.drop();
  const seconds = (performance.now() - started) / 1000;
  return { index, scene, strikes, history, failure, commits, seconds };
};

/** Of a pair the second node must be empty before its copy; then its application writes as well. */
const writeBack = async ({ scene, targets: [second] }: World, random: RandomNumbers) => {
  if (second === undefined) throw new Error('a pair without a second node');
  const writer = startCommits(second.database, scene.tables, random, 1);
  await sleep(1000);
  return writer;
};

const stopAll = async (writers: readonly CommitWriter[]): Promise<number> => {
  let commits = 0;
  for (const writer of writers) commits += await writer.stop();
  return commits;
};

/** The command, struck; and what comes between it and the next run. */
const playRound = async (
  world: World,
  { faults }: PlayRequest,
  random: RandomNumbers,
): Promise<{ readonly strike: Strike; readonly said: string; readonly code: number | null }> => {
  const fault = random.pick(faults.filter(({ fits }) => fits?.(world.scene) !== false));
  const moment = randomMoment(random, world.scene, fault.late);
  const run = world.start(world.command);
  const works: Promise<unknown>[] = [];
  const stage = {
    world,
    random,
    run,
    later: (work: Promise<unknown>) => {
      work.catch(() => undefined);
      works.push(work);
    },
  };
  const striking = strikeAt(moment, world.servers, run.result, (struck) =>
    fault.strike(struck, stage),
  );
  striking.catch(() => undefined);
  const result = await runToEnd(run, world.command);
  let struck = await striking;
  if ((await Promise.all(works)).includes('missed')) struck = null;
  if (struck !== null && fault.between !== undefined) {
    await sleep(100);
    const between = await fault.between(stage);
    struck = between === null ? null : `${struck}; then ${between}`;
  }
  assertNoBug(result);
  return { strike: { kind: fault.kind, moment, struck }, said: endOf(result), code: result.code };
};

/** A fault of a server or of a person is told as such, with its code; a stack trace never is. */
const assertNoBug = (result: CliResult): void => {
  const text = textOf(result);
  const unnamed = result.code === 1 && !/^Code: |^ +x FAILED | {2}[A-Z]+(?:_[A-Z]+)+$/m.test(text);
  if (unnamed || /^\s+at .*\.js:\d+/m.test(text))
    throw new NotRecovered(`an error of the program itself\n${text}`);
};

/** What is wrong in the end; null: nothing. */
const judge = async (
  world: World,
  shape: readonly string[],
  sequences: ReadonlyMap<string, number>,
): Promise<string | null> => {
  const found = [...(await differencesOf(world))];
  const after = await shapeOf(world);
  found.push(
    ...shape.filter((line) => !after.includes(line)).map((line) => `gone: ${line}`),
    ...after.filter((line) => !shape.includes(line)).map((line) => `new: ${line}`),
  );
  const [made, expected] = [await countMade(world), expectedCounts(world)];
  for (const [what, count] of Object.entries(made))
    if (count !== expected[what]) found.push(`${count} ${what}, not ${expected[what]}`);
  if (world.scene.init !== 'native' && world.scene.shape !== 'pair') {
    for (const target of world.targets)
      for (const [name, last] of await sequencesOf(target))
        if (last < (sequences.get(name) ?? 0))
          found.push(
            `sequence ${name} of ${target.name} is at ${last}, behind ${sequences.get(name)}`,
          );
  }
  const plan = await world.start(['plan']).result;
  if (!/^No changes\. /m.test(plan.stdout)) found.push(`a plan is not empty:\n${textOf(plan)}`);
  return found.length === 0 ? null : found.join('\n');
};

const lastWords = async ({ source, target }: ChaosServers): Promise<string> => {
  const tail = (text: string): string => text.split('\n').slice(-40).join('\n');
  return `\n\nsource:\n${tail(await source.log())}\n\ntarget:\n${tail(await target.log())}`;
};
