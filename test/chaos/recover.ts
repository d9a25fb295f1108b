// What a person does after a run has failed: the same command again, and where it refuses, the cure that it prints.

import type { CliResult } from '../support/cli.ts';
import { doAsTold, nextOf, resetAsTold } from './cures.ts';
import { assertNoBug, endOf, NotRecovered, runToEnd, textOf } from './runs.ts';
import type { World } from './world.ts';

/** Cures of cures. */
const deepest = 3;

/** More than any chain of cures needs. */
const mostRuns = 8;

export interface Runner {
  readonly run: (command: readonly string[]) => Promise<CliResult>;
  /** Whether the next run is struck, too: such runs are not counted. */
  readonly strikes: () => boolean;
}

/** Nothing strikes. */
const undisturbed = (world: World): Runner => ({
  run: (command) => runToEnd(world.start(command), command),
  strikes: () => false,
});

/**
 * Runs the command until it ends with 0; returns how the runs ended, and the cures between them.
 * @throws NotRecovered where it refuses and no cure helps, or fails again and again, or hangs.
 */
export const recover = async (
  world: World,
  asked = world.act.command,
  runner = undisturbed(world),
  history: string[] = [],
  depth = 0,
): Promise<readonly string[]> => {
  let command = asked;
  let before: CliResult | null = null;
  for (let turn = 0; turn < mostRuns; ) {
    if (!runner.strikes()) turn += 1;
    const result = await runner.run(command);
    history.push(endOf(result));
    assertNoBug(result);
    if (result.code === 0) return history;
    const cures = nextOf(command, result, before);
    before = result;
    if (cures.length === 0) history.push(...(await doneAsTold(world, result, depth + 1)));
    for (const { args, instead } of cures) {
      history.push(`cure: steep ${args.join(' ')}`);
      if (instead) command = args;
      else history.push(...(await cured(world, args, depth + 1)));
    }
    await resetAsTold(world, textOf(result));
    if (turn === mostRuns)
      throw new NotRecovered(`${history.join(', ')}: it does not end\n${textOf(result)}`);
  }
  throw new NotRecovered('unreachable');
};

/** A printed command is brought to its end like any other. @throws NotRecovered where each cure needs another one. */
const cured = async (
  world: World,
  args: readonly string[],
  depth: number,
): Promise<readonly string[]> => {
  if (depth > deepest) throw new NotRecovered(`steep ${args.join(' ')}: each cure needs another`);
  const own: string[] = [];
  await recover(world, args, undisturbed(world), own, depth);
  return own.map((line) => `(${line})`);
};

/** Where no command is told. @throws NotRecovered after a refusal without any cure. */
const doneAsTold = async (
  world: World,
  result: CliResult,
  depth: number,
): Promise<readonly string[]> => {
  const done = await doAsTold(world, textOf(result), (args) => cured(world, args, depth));
  if (done !== null) return [`cure: ${done}`];
  if (result.code !== 3) return [];
  throw new NotRecovered(`refused, and no cure to carry out was printed\n${textOf(result)}`);
};
