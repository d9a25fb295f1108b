// Puts steps into an order in which each comes after what it needs. Deterministic: it does not depend
// on the order of the input. A cycle is a bug in a rule.

import { compareText } from '../model/identifier.ts';
import type { Step, StepId } from '../model/step/step.ts';
import { rankOf } from '../model/step/step-traits.ts';

interface Orderable {
  readonly id: StepId;
  readonly kind: Step['kind'];
  readonly needs: readonly StepId[];
}

const compare = (a: Orderable, b: Orderable): number =>
  rankOf(a.kind) - rankOf(b.kind) || compareText(a.id, b.id);

/** @throws Error where a rule names a step that it did not plan: its order would be lost. */
export const assertNeedsPlanned = (
  steps: readonly { readonly id: StepId; readonly requires?: readonly StepId[] }[],
): void => {
  const present = new Set(steps.map(({ id }) => id));
  for (const { id, requires = [] } of steps) {
    const missing = requires.find((needed) => !present.has(needed));
    if (missing !== undefined)
      throw new Error(`${id} comes after ${missing}, which is not planned`);
  }
};

/**
 * Orders steps, and drops needs that no step of this plan answers: they are done already.
 * @throws Error on a cycle.
 */
export const order = <S extends Orderable>(steps: readonly S[]): readonly S[] => {
  const present = new Set(steps.map(({ id }) => id));
  const waiting = steps
    .map((step) => ({
      ...step,
      needs: [...new Set(step.needs)]
        .filter((id) => present.has(id) && id !== step.id)
        .sort(compareText),
    }))
    .sort(compare);
  const placed = new Set<StepId>();
  const ordered: S[] = [];
  while (waiting.length > 0) {
    const next = waiting.findIndex(({ needs }) => needs.every((id) => placed.has(id)));
    if (next === -1) {
      throw new Error(
        `these steps depend on each other in a cycle: ${waiting.map(({ id }) => id).join(', ')}`,
      );
    }
    for (const step of waiting.splice(next, 1)) {
      placed.add(step.id);
      ordered.push(step);
    }
  }
  return ordered;
};
