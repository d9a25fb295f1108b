// What --reinit plans, and that a run which is interrupted after any step is continued, and not started again.

import { describe, expect, test } from 'vitest';
import type { Plan, PlanOptions, Reinitialized } from '../../../../../src/model/plan/plan.ts';
import type { LiveState, NodeState } from '../../../../../src/model/state/state.ts';
import { comparePlans } from '../../../../../src/planner/plan/compare-plans.ts';
import { appliedAs } from '../../../../support/plans/drifts.ts';
import { simulateSteps } from '../../../../support/plans/simulate.ts';
import {
  again,
  blocksOf,
  file,
  ids,
  orders,
  plain,
  publications,
  running,
  tables,
} from '../../../../support/worlds/running-edges.ts';
import { planOf } from '../../../../support/worlds/worlds.ts';

const goOn = (live: LiveState, options: PlanOptions, reviewed?: readonly Reinitialized[]): Plan =>
  planOf(file(), live, options, [], reviewed);

describe('tables of a running subscription', () => {
  test('are emptied and copied again while the shared publication stays', () => {
    const plan = planOf(file(), running, again(orders));
    expect(ids(plan).map((id) => id.replace(/_[0-9a-f]{12}/, ''))).toEqual([
      'create-publication primary/publication.steep_without_1',
      'wait-for-slot primary/slot.feed',
      'set-publications reporting/subscription.feed aside',
      'refresh-subscription reporting/subscription.feed aside',
      'disable-subscription reporting/subscription.feed',
      'wait-for-stop primary/slot.feed',
      'truncate-tables reporting/subscription.feed',
      'set-publications reporting/subscription.feed',
      'enable-subscription reporting/subscription.feed',
      'refresh-subscription reporting/subscription.feed',
      'wait-for-copy reporting/subscription.feed',
      'drop-publication primary/publication.steep_without_1',
    ]);
    expect(plan.reinit).toEqual([{ address: orders[0], was: expect.stringMatching(/^0\//) }]);
    const after = simulateSteps(running, plan.steps);
    expect(ids(planOf(file(), after))).toEqual([]);
  });

  test('leave their copy of the publication as it is for the others', () => {
    const [create] = planOf(file(), running, again(orders)).steps;
    expect(create).toMatchObject({ spec: { tables: [{ table: { name: 'customers' } }] } });
  });

  test('are chosen with a `*` in the name', () => {
    const plan = planOf(file(), running, again(['reporting/copy.feed:public.*']));
    const truncate = plan.steps.find(({ kind }) => kind === 'truncate-tables');
    expect(truncate).toMatchObject({ tables: tables.map(({ name }) => name) });
    const made = plan.steps.filter(({ kind }) => kind === 'create-publication');
    expect(made).toHaveLength(2);
  });

  test('with a part only, nothing that it needs is left out', () => {
    const target = ['reporting/subscription.feed'];
    const whole = planOf(file(), running, again(orders));
    const part = planOf(file(), running, { ...again(orders), target });
    expect(ids(part)).toEqual(ids(whole));
    whole.steps.forEach((_step, index) => {
      const live = simulateSteps(running, whole.steps.slice(0, index + 1));
      const rest = planOf(file(), live, { ...again(orders), target }, [], whole.reinit);
      expect(ids(rest), `after ${index + 1}`).toEqual(
        ids(whole).filter((id, at) => at > index || isHarmless(id, index, 2)),
      );
    });
  });
});

describe('a run that was interrupted', () => {
  const whole = planOf(file(), running, again([...orders, 'reporting/copy.feed:public.refunds']));
  const stops = whole.steps.map((step, index) => ({
    name: step.id,
    index,
    live: simulateSteps(running, whole.steps.slice(0, index + 1)),
  }));
  const asideAt = whole.steps.findIndex(({ kind }) => kind === 'set-publications');
  const backAt = whole.steps.findLastIndex(({ kind }) => kind === 'set-publications');

  test.each(stops)('continues from the reviewed plan after $name', ({ live, index }) => {
    const rest = goOn(live, whole.options, whole.reinit);
    expect(comparePlans(whole, rest).unexpected).toEqual([]);
    expect(ids(rest)).toEqual(
      ids(whole).filter((id, at) => at > index || isHarmless(id, index, asideAt)),
    );
    expect(ids(goOn(simulateSteps(live, rest.steps), plain))).toEqual([]);
  });

  test.each(stops.slice(0, -1))(
    'continues when it is asked again after $name',
    ({ live, index }) => {
      const rest = goOn(live, whole.options);
      expect(ids(rest)).toEqual(
        ids(whole).filter((id, at) => at > index || isHarmless(id, index, asideAt)),
      );
    },
  );

  test.each(stops)('is ended by a plain apply after $name', ({ live, index }) => {
    const rest = goOn(live, plain);
    const end = simulateSteps(live, rest.steps);
    expect(ids(goOn(end, plain))).toEqual([]);
    const emptied = rest.steps.some(({ kind }) => kind === 'truncate-tables');
    // What has not begun is rolled back; what has is brought to its end.
    expect(emptied).toBe(index >= asideAt && index < emptiedAt(whole));
  });

  test.each(stops.slice(asideAt, backAt))(
    'puts back first what others have changed in a publication, after $name',
    ({ live }) => {
      const primary = live.nodes.primary as NodeState;
      const sales = primary.resources.find((it) => it.address === 'primary/publication.sales');
      const resources = primary.resources.map((it) =>
        it === sales && it?.kind === 'publication'
          ? { ...it, spec: { ...it.spec, publish: ['insert' as const] } }
          : it,
      );
      const applied = [...primary.applied, ...(sales === undefined ? [] : appliedAs(sales))];
      const changed = {
        ...live,
        nodes: { ...live.nodes, primary: { ...primary, resources, applied } },
      };
      const rest = goOn(changed, plain);
      expect(blocksOf(rest)).toEqual([]);
      const [at, ...readers] = [
        'alter-publication primary/publication.sales',
        'refresh-subscription reporting/subscription.feed aside',
        'set-publications reporting/subscription.feed',
      ].map((id) => ids(rest).indexOf(id));
      expect(at).toBeGreaterThanOrEqual(0);
      for (const reader of readers.filter((it) => it !== -1))
        expect(reader).toBeGreaterThan(at ?? 0);
      expect(ids(goOn(simulateSteps(changed, rest.steps), plain))).toEqual([]);
      const otherwise = file({
        publications: publications.map((it) => ({ ...it, publish: ['insert' as const] })),
      });
      expect(blocksOf(planOf(otherwise, live, plain))).toContain('REINIT_BLOCKED');
    },
  );

  test('other tables are not begun meanwhile', () => {
    const live = simulateSteps(running, whole.steps.slice(0, asideAt + 1));
    const other = goOn(live, again(['reporting/copy.feed:public.customers']));
    expect(blocksOf(other)).toEqual(['REINIT_BLOCKED']);
  });

  test('the saved plan, once it is done, does nothing', () => {
    const end = simulateSteps(running, whole.steps);
    expect(ids(goOn(end, whole.options, whole.reinit))).toEqual([]);
    expect(ids(goOn(end, whole.options))).toEqual(ids(whole));
  });
});

/** Waits are repeated, which does not hurt. */
const isHarmless = (id: string, index: number, asideAt: number): boolean =>
  (id.startsWith('wait-for-slot') && index < asideAt) ||
  (id.startsWith('wait-for-stop') && index > asideAt && index < asideAt + 5);

const emptiedAt = ({ steps }: Plan): number =>
  steps.findIndex(({ kind }) => kind === 'truncate-tables');
