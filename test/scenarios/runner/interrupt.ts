// A run that is stopped after each of its steps in turn, and goes on from the same saved plan.

import { expect } from 'vitest';
import type { MajorPair } from '../../support/majors.ts';
import { assertInSync, endOf, prepare } from './perform.ts';
import type { Scenario } from './scenario.ts';
import { onStage, runSql, type Stage } from './stage.ts';
import { applyNow, dangersOf, planInPeace } from './steep.ts';

/** Plays the scenario without an interruption, and then once for every step of its plan. */
export const performInterrupted = async (scenario: Scenario, pair: MajorPair): Promise<void> => {
  let steps = 0;
  let end: unknown;
  await onStage(scenario, pair, async (stage) => {
    steps = await applyStopping(stage, null);
    end = await endOf(stage);
  });
  for (let stop = 1; stop <= steps; stop += 1) {
    await onStage(scenario, pair, async (stage) => {
      await applyStopping(stage, stop);
      expect(await endOf(stage), `stopped after ${stop} of ${steps} steps`).toEqual(end);
      await assertInSync(stage);
    });
  }
};

/** Applies a saved plan, stopped after so many steps and then again; returns how many steps it has. */
const applyStopping = async (stage: Stage, stop: number | null): Promise<number> => {
  await prepare(stage);
  const planFile = stage.path('plan.json');
  const plan = await planInPeace(stage, { out: planFile });
  await runSql(stage, 'planned');
  const allowed = dangersOf(plan);
  if (stop !== null) {
    const controller = new AbortController();
    let done = 0;
    const report = await applyNow(stage, {
      planFile,
      allowed,
      signal: controller.signal,
      onEvent: ({ event }) => {
        if (event === 'run.step_done' && ++done === stop) controller.abort();
      },
    });
    expect(report?.outcome, `stopped after ${stop}`).toBe('interrupted');
  }
  const report = await applyNow(stage, { planFile, allowed });
  const told = `resumed after ${stop} steps: ${JSON.stringify(report, null, 2)}`;
  expect(report?.outcome, told).toBe('converged');
  return plan.steps.length;
};
