// Scenarios as tests, in two halves, and several of each side by side: these are most of the run, and a scenario
// by itself mostly waits.
// UPDATE_SCENARIOS=1 writes the plans (review each); STEEP_TEST_NIGHTLY=1 runs every pair and interruption.

import { describe, test } from 'vitest';
import { performInterrupted } from './interrupt.ts';
import { perform } from './perform.ts';
import { isInterrupted, pairsOf, readScenarios } from './scenario.ts';
import { onStage } from './stage.ts';

const updating = process.env.UPDATE_SCENARIOS !== undefined;

// With STEEP_TEST_MAJORS some scenarios have no pair left.
const runnable = readScenarios().filter((scenario) => pairsOf(scenario).length > 0);

/** Every second scenario. */
export const describeScenarios = (half: 0 | 1): void => {
  const own = runnable.filter((_, index) => index % 2 === half);
  describe.concurrent.each(own)('$name', (scenario) => {
    // A golden file is written once, and then compared on the other pairs.
    const pairs = updating ? pairsOf(scenario).slice(0, 1) : pairsOf(scenario);

    test.concurrent.each(pairs)('%i -> %i', (...pair) =>
      onStage(scenario, pair, (stage) => perform(stage, updating)),
    );

    if (!isInterrupted(scenario) || updating) return;
    test.concurrent.each(pairs.slice(0, 1))(
      'interrupted, %i -> %i',
      { timeout: 600_000 },
      (...pair) => performInterrupted(scenario, pair),
    );
  });
};
