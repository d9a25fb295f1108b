// What keeps an edge from being well: when it is so, and what is said of it.

import type { ChangeDetail } from '../plan/plan.ts';
import type { EdgeFacts } from './edge-facts.ts';

export interface HealthCheckOf<Code extends string> {
  /** Stable, upper case, known to `steep explain`. */
  readonly code: Code;
  readonly health: 'broken' | 'unknown' | 'lagging' | 'copying' | 'disabled';
  readonly applies: (edge: EdgeFacts, maxLag: number) => boolean;
  readonly reason: string | ((edge: EdgeFacts) => string);
  /** `before`: as it should be; `after`: as it is. */
  readonly details?: (edge: EdgeFacts, maxLag: number) => readonly ChangeDetail[];
  readonly cure: (edge: EdgeFacts) => readonly string[];
}

/** Keeps the codes of a list as types. */
export const defineChecks = <const Code extends string>(
  ...list: readonly HealthCheckOf<Code>[]
): readonly HealthCheckOf<Code>[] => list;

export const nothingToDo = (): readonly string[] => [];
export const planAgain = (): readonly string[] => ['steep plan'];

/** At most so many names in a sentence. */
const namesShown = 5;

export const isSome = (names: readonly string[] | null): boolean =>
  names !== null && names.length > 0;

export const listed = (names: readonly string[] | null): string => {
  const all = names ?? [];
  const more = all.length > namesShown ? ` and ${all.length - namesShown} more` : '';
  return `${all.slice(0, namesShown).join(', ')}${more}`;
};

export const isOn = ({ enabled }: EdgeFacts): boolean => enabled === true;

export const fails = (edge: EdgeFacts): boolean => isOn(edge) && edge.errorsMoving === true;

export const isCopying = ({ tablesReady, tablesTotal }: EdgeFacts): boolean =>
  tablesReady < tablesTotal;

export const waitsForLock = (edge: EdgeFacts): boolean =>
  isOn(edge) && edge.stalled === true && edge.blockers.length > 0;
