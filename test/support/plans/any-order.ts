// The steps of a plan as nodes that work side by side may end them.

import type { PlannedStep } from '../../../src/model/plan/plan.ts';

/** The steps in another order that their needs allow; `picks` chooses among those that may be next. */
export const asNodesMayEndThem = (steps: readonly PlannedStep[], picks: readonly number[]) => {
  const left = [...steps];
  const done = new Set<string>();
  return picks.slice(0, steps.length).flatMap((pick) => {
    const free = left.filter(({ needs }) => needs.every((id) => done.has(id)));
    const next = free[pick % free.length];
    if (next === undefined) return [];
    left.splice(left.indexOf(next), 1);
    done.add(next.id);
    return [next];
  });
};
