// Which scenarios are played on which majors by day: each is planned on its first pair. It is applied there, and on other pairs,
// where it shows a kind of step that no play before it shows there. At night all of them are applied, on every pair.

import type { MajorPair } from '../../support/servers/majors.ts';
import { isInterrupted, type Scenario } from './scenario.ts';

export interface Play {
  readonly pair: MajorPair;
  /** False: its plan is made and compared, and that is all. */
  readonly applied: boolean;
}

/** What a play of the scenario on this pair shows of majors, once it is applied: its kinds of steps, on each side. */
export const shownBy = (
  { settings }: Scenario,
  [publisher, subscriber]: MajorPair,
): readonly string[] =>
  settings.plan_only
    ? []
    : settings.require.flatMap((kind) => [`${kind} from ${publisher}`, `${kind} to ${subscriber}`]);

/**
 * What each scenario plays of `pairs` by day: applied are those that are interrupted, on their first pair, and of the
 * others the first, in the order given, that show all that all would show.
 */
export const playedByDay = (
  scenarios: readonly Scenario[],
  pairs: (scenario: Scenario) => readonly MajorPair[],
): ReadonlyMap<Scenario, readonly Play[]> => {
  const shown = new Set<string>();
  const show = (scenario: Scenario, pair: MajorPair): boolean => {
    const before = shown.size;
    for (const it of shownBy(scenario, pair)) shown.add(it);
    return shown.size > before;
  };
  for (const scenario of scenarios.filter(isInterrupted)) {
    for (const pair of pairs(scenario).slice(0, 1)) show(scenario, pair);
  }
  const playsOf = (scenario: Scenario): readonly Play[] =>
    pairs(scenario)
      .map((pair, index) => {
        const isFirst = index === 0;
        const applied = show(scenario, pair) || (isFirst && isInterrupted(scenario));
        return { pair, applied, isPlayed: applied || isFirst };
      })
      .filter(({ isPlayed }) => isPlayed)
      .map(({ pair, applied }) => ({ pair, applied }));
  return new Map(scenarios.map((scenario) => [scenario, playsOf(scenario)]));
};
