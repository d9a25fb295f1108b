// Some tables of a subscription are copied again, and the run is killed before or soon after its first change: no other
// table of the subscription may miss a row. One world for many repetitions, since it is a rare thing that is looked for.

import { setTimeout as sleep } from 'node:timers/promises';
import { type RandomNumbers, randomNumbers } from '../support/plans/random-numbers.ts';
import { applyArguments, reinitOf } from './acts.ts';
import { caughtUp, differencesOf } from './compare.ts';
import { randomMoment, strikeAt } from './moment.ts';
import type { Outcome } from './play.ts';
import { recover } from './recover.ts';
import { runToEnd, runUnstruck } from './runs.ts';
import { randomScene, type Scene } from './scene.ts';
import type { ChaosServers } from './servers.ts';
import { createWorld, type World } from './world.ts';
import { startCommits } from './writer.ts';

/** In one world, before the next one. */
const repetitions = 20;

/** Begins with the world of repetition `from`; calls `onOutcome` after each, until it says that it is enough. */
export const killEarlyReinits = async (
  servers: ChaosServers,
  seed: number,
  from: number,
  onOutcome: (outcome: Outcome) => Promise<boolean>,
): Promise<void> => {
  for (let index = worldOf(from), enough = false; !enough; ) {
    const random = randomNumbers(seed * 1_000_003 + index);
    await servers.heal();
    const world = await createWorld(servers, sceneOf(random));
    await runUnstruck(world, applyArguments);
    let last = 0;
    for (let turn = 0; turn < repetitions && !enough; turn += 1) {
      index += 1;
      const outcome = await repetition(world, random, index, last);
      last += outcome.commits;
      enough = await onOutcome(outcome);
      if (outcome.failure !== null) {
        index = worldOf(index) + repetitions;
        break;
      }
    }
    await servers.heal();
    await world.drop();
  }
};

/** The index before the first repetition in the world of this one. */
const worldOf = (index: number): number => Math.floor((index - 1) / repetitions) * repetitions;

const sceneOf = (random: RandomNumbers): Scene => {
  for (;;) {
    const scene = randomScene(random, [14]);
    if (scene.tables.length >= 3)
      return { ...scene, shape: 'one-way', first: 'copy', followUps: [], init: 'parallel' };
  }
};

const repetition = async (
  world: World,
  random: RandomNumbers,
  index: number,
  before: number,
): Promise<Outcome> => {
  const started = performance.now();
  const { scene, servers, source } = world;
  const again = scene.tables.map(({ name }) => name).filter(() => random.chance(0.5));
  world.act = reinitOf(scene, again);
  const { command, traits } = world.act;
  const writer = startCommits(source.database, scene.tables, random, 0, before);
  const outcome = { index, scene: { ...scene, again } };
  const history: string[] = [];
  const moment = random.chance(0.5)
    ? ({ at: 'time', ms: random.integer(300, 2600) } as const)
    : randomMoment(random, traits);
  const run = world.start(command);
  const striking = strikeAt(moment, servers, run.result, ({ description }) => {
    run.kill('SIGKILL');
    return Promise.resolve(`SIGKILL ${description}`);
  });
  let failure: string | null = null;
  let struck: string | null = null;
  try {
    const { code, signal } = await runToEnd(run, command);
    struck = await striking;
    history.push(signal ?? `exit ${code}`);
    history.push(...(await recover(world)));
    await writer.stop();
    const atOnce = await differencesOf(world);
    if (atOnce.length > 0) history.push(`at once ${atOnce.length} tables were behind`);
    await caughtUp(world);
    failure = await lossOf(world, again);
  } catch (error) {
    failure = String((error as Error).stack);
    await writer.stop().catch(() => undefined);
  }
  const seconds = (performance.now() - started) / 1000;
  const strikes = [{ kind: 'reinit-early-kill', of: 'reinit', moment, struck }];
  return { ...outcome, strikes, history, failure, commits: writer.last() - before, seconds };
};

/** What is missing still after a while is lost; what comes later was compared too early. */
const lossOf = async (world: World, again: readonly string[]): Promise<string | null> => {
  const found = await differencesOf(world);
  if (found.length === 0) return null;
  await sleep(20_000);
  const later = await differencesOf(world);
  const seen = await world.targets[0]?.database.query(
    `SELECT srrelid::regclass::text AS name, srsubstate::text AS state, srsublsn::text AS lsn FROM pg_subscription_rel`,
  );
  return [
    later.length === 0 ? 'was there 20 s later:' : 'is lost:',
    ...found,
    `copied again: ${again.join(', ')}`,
    JSON.stringify(seen),
  ].join('\n');
};
