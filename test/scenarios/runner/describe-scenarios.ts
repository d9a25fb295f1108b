// Scenarios as tests, in two halves, and several of each side by side: these are most of the run, and a scenario
// by itself mostly waits.
// UPDATE_SCENARIOS=1 writes the plans (review each); STEEP_TEST_NIGHTLY=1 runs every pair and interruption.

import { describe, test } from 'vitest';
import type { MajorPair } from '../../support/servers/majors.ts';
import { playedByDay } from './by-day.ts';
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

const playedPairs = (scenario: Scenario): readonly MajorPair[] =>
  nightly || asGranted ? pairsOf(scenario) : (byDay.get(scenario) ?? []);

/** By day, every fourth of those that are interrupted. */
const cutOnes = new Set(
  runnable.filter(isInterrupted).filter((_, index) => nightly || index % 4 === 0),
);

/** By day every second one, and those that are interrupted; of the others the plan is made and compared. */
const appliedOnes = new Set(
  runnable.filter(
    (scenario, index) => nightly || asGranted || isInterrupted(scenario) || index % 4 < 2,
  ),
);

/** Every second scenario. */
export const describeScenarios = (half: 0 | 1): void => {
  const own = runnable.filter((_, index) => index % 2 === half);
  describe.concurrent.each(own)('$name', (scenario) => {
    // A golden file is written once, and then compared on the other pairs.
    const pairs = updating ? pairsOf(scenario).slice(0, 1) : playedPairs(scenario);

    const performances = new Map<MajorPair, Promise<Performed | null>>();
    // Once for each pair, whichever test asks first: with -t, only one of them runs.
    const performed = (pair: MajorPair): Promise<Performed | null> => {
      const begun =
        performances.get(pair) ??
        onStage(scenario, pair, (stage) => perform(stage, updating, !appliedOnes.has(scenario)));
      performances.set(pair, begun);
      return begun;
    };
    test.concurrent.for(pairs)('%i -> %i', async (pair) => {
      await performed(pair);
    });

    if (!isInterrupted(scenario) || updating) return;
    test.concurrent.for(pairs.slice(0, 1))('interrupted, %i -> %i', { timeout: 600_000 }, (pair) =>
      performInterrupted(scenario, pair, performed(pair)),
    );
    if (!cutOnes.has(scenario)) return;
    test.concurrent.for(pairs.slice(0, 1))('cut, %i -> %i', { timeout: 600_000 }, (pair) =>
      performCut(scenario, pair, performed(pair)),
    );
  });
};
