// A part of a plan is as good as a whole one: it runs alone, may be interrupted and continued at any point, and blocks
// no other run. Over arbitrary files, servers and choices, executed by a simulator.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Plan, PlannedStep, PlanOptions } from '../../../../src/model/plan/plan.ts';
import type { DesiredState, LiveState } from '../../../../src/model/state/state.ts';
import { isKind } from '../../../../src/planner/context/context.ts';
import { comparePlans } from '../../../../src/planner/plan/compare-plans.ts';
import { knownAddresses } from '../../../../src/planner/target/named.ts';
import { assumeUnblocked } from '../../../support/plans/assume-unblocked.ts';
import {
  anyTransition,
  type Transition,
  tamper,
  untouchedServers,
} from '../../../support/plans/generate.ts';
import { simulateStep, simulateSteps } from '../../../support/plans/simulate.ts';
import { planOf, resourcesOf } from '../../../support/worlds/worlds.ts';

const reached = ({ versions, before, deeds }: Transition): LiveState => {
  const servers = untouchedServers(versions);
  return tamper(simulateSteps(servers, planOf(before, servers).steps), deeds);
};

/** Which of the addresses that change, or of all, are named, and how. */
const anyChoice = fc.record({
  prune: fc.boolean(),
  target: fc.array(fc.nat(), { maxLength: 2 }),
  exclude: fc.array(fc.nat(), { maxLength: 1 }),
});

type Choice = typeof anyChoice extends fc.Arbitrary<infer T> ? T : never;

const optionsOf = (choice: Choice, desired: DesiredState, live: LiveState): PlanOptions => {
  const { prune } = choice;
  const changing = planOf(desired, live, { prune }).steps.map(({ address }) => address);
  const addresses = [...changing, ...knownAddresses(desired, live)];
  const named = (picks: readonly number[]) =>
    picks.flatMap((pick) => addresses[pick % addresses.length] ?? []);
  const target = named(choice.target);
  // Without any, a plan would be whole.
  const exclude = named(target.length === 0 ? [0, ...choice.exclude] : choice.exclude);
  return { prune, target, exclude };
};

const ids = (steps: readonly PlannedStep[]): readonly string[] => steps.map(({ id }) => id);

interface Part {
  readonly options: PlanOptions;
  readonly live: LiveState;
  readonly whole: Plan;
  readonly part: Plan;
  readonly scope: readonly string[];
}

const partOf = (transition: Transition, choice: Choice): Part => {
  const live = reached(transition);
  const options = optionsOf(choice, transition.after, live);
  const whole = planOf(transition.after, live, { prune: choice.prune });
  assumeUnblocked(whole);
  const part = planOf(transition.after, live, options);
  return { options, live, whole, part, scope: part.steps.map(({ address }) => address) };
};

test('its steps are steps of the whole plan, and each has what it needs', () => {
  fc.assert(
    fc.property(anyTransition, anyChoice, (transition, choice) => {
      const { whole, part } = partOf(transition, choice);
      const inWhole = new Map(whole.steps.map((step) => [step.id, step]));
      const kept = new Set(ids(part.steps));
      for (const step of part.steps) {
        expect(inWhole.get(step.id)).toEqual(step);
        expect(step.needs.filter((id) => !kept.has(id))).toEqual([]);
      }
      const leftOut = new Set(part.targeting?.leftOut.map(({ address }) => address));
      const steps = whole.steps.filter(({ address }) => !leftOut.has(address));
      expect(ids(steps)).toEqual(ids(part.steps));
    }),
    { numRuns: 80 },
  );
});

test('after any step the rest of it is what is planned, and only what was executed is done', () => {
  fc.assert(
    fc.property(anyTransition, anyChoice, (transition, choice) => {
      const { options, part, scope, live: before } = partOf(transition, choice);
      let live = before;
      const carriedOut = new Set<string>();
      for (const step of part.steps) {
        live = simulateStep(live, step);
        carriedOut.add(step.id);
        const again = planOf(transition.after, live, options, scope);
        const { done, unexpected } = comparePlans(part, again);
        expect({ after: step.id, unexpected }).toEqual({ after: step.id, unexpected: [] });
        const waits = new Set(['wait-for-slot']);
        const early = done.filter(
          (id) => !carriedOut.has(id) && !waits.has(id.split(' ')[0] ?? ''),
        );
        expect({ after: step.id, early }).toEqual({ after: step.id, early: [] });
      }
      expect(ids(planOf(transition.after, live, options, scope).steps)).toEqual([]);
    }),
    { numRuns: 80 },
  );
});

test('it leaves no slot without a reader that a whole plan would not leave too', () => {
  fc.assert(
    fc.property(anyTransition, anyChoice, (transition, choice) => {
      const { live, whole, part } = partOf(transition, choice);
      const unread = (state: LiveState): readonly string[] => {
        const subs = resourcesOf(state).filter(isKind('subscription'));
        return resourcesOf(state)
          .filter(isKind('slot'))
          .filter(({ node, name }) =>
            subs.every(({ spec }) => spec.slot !== name || ![node, null].includes(spec.source)),
          )
          .map(({ address }) => address);
      };
      const known = new Set([...unread(live), ...unread(simulateSteps(live, whole.steps))]);
      const left = unread(simulateSteps(live, part.steps));
      expect(left.filter((address) => !known.has(address))).toEqual([]);
    }),
    { numRuns: 80 },
  );
});

test('afterwards one whole plan is enough', () => {
  fc.assert(
    fc.property(anyTransition, anyChoice, (transition, choice) => {
      const { part, live: before } = partOf(transition, choice);
      const live = simulateSteps(before, part.steps);
      const { prune } = choice;
      const { steps } = planOf(transition.after, live, { prune });
      const done = simulateSteps(live, steps);
      expect(ids(planOf(transition.after, done, { prune }).steps)).toEqual([]);
    }),
    { numRuns: 80 },
  );
});

test('the order in which addresses are named does not matter', () => {
  fc.assert(
    fc.property(anyTransition, anyChoice, (transition, choice) => {
      const { options, part, live } = partOf(transition, choice);
      const target = [...(options.target ?? []), ...(options.target ?? [])].toReversed();
      const other = planOf(transition.after, live, { ...options, target });
      expect(other.planId).toBe(part.planId);
    }),
    { numRuns: 30 },
  );
});
