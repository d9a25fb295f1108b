// Every scenario on real servers. A folder is a scenario; runner/ says what is asserted of it.
// UPDATE_SCENARIOS=1 writes the plans (review each); STEEP_TEST_NIGHTLY=1 runs every pair and interruption.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hazardCatalogue } from '../../src/model/hazard-catalogue.ts';
import { performInterrupted } from './runner/interrupt.ts';
import { perform } from './runner/perform.ts';
import { isInterrupted, pairsOf, readScenarios } from './runner/scenario.ts';
import { onStage } from './runner/stage.ts';

const scenarios = readScenarios();
const updating = process.env.UPDATE_SCENARIOS !== undefined;

// With STEEP_TEST_MAJORS some scenarios have no pair left.
const runnable = scenarios.filter((scenario) => pairsOf(scenario).length > 0);

describe.each(runnable)('$name', (scenario) => {
  // A golden file is written once, and then compared on the other pairs.
  const pairs = updating ? pairsOf(scenario).slice(0, 1) : pairsOf(scenario);

  test.concurrent.each(pairs)('%i -> %i', (...pair) =>
    onStage(scenario, pair, (stage) => perform(stage, updating)),
  );

  if (!isInterrupted(scenario) || updating) return;
  test.concurrent.each(pairs.slice(0, 1))(
    'interrupted, %i -> %i',
    { timeout: 300_000 },
    (...pair) => performInterrupted(scenario, pair),
  );
});

/** Hazards that no scenario shows, and why. */
const shownElsewhere: Readonly<Record<string, string>> = {
  TARGET_MISMATCH: 'needs another server behind the same name: integration tests',
  MINOR_VERSION: 'needs an old minor release: unit tests of the planner',
  POOLER: 'needs a pooler: integration tests',
  SCHEMA_ORDER: 'steep does not change tables yet',
  TARGET_TRUNCATE: 'steep does not empty tables yet',
  SHARED_PUBLICATION: 'steep does not copy tables again yet',
};

test('every hazard is shown by a scenario', () => {
  const shown = scenarios.map(({ goldenPath }) => readFileSync(goldenPath, 'utf8')).join('\n');
  const isShown = (code: string): boolean => new RegExp(`^ +! \\w+ +${code} `, 'm').test(shown);
  const missing = Object.keys(hazardCatalogue).filter((code) => !isShown(code));
  expect(missing.toSorted()).toEqual(Object.keys(shownElsewhere).toSorted());
});
