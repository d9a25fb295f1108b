// The order of steps: after what they need, the same for any order of the input, and no way round a cycle.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StepKind } from '../../../src/model/step/step.ts';
import { assertNeedsPlanned, order } from '../../../src/planner/order.ts';

interface Orderable {
  readonly id: string;
  readonly kind: StepKind;
  readonly needs: readonly string[];
}

const kinds: readonly StepKind[] = ['create-publication', 'create-slot', 'create-subscription'];

/** Steps that need earlier ones only, and some that are in no plan. */
const acyclic: fc.Arbitrary<readonly Orderable[]> = fc
  .array(fc.tuple(fc.constantFrom(...kinds), fc.array(fc.nat(20))), { maxLength: 15 })
  .map((drafts) =>
    drafts.map(([kind, needs], index) => ({
      id: `${kind} ${index}`,
      kind,
      needs: needs.map((need) => {
        const needed = drafts[need];
        return needed !== undefined && need < index ? `${needed[0]} ${need}` : `done ${need}`;
      }),
    })),
  );

const shuffled = <T>(items: readonly T[]): fc.Arbitrary<readonly T[]> =>
  fc.shuffledSubarray([...items], { minLength: items.length });

test('every step comes once, after all that it needs', () => {
  fc.assert(
    fc.property(acyclic, (steps) => {
      const placed = order(steps).map(({ id }) => id);
      expect(placed.toSorted()).toEqual(steps.map(({ id }) => id).toSorted());
      for (const { id, needs } of steps) {
        const before = placed.slice(0, placed.indexOf(id));
        expect(before).toEqual(
          expect.arrayContaining(needs.filter((need) => placed.includes(need))),
        );
      }
    }),
  );
});

test('the order of the input does not matter', () => {
  const twoOrders = acyclic.chain((steps) => fc.tuple(fc.constant(steps), shuffled(steps)));
  fc.assert(
    fc.property(twoOrders, ([steps, others]) => {
      expect(order(others)).toEqual(order(steps));
    }),
  );
});

test('needs that no step of the plan answers are dropped: they are done already', () => {
  const [step] = order([{ id: 'b', kind: 'create-slot', needs: ['a', 'b'] }]);
  expect(step?.needs).toEqual([]);
});

test('among steps that may run now, the earlier kind comes first, then the name', () => {
  const ids = order([
    { id: 's', kind: 'create-slot', needs: [] },
    { id: 'q', kind: 'create-publication', needs: [] },
    { id: 'p', kind: 'create-publication', needs: [] },
  ]).map(({ id }) => id);
  expect(ids).toEqual(['p', 'q', 's']);
});

test('steps that need each other throw', () => {
  const steps: readonly Orderable[] = [
    { id: 'a', kind: 'create-slot', needs: ['b'] },
    { id: 'b', kind: 'create-slot', needs: ['a'] },
    { id: 'c', kind: 'create-slot', needs: [] },
  ];
  expect(() => order(steps)).toThrow('these steps depend on each other in a cycle: a, b');
});

test('a step that comes after one that is not planned is a fault of its rule', () => {
  const steps = [{ id: 'b', requires: ['a'] }];
  expect(() => assertNeedsPlanned(steps)).toThrow('b comes after a, which is not planned');
  expect(() => assertNeedsPlanned([{ id: 'a' }, ...steps])).not.toThrow();
});
