// By day scenarios leave out pairs of majors that show no more of any kind of step.

import { expect, test } from 'vitest';
import { playedByDay, shownBy } from '../scenarios/runner/by-day.ts';
import { readScenarios, type Scenario } from '../scenarios/runner/scenario.ts';

const scenarios = readScenarios();
const ownPairs = ({ settings }: Scenario) => settings.pairs;
const byDay = playedByDay(scenarios, ownPairs);

const shownOn = (pairs: (scenario: Scenario) => ReturnType<typeof ownPairs>): readonly string[] => [
  ...new Set(
    scenarios.flatMap((scenario) => pairs(scenario).flatMap((pair) => shownBy(scenario, pair))),
  ),
];

test('every scenario is played by day, on the first of its pairs', () => {
  for (const scenario of scenarios) {
    expect(byDay.get(scenario)?.[0], scenario.name).toEqual(ownPairs(scenario)[0]);
  }
});

test('every kind of step is played by day on every major, on each side, that a scenario names for it', () => {
  const all = shownOn(ownPairs);
  expect(all.length).toBeGreaterThan(0);
  expect(shownOn((scenario) => byDay.get(scenario) ?? []).toSorted()).toEqual(all.toSorted());
});

test('a pair is played by day only where it shows something new', () => {
  const plays = scenarios.flatMap((scenario) => byDay.get(scenario) ?? []);
  expect(plays.length).toBeLessThan(scenarios.flatMap(ownPairs).length);
});
