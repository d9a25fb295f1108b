// Runs the steps of a plan. Where a connection was lost in the middle of one, what is done and what is left is read from
// the servers, under the locks that the run still holds, and the rest is run: as the same command would, run again.

import type { SteepError } from '../../model/errors.ts';
import { stopReason } from '../../model/plan/interruption.ts';
import type { PlannedStep } from '../../model/plan/plan.ts';
import type { StepReport } from '../../model/plan/run-report.ts';
import type { StepId } from '../../model/step/step.ts';
import { isBroken, passingTries } from '../../postgres/retry/passing-failures.ts';
import { type PlanRun, runPlan, type TriedAgain } from '../../run/run-plan.ts';
import type { Assignment } from './assignment.ts';
import { reconnecting } from './reconnect.ts';
import { leftCopies, rollBackCopies } from './roll-back-copies.ts';
import type { RunContexts } from './run-context.ts';

export interface RanSteps {
  readonly run: PlanRun;
  /** Of copies that the run had to take back: one sentence for each that is still there. */
  readonly left: readonly string[];
}

/** Steps that only wait are left out where waiting is not requested, unless another step needs them. */
const wanted = ({ request }: Assignment, steps: readonly PlannedStep[]): readonly PlannedStep[] => {
  if (request.wait) return steps;
  const waits = new Set(steps.flatMap(({ id, kind }) => (kind === 'wait-for-copy' ? [id] : [])));
  // The next apply does it, as long as the copy is under way.
  const others = steps.filter(
    ({ kind, needs }) => kind !== 'advance-sequences' || !needs.some((id) => waits.has(id)),
  );
  const needed = new Set(others.flatMap(({ needs }) => needs));
  return others.filter(({ id }) => !waits.has(id) || needed.has(id));
};

const announceSkipped = ({ reviewed, done }: Assignment, contexts: RunContexts): void => {
  const skipped = new Set(done);
  for (const { id, kind, node } of reviewed.steps.filter((step) => skipped.has(step.id))) {
    const reason = 'already done';
    contexts.emit({ event: 'run.step_skipped', step: id, kind, node, reason });
  }
};

/** Returns what is left. Of a run that lost its lock, what was copied may be another run's by now. */
const rollBack = async (context: RunContexts['context']): Promise<readonly string[]> => {
  const stopped = stopReason(context.signal);
  return stopped === null ? rollBackCopies(context) : leftCopies(context, stopped);
};

interface Trials {
  /** Whether another attempt makes sense: each step has a few, and a run that is to end has none. */
  readonly triedAgain: TriedAgain;
  /** Steps whose connection was lost, since this was asked last, and that nobody was told of. */
  readonly take: () => ReadonlyMap<StepId, SteepError>;
}

const countTrials = ({ signal }: RunContexts['context']): Trials => {
  const tries = new Map<StepId, number>();
  let lost = new Map<StepId, SteepError>();
  return {
    triedAgain: ({ id }, failure) => {
      const made = (tries.get(id) ?? 0) + 1;
      tries.set(id, made);
      const isHopeful = isBroken(failure) && !signal.aborted && made <= passingTries;
      if (isHopeful) lost.set(id, failure);
      return isHopeful;
    },
    take: () => {
      const taken = lost;
      lost = new Map();
      return taken;
    },
  };
};

const isOver = ({ status }: StepReport): boolean => status === 'done' || status === 'skipped';

/** Both as one run: what failed, or was not started, and is not in the rest is done. */
const joined = (earlier: PlanRun, rest: PlanRun): PlanRun => {
  const again = new Map(rest.reports.map((report) => [report.id, report]));
  const reports = earlier.reports.map((report): StepReport => {
    const later = again.get(report.id);
    again.delete(report.id);
    return later ?? (isOver(report) ? report : { ...report, status: 'done', error: null });
  });
  return { ...rest, reports: [...reports, ...again.values()] };
};

/** What is left of the plan; null: it cannot be continued by this run. */
const planRest = async (
  assignment: Assignment,
  { context }: RunContexts,
): Promise<readonly PlannedStep[] | null> => {
  try {
    return await reconnecting(assignment, context, assignment.planRest);
  } catch {
    // Whatever it is, the connection was lost first; the same command, run again, says the rest.
    return null;
  }
};

/** What was in flight when its connection was lost, and is not in the rest, is done. */
const tellEnds = (
  lost: ReadonlyMap<StepId, SteepError>,
  { reports }: PlanRun,
  rest: readonly PlannedStep[] | null,
  { emit }: RunContexts,
): void => {
  const ahead = new Set(rest?.map(({ id }) => id));
  for (const { id: step, kind, node, durationMs } of reports) {
    const failure = lost.get(step);
    if (failure === undefined || ahead.has(step)) continue;
    const { code, message } = failure;
    if (rest === null) emit({ event: 'run.step_failed', step, kind, node, code, message }, 'error');
    else emit({ event: 'run.step_done', step, kind, node, duration_ms: durationMs ?? 0 });
  }
};

/** Also while it tried to connect again. */
const orInterrupted = (run: PlanRun, signal: AbortSignal): PlanRun =>
  signal.aborted && stopReason(signal) === null ? { ...run, interrupted: true } : run;

/** Runs them until all are done, or one has failed for good. */
export const runSteps = async (
  assignment: Assignment,
  contexts: RunContexts,
): Promise<RanSteps> => {
  const { emit, contextOf, context } = contexts;
  const trials = countTrials(context);
  const walk = (steps: readonly PlannedStep[]): Promise<PlanRun> =>
    runPlan(steps, contextOf, context.signal, trials.triedAgain);
  const steps = wanted(assignment, assignment.steps);
  emit({ event: 'run.started', plan_id: assignment.reviewed.planId, steps: steps.length });
  announceSkipped(assignment, contexts);
  let run = await walk(steps);
  for (;;) {
    const left = await rollBack(context);
    const lost = trials.take();
    const isPassing = [...lost.values()].some((failure) => failure === run.failure);
    const rest = isPassing && left.length === 0 ? await planRest(assignment, contexts) : null;
    tellEnds(lost, run, rest, contexts);
    if (rest === null) return { run: orInterrupted(run, context.signal), left };
    run = joined(run, await walk(wanted(assignment, rest)));
  }
};
