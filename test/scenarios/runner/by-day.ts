// Which scenarios are played on which majors by day: each on its first pair, and on another one only where it shows a kind of
// step there that no play before it shows. At night all of them are played, on every pair.

import type { MajorPair } from '../../support/servers/majors.ts';
import type { Scenario } from './scenario.ts';

/** What a play of the scenario on this pair shows of majors: its kinds of steps, on each side. */
export const shownBy = (
  { settings }: Scenario,
  [publisher, subscriber]: MajorPair,
): readonly string[] =>
  settings.require.flatMap((kind) => [`${kind} from ${publisher}`, `${kind} to ${subscriber}`]);

/** What each scenario plays of `pairs` by day: the first plays, in the order given, that show all that all would show. */
export const playedByDay = (
  scenarios: readonly Scenario[],
  pairs: (scenario: Scenario) => readonly MajorPair[],
): ReadonlyMap<Scenario, readonly MajorPair[]> => {
  const shown = new Set(
    scenarios.flatMap((scenario) =>
      pairs(scenario)
        .slice(0, 1)
        .flatMap((pair) => shownBy(scenario, pair)),
    ),
  );
  const isPlayed = (shows: readonly string[], index: number): boolean => {
    const isNew = shows.some((it) => !shown.has(it));
    for (const it of shows) shown.add(it);
    return isNew || index === 0;
  };
  return new Map(
    scenarios.map((scenario) => [
      scenario,
      pairs(scenario).filter((pair, index) => isPlayed(shownBy(scenario, pair), index)),
    ]),
  );
};
