// Scenarios as tests, in two halves, and several of each side by side: these are most of the run, and a scenario
// by itself mostly waits.
// UPDATE_SCENARIOS=1 writes the plans (review each); STEEP_TEST_NIGHTLY=1 runs every pair and interruption.

import { describe, test } from 'vitest';
import type { MajorPair } from '../../support/servers/majors.ts';
import { type Play, playedByDay } from './by-day.ts';
import { performInterrupted } from './interrupt.ts';
import { performCut } from './lost-connections.ts';
import { type Performed, perform } from './perform.ts';
import {
  asGranted,
  isInterrupted,
  nightly,
  pairsOf,
  readScenarios,
  type Scenario,
} from './scenario.ts';
import { onStage } from './stage.ts';

const updating = process.env.UPDATE_SCENARIOS !== undefined;

// With STEEP_TEST_MAJORS some scenarios have no pair left.
const runnable = readScenarios().filter((scenario) => pairsOf(scenario).length > 0);

const byDay = playedByDay(runnable, pairsOf);

const playsOf = (scenario: Scenario): readonly Play[] =>
  nightly || asGranted
    ? pairsOf(scenario).map((pair) => ({ pair, applied: true }))
    : (byDay.get(scenario) ?? []);

/** By day, every fourth of those that are interrupted. */
const cutOnes = new Set(
  runnable.filter(isInterrupted).filter((_, index) => nightly || index % 4 === 0),
);

/** Every second scenario. */
export const describeScenarios = (half: 0 | 1): void => {
  const own = runnable.filter((_, index) => index % 2 === half);
  describe.concurrent.each(own)('$name', (scenario) => {
    // A golden file is written once, and then compared on the other pairs.
    const plays = updating
      ? pairsOf(scenario)
          .slice(0, 1)
          .map((pair) => ({ pair, applied: true }))
      : playsOf(scenario);
    const performances = new Map<MajorPair, Promise<Performed | null>>();
    // Once for each pair, whichever test asks first: with -t, only one of them runs.
    const performed = ({ pair, applied }: Play): Promise<Performed | null> => {
      const begun =
        performances.get(pair) ??
        onStage(scenario, pair, (stage) => perform(stage, { update: updating, applied }));
      performances.set(pair, begun);
      return begun;
    };
    test.concurrent.for(plays)('$pair.0 -> $pair.1', async (play) => {
      await performed(play);
    });

    if (!isInterrupted(scenario) || updating) return;
    const firsts = plays.slice(0, 1);
    test.concurrent.for(firsts)('interrupted, $pair.0 -> $pair.1', (play) =>
      performInterrupted(scenario, play.pair, performed(play)),
    );
    if (!cutOnes.has(scenario)) return;
    test.concurrent.for(firsts)('cut, $pair.0 -> $pair.1', (play) =>
      performCut(scenario, play.pair, performed(play)),
    );
  });
};
