// Faults that strike the runs of one act, one after the other: several of one run, and then those that continue it.

import { setTimeout as sleep } from 'node:timers/promises';
import type { CliResult, RunningCli } from '../support/cli.ts';
import type { RandomNumbers } from '../support/plans/random-numbers.ts';
import type { AfterFault, Fault, RunFault, Stage } from './faults/fault.ts';
import { hasMoments, type Moment, randomMoment, strikeAt } from './moment.ts';
import type { Runner } from './recover.ts';
import { runToEnd } from './runs.ts';
import type { World } from './world.ts';

export interface Strike {
  readonly kind: string;
  /** The operation whose run was struck. */
  readonly of: string;
  readonly moment: Moment;
  /** What was struck, in which statement; null: the moment never came. */
  struck: string | null;
}

/** The faults of one act: `left` are still to strike. */
interface Queue {
  readonly world: World;
  readonly random: RandomNumbers;
  readonly left: { readonly fault: RunFault; tries: number }[];
  readonly strikes: Strike[];
  /** An earlier strike came when a copy had begun. */
  begun: boolean;
}

const mostInOneRun = 3;

/** A moment that did not come in one run may in the next. */
const mostTries = 2;

/** Strikes each run that it makes with some of the faults, as long as there are any; notes them in `strikes`. */
export const strikingRunner = (
  world: World,
  random: RandomNumbers,
  faults: readonly Fault[],
  strikes: Strike[],
): Runner => {
  const fitting = faults.filter((fault) => isRunFault(fault) && fits(fault, world));
  const count = fitting.length === 0 ? 0 : random.integer(3, 6);
  const left = Array.from({ length: count }, () => ({
    fault: random.pick(fitting) as RunFault,
    tries: 0,
  }));
  const queue: Queue = { world, random, left, strikes, begun: false };
  return { run: (command) => struckRun(queue, command), strikes: () => left.length > 0 };
};

const isRunFault = (fault: Fault): fault is RunFault => 'strike' in fault;

const fits = ({ kind, fits: asks, at }: RunFault, { scene, act }: World): boolean =>
  (act.operation !== 'prepare' || strikesPrepare.has(kind)) &&
  asks?.(scene, act) !== false &&
  hasMoments(act.traits, at);

/** What a dump by hand survives, or is begun again after. */
const strikesPrepare: ReadonlySet<string> = new Set([
  'kill',
  'sigint',
  'sigterm',
  'stop-continue',
  'terminate-session',
  'cancel-session',
  'terminate-walsender',
  'crash-source',
  'crash-target',
  'cut-source',
  'stall-source',
  'stall-cut-source',
  'closed-database-source',
  'full-connections-source',
  'full-connections-target',
]);

/** One of the faults that come when the command has ended with 0; now and then. */
export const strikeAfterwards = async (
  world: World,
  random: RandomNumbers,
  faults: readonly Fault[],
  strikes: Strike[],
): Promise<void> => {
  const fitting = faults.filter((fault): fault is AfterFault => !isRunFault(fault));
  const likely = world.act.operation === 'rename' ? 0.7 : 0.15;
  if (fitting.length === 0 || !random.chance(likely)) return;
  const { kind, after } = random.pick(fitting);
  const struck = await after(world, random);
  strikes.push({ kind, of: world.act.operation, moment: { at: 'time', ms: 0 }, struck });
};

/** A fault that has struck, with what continues beside the run. */
interface Felt {
  readonly fault: RunFault;
  readonly strike: Strike;
  readonly works: readonly Promise<unknown>[];
}

const struckRun = async (queue: Queue, command: readonly string[]): Promise<CliResult> => {
  const run = queue.world.start(command);
  const felt: Felt[] = [];
  const striking = strikeInTurn(queue, run, felt);
  striking.catch(() => undefined);
  try {
    return await runToEnd(run, command);
  } finally {
    await striking;
    await Promise.allSettled(felt.flatMap(({ works }) => works));
    for (const one of felt) await concludeStrike(queue, run, one);
  }
};

/** Until the run ends, or has had enough. */
const strikeInTurn = async (queue: Queue, run: RunningCli, felt: Felt[]): Promise<void> => {
  let ended = false;
  void run.result.finally(() => {
    ended = true;
  });
  for (let turn = 0; turn < mostInOneRun && !ended; turn += 1) {
    const next = queue.left.shift();
    if (next === undefined) return;
    const one = await strikeOnce(queue, run, next.fault);
    next.tries += 1;
    if (one.strike.struck !== null) felt.push(one);
    if (one.strike.struck === null && ended && next.tries < mostTries) queue.left.unshift(next);
    else queue.strikes.push(one.strike);
    if (next.fault.ends === true || !queue.random.chance(0.75)) return;
  }
};

const strikeOnce = async (queue: Queue, run: RunningCli, fault: RunFault): Promise<Felt> => {
  const { world, random, begun } = queue;
  const late = fault.late === true && !begun;
  const { at, during = false } = fault;
  const moment = randomMoment(random, world.act.traits, { late, at, during });
  const works: Promise<unknown>[] = [];
  const stage = stageOf(queue, run, works);
  const struck = await strikeAt(moment, world.servers, run.result, (what) =>
    fault.strike(what, stage),
  );
  if (struck !== null && late) queue.begun = true;
  return { fault, strike: { kind: fault.kind, of: world.act.operation, moment, struck }, works };
};

const stageOf = ({ world, random }: Queue, run: RunningCli, works: Promise<unknown>[]): Stage => ({
  world,
  random,
  run,
  later: (work) => {
    work.catch(() => undefined);
    works.push(work);
  },
});

/** Whether it has come to anything, and what comes before the next run. @throws whatever its work threw. */
const concludeStrike = async (
  queue: Queue,
  run: RunningCli,
  { fault, strike, works }: Felt,
): Promise<void> => {
  if ((await Promise.all(works)).includes('missed')) strike.struck = null;
  if (strike.struck === null || fault.between === undefined) return;
  await sleep(100);
  const between = await fault.between(stageOf(queue, run, []));
  strike.struck = between === null ? null : `${strike.struck}; then ${between}`;
};
