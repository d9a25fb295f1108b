// A run that is stopped after each of its steps, and continues from the same saved plan.

import { expect } from 'vitest';
import type { RunReport } from '../../../src/model/plan/run-report.ts';
import type { MajorPair } from '../../support/servers/majors.ts';
import { endOf, type Performed, prepare } from './perform.ts';
import { nightly, type Scenario } from './scenario.ts';
import { onStage, runSql, type Stage } from './stage.ts';
import { type ApplyOptions, applyNow, dangersOf, planOf } from './steep.ts';

/** Whether a run is to be stopped, now that this step is done. */
type Stop = (step: string) => boolean;

/**
 * Plays the scenario stopped after every step, each time once more. At night also once for every step, stopped there
 * alone. It must end as it did without an interruption, `performed`.
 */
export const performInterrupted = async (
  scenario: Scenario,
  pair: MajorPair,
  performed: Promise<Performed | null>,
): Promise<void> => {
  const [stopped, uninterrupted] = await Promise.all([
    play(scenario, pair, stopAfterEach()),
    performed,
  ]);
  const { steps, end } = uninterrupted ?? fail();
  expect(stopped.stops, 'stops').toBeGreaterThan(0);
  expect(stopped.end, 'stopped after every step').toEqual(end);
  if (!nightly) return;
  for (let stop = 1; stop <= steps; stop += 1) {
    const once = await play(scenario, pair, stopAfter(stop));
    expect(once.stops, `stopped after ${stop}`).toBe(1);
    expect(once.end, `stopped after ${stop} of ${steps} steps`).toEqual(end);
  }
};

const fail = (): never => {
  throw new Error('a scenario that is only planned is not interrupted');
};

interface Played {
  readonly stops: number;
  readonly end: unknown;
}

const play = (scenario: Scenario, pair: MajorPair, stop: Stop): Promise<Played> =>
  onStage(scenario, pair, async (stage) => {
    const stops = await applyStopping(stage, stop);
    return { stops, end: await endOf(stage) };
  });

/** After each step that it has not stopped after yet: what a run has to do again is no stop. */
const stopAfterEach = (): Stop => {
  const stopped = new Set<string>();
  return (step) => stopped.size < stopped.add(step).size;
};

const stopAfter = (count: number): Stop => {
  let done = 0;
  return () => ++done === count;
};

/** Applies a saved plan as often as it takes: every time but the last is stopped. Returns how often it was. */
const applyStopping = async (stage: Stage, stop: Stop): Promise<number> => {
  await prepare(stage);
  const planFile = stage.path('plan.json');
  const plan = await planOf(stage, { out: planFile });
  await runSql(stage, 'planned');
  const options = { planFile, allowed: dangersOf(plan) };
  const steps = plan.steps.length;
  // An initial copy that was stopped may continue by steps of its own.
  for (let stops = 0; stops <= 2 * steps; stops += 1) {
    const report = await applyUntil(stage, options, stop);
    if (report?.outcome === 'interrupted') continue;
    const told = `resumed after ${stops} stops: ${JSON.stringify(report, null, 2)}`;
    expect(report?.outcome, told).toBe('converged');
    return stops;
  }
  throw new Error(`stopped more than ${2 * steps} times, of ${steps} steps`);
};

const applyUntil = (stage: Stage, options: ApplyOptions, stop: Stop): Promise<RunReport | null> => {
  const controller = new AbortController();
  return applyNow(stage, {
    ...options,
    signal: controller.signal,
    onEvent: (event) => {
      if (event.event === 'run.step_done' && stop(event.step)) controller.abort();
    },
  });
};
