// Executes a plan that passed the gate: runs its steps, waits for convergence, reports.

import type { SteepError } from '../../model/errors.ts';
import type { RunOutcome } from '../../model/event.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { exitOfInterrupt } from '../../model/plan/interruption.ts';
import type { Plan } from '../../model/plan/plan.ts';
import type { RunReport, StepReport } from '../../model/plan/run-report.ts';
import { addressOf, type NodeName } from '../../model/state/address.ts';
import { replacedMeanwhile, withGaps } from '../../planner/facts/records/replaced-meanwhile.ts';
import { serverFailure } from '../../postgres/failures.ts';
import { changedWorkerSettings } from '../../run/changed-worker-settings.ts';
import { converge } from '../../run/converge.ts';
import { interruptibleSleep } from '../../run/interruptible-sleep.ts';
import type { ConvergingEdge } from '../../run/look-at-edge.ts';
import { exitOf, type PlanRun } from '../../run/run-plan.ts';
import { readCatalogs } from '../plan/read-live.ts';
import type { Assignment } from './assignment.ts';
import { awaitedEdges } from './awaited-edges.ts';
import { lossesOf, noteLosses } from './note-losses.ts';
import { reconnecting } from './reconnect.ts';
import { leftBy, markSlots, nothingLeft, recordEdges } from './record-edges.ts';
import { recordSchemas } from './record-schemas.ts';
import { type RunContexts, runContexts } from './run-context.ts';
import { runSteps } from './run-steps.ts';

interface Ending {
  readonly outcome: RunOutcome;
  readonly exit: ExitCode;
  readonly behind: readonly string[];
}

/** Every step of the reviewed plan, those done before included. */
const allReports = ({ reviewed, done }: Assignment, run: PlanRun): readonly StepReport[] => {
  const ran = new Map(run.reports.map((report) => [report.id, report]));
  const skipped = new Set(done);
  return reviewed.steps.map(({ id, kind, node }) => {
    const status = skipped.has(id) ? 'skipped' : 'not-started';
    return ran.get(id) ?? { id, kind, node, status, durationMs: null, error: null };
  });
};

/** Every step is done, and a server cannot be asked any more how far replication is, or another run may change the node. */
const unknownState = ({ code, message }: SteepError): readonly string[] => [
  message,
  code === 'RUN_LOCK_LOST'
    ? 'every step of the plan is done; the state of replication is unknown: check it with steep status'
    : 'the state of replication is unknown: check that server and its log, then run steep status',
];

/** Nothing was lost: the next apply takes note of what is missing. */
const notRecorded = ({ message }: SteepError): readonly string[] => [
  message,
  'the present definitions of the tables were not recorded for steep drift: run steep apply again',
];

/** What was applied is recorded before the wait for convergence, which may be cut short. */
const recording = async (
  assignment: Assignment,
  { context }: RunContexts,
): Promise<Ending | null> => {
  const { reviewed, project, nodes, runtime } = assignment;
  const { steps, targeting } = reviewed;
  try {
    await reconnecting(assignment, context, async () => {
      const read = await readCatalogs(project, nodes, runtime);
      await recordSchemas({ steps, whole: targeting === undefined }, project, nodes, read);
      await markSlots(read, nodes);
    });
    return null;
  } catch (error) {
    const failure = serverFailure(error, 'reading its tables');
    if (failure === null) throw error;
    return { outcome: 'not-converged', exit: ExitCode.notConverged, behind: notRecorded(failure) };
  }
};

/** Nodes whose settings were said to be wrong before the plan was agreed to are not looked at again. */
const nodesToExamine = (
  edges: readonly ConvergingEdge[],
  { observed }: Plan,
): readonly NodeName[] =>
  [...new Set(edges.map(({ node }) => node))].filter(
    (node) => !(`WORKER_SETTING ${addressOf(node, 'node', node)}` in observed.hazards),
  );

/** Returns what is not as it must be when the wait is over; nothing when all has converged. */
const untilConverged = async (
  { reviewed, before, steps, project, nodes, request, identity, runtime }: Assignment,
  { context }: RunContexts,
): Promise<readonly string[]> => {
  const edges = awaitedEdges(reviewed, project.desired);
  const { signal, limits } = request;
  const behind = await converge(
    { edges, maxLag: reviewed.maxLag, timeoutMs: limits.waitTimeoutMs, lost: identity.locks.lost },
    { ...context, signal, sleep: interruptibleSleep(signal) },
  );
  if (behind.length > 0) return behind;
  const now = await readCatalogs(project, nodes, runtime);
  const replaced = replacedMeanwhile({ before, now, steps });
  const live = withGaps(now, replaced);
  const left = isPart(reviewed) ? leftBy(reviewed.steps, live) : nothingLeft;
  await recordEdges(live, nodes, left, new Set(Object.keys(reviewed.observed.hazards)));
  await noteLosses(lossesOf(live), nodes, { runId: identity.runId, emit: context.emit });
  const lost = lossesOf({ ...now, edgeGaps: replaced });
  const wrong = await changedWorkerSettings(nodesToExamine(edges, reviewed), context);
  return [...lost.map(({ error }) => error), ...wrong];
};

const convergence = async (assignment: Assignment, contexts: RunContexts): Promise<Ending> => {
  const { request } = assignment;
  const unrecorded = await recording(assignment, contexts);
  if (unrecorded !== null) return unrecorded;
  if (!request.wait) return { outcome: 'applied', exit: ExitCode.done, behind: [] };
  try {
    const behind = await reconnecting(assignment, contexts.context, () =>
      untilConverged(assignment, contexts),
    );
    return behind.length === 0
      ? { outcome: 'converged', exit: ExitCode.done, behind }
      : { outcome: 'not-converged', exit: ExitCode.notConverged, behind };
  } catch (error) {
    if (request.signal.aborted) {
      return { outcome: 'interrupted', exit: exitOfInterrupt(request.signal), behind: [] };
    }
    const failure = serverFailure(error, 'checking the progress of replication');
    if (failure === null) throw error;
    return { outcome: 'not-converged', exit: ExitCode.notConverged, behind: unknownState(failure) };
  }
};

const endingOf = async (
  assignment: Assignment,
  run: PlanRun,
  contexts: RunContexts,
): Promise<Ending> => {
  if (run.interrupted) {
    const exit = exitOfInterrupt(assignment.request.signal);
    return { outcome: 'interrupted', exit, behind: [] };
  }
  const exit = exitOf(run);
  if (run.failure === null) return convergence(assignment, contexts);
  if (exit === ExitCode.notConverged) {
    return { outcome: 'not-converged', exit, behind: [run.failure.message] };
  }
  return { outcome: exit === ExitCode.partial ? 'partial' : 'failed', exit, behind: [] };
};

/** Of the file: one change is none of it. */
const isPart = ({ targeting, options }: Plan): boolean =>
  targeting !== undefined && options.change === undefined;

export const executePlan = async (assignment: Assignment): Promise<RunReport> => {
  const { request, runtime, reviewed, identity } = assignment;
  const started = runtime.clock();
  const contexts = runContexts({
    ...assignment,
    limits: { ...request.limits, ...reviewed.limits },
    consented: reviewed.steps.flatMap((step) => ('foreignCode' in step ? step.foreignCode : [])),
    onEvent: request.onEvent,
    signal: AbortSignal.any([request.signal, identity.locks.lost]),
  });
  try {
    const { run, left } = await runSteps(assignment, contexts);
    const ending = await endingOf(assignment, run, contexts);
    const reports = allReports(assignment, run);
    const done = reports.filter(({ status }) => status === 'done' || status === 'skipped').length;
    contexts.emit({
      event: 'run.finished',
      outcome: ending.outcome,
      exit_code: ending.exit,
      done,
      not_done: reports.length - done,
    });
    return {
      runId: identity.runId,
      planId: reviewed.planId,
      ...ending,
      ...(assignment.steps.some((step) => 'unchecked' in step) && { unchecked: true as const }),
      ...(isPart(reviewed) && { targeted: true }),
      ...(left.length === 0 ? {} : { left }),
      steps: reports,
      durationMs: Math.round(runtime.clock() - started),
    };
  } finally {
    await contexts.close();
  }
};
