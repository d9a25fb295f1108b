// Walks a plan: each step after those it needs, one at a time on each node, nodes side by side.
// Knows a step by its id, node and needs only.

import type { RunContext } from '../executors/executor.ts';
import type { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import { stopReason } from '../model/plan/interruption.ts';
import type { RunFailure, StepReport, StepStatus } from '../model/plan/run-report.ts';
import type { NodeName } from '../model/state/address.ts';
import type { Step, StepId } from '../model/step/step.ts';
import { runStep } from './run-step.ts';
import { failureOf } from './step-failure.ts';

export interface PlanRun {
  readonly reports: readonly StepReport[];
  /** Of the first step that failed, or why the run stopped; null: neither. */
  readonly failure: SteepError | null;
  readonly interrupted: boolean;
}

/** The context of one step: the same, with progress that names the step. */
export type StepContext = (step: Step) => RunContext;

/** A connection that broke in the middle leaves open whether the server did it. */
const statusOf = (failure: SteepError): StepStatus =>
  failure.code === 'CONNECTION_LOST' ? 'in-doubt' : 'failed';

/** What fails after the run has stopped, fails because of it, unless the server itself went away. */
const causeOf = (failure: SteepError, stopped: SteepError | null): SteepError =>
  failure.code === 'CONNECTION_LOST' ? failure : (stopped ?? failure);

/** Whether a step that failed so is tried again once this walk has ended: then nobody is told that it failed. */
export type TriedAgain = (step: Step, failure: SteepError) => boolean;

interface Walk {
  readonly steps: readonly Step[];
  readonly contextOf: StepContext;
  readonly signal: AbortSignal;
  readonly triedAgain: TriedAgain;
  readonly reports: Map<StepId, StepReport>;
  failure: SteepError | null;
}

const report = (
  step: Step,
  status: StepStatus,
  durationMs: number | null = null,
  error: RunFailure | null = null,
): StepReport => ({ id: step.id, kind: step.kind, node: step.node, status, durationMs, error });

const runOne = async (walk: Walk, step: Step): Promise<void> => {
  const context = walk.contextOf(step);
  const { id, kind, node } = step;
  const started = context.clock();
  context.emit({ event: 'run.step_started', step: id, kind, node, why: step.why });
  try {
    await runStep(step, context);
    const duration = Math.round(context.clock() - started);
    walk.reports.set(id, report(step, 'done', duration));
    context.emit({ event: 'run.step_done', step: id, kind, node, duration_ms: duration });
  } catch (error) {
    const stopped = stopReason(walk.signal);
    // An interrupt ends waits, and cancels the creation of a slot: nothing of the step is done then.
    if (walk.signal.aborted && stopped === null && !context.session(node).closed) return;
    const failure = causeOf(failureOf(error, step), stopped);
    walk.failure ??= failure;
    const { code, message } = failure;
    const duration = Math.round(context.clock() - started);
    walk.reports.set(id, report(step, statusOf(failure), duration, reasonOf(failure)));
    if (walk.triedAgain(step, failure)) context.progress(message);
    else context.emit({ event: 'run.step_failed', step: id, kind, node, code, message }, 'error');
  }
};

/** Where no step was in flight when the run stopped, the next one says why it was not started. */
const tellStop = (walk: Walk, stopped: SteepError): void => {
  const next = walk.steps.find(({ id }) => !walk.reports.has(id));
  if (next === undefined || walk.failure !== null) return;
  walk.failure = stopped;
  walk.reports.set(next.id, report(next, 'not-started', null, reasonOf(stopped)));
};

const reasonOf = ({ code, message, suggestions }: SteepError): RunFailure => ({
  code,
  message,
  suggestions,
});

const isDone = (walk: Walk, id: StepId): boolean => {
  const status = walk.reports.get(id)?.status;
  return status === 'done' || status === 'skipped';
};

/** The next steps that may start: needs done, node free, nothing failed, no interrupt. */
const nextSteps = (walk: Walk, busy: ReadonlySet<NodeName>): readonly Step[] => {
  if (walk.failure !== null || walk.signal.aborted) return [];
  const taken = new Set(busy);
  return walk.steps.filter((step) => {
    if (walk.reports.has(step.id) || taken.has(step.node)) return false;
    if (!step.needs.every((id) => isDone(walk, id))) return false;
    taken.add(step.node);
    return true;
  });
};

/** Runs all steps that can be run; after a failure the others in flight end, and none is started. */
export const runPlan = async (
  steps: readonly Step[],
  contextOf: StepContext,
  signal: AbortSignal,
  triedAgain: TriedAgain = () => false,
): Promise<PlanRun> => {
  const walk: Walk = { steps, contextOf, signal, triedAgain, reports: new Map(), failure: null };
  const running = new Map<NodeName, Promise<void>>();
  for (;;) {
    for (const step of nextSteps(walk, new Set(running.keys()))) {
      running.set(
        step.node,
        runOne(walk, step).finally(() => running.delete(step.node)),
      );
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  const stopped = stopReason(signal);
  if (stopped !== null) tellStop(walk, stopped);
  return {
    reports: steps.map((step) => walk.reports.get(step.id) ?? report(step, 'not-started')),
    failure: walk.failure,
    interrupted: signal.aborted && stopped === null,
  };
};

/** How a step failed is more than that steps were done: it did not end in time, or is not what was agreed to any more. */
const saysMore: readonly ExitCode[] = [ExitCode.notConverged, ExitCode.stale];

/** The exit code of a run that was not interrupted. */
export const exitOf = (run: PlanRun): ExitCode => {
  if (run.failure === null) return ExitCode.done;
  if (saysMore.includes(run.failure.exit)) return run.failure.exit;
  const begun = run.reports.some(({ status }) => status === 'done' || status === 'in-doubt');
  if (begun) return ExitCode.partial;
  return run.failure.exit === ExitCode.locked ? ExitCode.locked : ExitCode.error;
};
