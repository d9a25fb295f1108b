// By day scenarios leave out pairs of majors that show no more of any kind of step.

import { expect, test } from 'vitest';
import { playedByDay, shownBy } from '../scenarios/runner/by-day.ts';
import { isInterrupted, readScenarios, type Scenario } from '../scenarios/runner/scenario.ts';

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
    expect(byDay.get(scenario)?.[0]?.pair, scenario.name).toEqual(ownPairs(scenario)[0]);
  }
});

const appliedPairs = (scenario: Scenario) =>
  (byDay.get(scenario) ?? []).filter(({ applied }) => applied).map(({ pair }) => pair);

test('every kind of step is applied by day on every major, on each side, that a scenario names for it', () => {
  const all = shownOn(ownPairs);
  expect(all.length).toBeGreaterThan(0);
  expect(shownOn(appliedPairs).toSorted()).toEqual(all.toSorted());
});

test('those that are interrupted by day are applied first', () => {
  for (const scenario of scenarios.filter(isInterrupted)) {
    expect(byDay.get(scenario)?.[0]?.applied, scenario.name).toBe(true);
  }
});

test('a pair is applied by day only where it shows something new', () => {
  const plays = scenarios.flatMap(appliedPairs);
  expect(plays.length).toBeLessThan(scenarios.flatMap(ownPairs).length / 2);
});
