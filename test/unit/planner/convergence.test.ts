// Plans lead where they should, and may be interrupted and continued at any point. Over arbitrary files and servers,
// executed by a simulator.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PlannedStep, PlanOptions } from '../../../src/model/plan/plan.ts';
import type { LiveState, RemovalAction } from '../../../src/model/state/state.ts';
import { comparePlans } from '../../../src/planner/plan/compare-plans.ts';
import { asNodesMayEndThem } from '../../support/plans/any-order.ts';
import { assumeUnblocked } from '../../support/plans/assume-unblocked.ts';
import {
  anyTransition,
  type Transition,
  tamper,
  untouchedServers,
} from '../../support/plans/generate.ts';
import { simulateStep, simulateSteps } from '../../support/plans/simulate.ts';
import { planOf, resourcesOf } from '../../support/worlds/worlds.ts';

/** The servers on which one file was applied and that a user touched since. */
const reached = ({ versions, before, deeds }: Transition): LiveState => {
  const servers = untouchedServers(versions);
  return tamper(simulateSteps(servers, planOf(before, servers).steps), deeds);
};

const prune = fc.boolean().map((value) => ({ prune: value }));

const ids = (steps: readonly PlannedStep[]): readonly string[] => steps.map(({ id }) => id);

test('a topology that is as the file says needs no step', () => {
  fc.assert(
    fc.property(anyTransition, (transition) => {
      const live = reached({ ...transition, deeds: [] });
      const { changes, steps } = planOf(transition.before, live, { prune: true });
      expect({ changes, steps }).toEqual({ changes: [], steps: [] });
    }),
    { numRuns: 60 },
  );
});

test('from any file to any other, one plan is enough', () => {
  fc.assert(
    fc.property(anyTransition, prune, (transition, options) => {
      const live = reached(transition);
      const plan = planOf(transition.after, live, options);
      assumeUnblocked(plan);
      const { steps } = plan;
      expect(ids(planOf(transition.after, simulateSteps(live, steps), options).steps)).toEqual([]);
    }),
    { numRuns: 120 },
  );
});

test('after any step the rest of the plan is what is planned, and nothing else', () => {
  const picks = fc.array(fc.nat(), { minLength: 60, maxLength: 60 });
  fc.assert(
    fc.property(anyTransition, prune, picks, (transition, options, order) => {
      let live = reached(transition);
      const plan = planOf(transition.after, live, options);
      assumeUnblocked(plan);
      for (const step of asNodesMayEndThem(plan.steps, order)) {
        live = simulateStep(live, step);
        const { unexpected } = comparePlans(plan, planOf(transition.after, live, options));
        expect({ after: step.id, unexpected }).toEqual({ after: step.id, unexpected: [] });
      }
    }),
    { numRuns: 40 },
  );
});

test('without --prune nothing is dropped but for a replacement', () => {
  fc.assert(
    fc.property(anyTransition, (transition) => {
      const { changes, steps } = planOf(transition.after, reached(transition));
      const replaced = changes.filter(({ action }) => action === 'replace');
      const drops = steps.filter(({ kind }) => kind.startsWith('drop-'));
      expect(drops.map(({ kind }) => kind)).not.toContain('drop-publication');
      const subscriptions = drops.filter(({ kind }) => kind === 'drop-subscription');
      expect(subscriptions.map(({ address }) => address).toSorted()).toEqual(
        replaced
          .flatMap(({ kind, address }) => (kind === 'subscription' ? [address] : []))
          .toSorted(),
      );
      const slots = drops.filter(({ kind }) => kind === 'drop-slot');
      expect(slots.every(({ why }) => why.endsWith(' is replaced'))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

/**
 * As on a first apply, and after steep_repl was dropped manually: everything that is there belongs to another owner.
 */
const disowned = (live: LiveState): LiveState => ({
  ...live,
  nodes: Object.fromEntries(
    Object.entries(live.nodes).map(([name, state]) => [
      name,
      {
        ...state,
        resources: state.resources
          .filter(({ kind }) => kind !== 'metadata' && kind !== 'node')
          .map((found) => ({ ...found, owned: false, protect: false })),
      },
    ]),
  ),
});

test('where steep never applied, no plan drops anything, whatever is asked', () => {
  const options = fc.constantFrom<PlanOptions>({ prune: true }, { prune: true, destroy: true });
  const actions = fc.constantFrom<RemovalAction>('drop', 'detach', 'keep');
  fc.assert(
    fc.property(anyTransition, options, actions, (transition, asked, action) => {
      const live = disowned(reached(transition));
      const removed = resourcesOf(live).map(({ address }) => ({
        address,
        action,
        source: 'steep.yaml:1',
      }));
      const { steps, summary } = planOf({ ...transition.after, removed }, live, asked);
      expect(steps.filter(({ kind }) => kind.startsWith('drop-'))).toEqual([]);
      expect(summary.drop).toBe(0);
    }),
    { numRuns: 80 },
  );
});
