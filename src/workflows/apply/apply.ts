// Apply: plan, show, agree; then, under the lock, plan again, compare, run, converge.

import type { Plan } from '../../model/plan/plan.ts';
import type { LiveState } from '../../model/state/state.ts';
import { comparePlans, type PlanComparison } from '../../planner/plan/compare-plans.ts';
import { type Allowed, allowedIn, missingConsent } from '../../run/consent.ts';
import { loadFile } from '../load.ts';
import type { OpenNodes } from '../nodes.ts';
import { nodesNamed, type Run, withRun } from '../operation/open-run.ts';
import { type PlannedNow, type PlanningOptions, readAndPlan } from '../plan/plan.ts';
import { readCatalogs } from '../plan/read-live.ts';
import { schemaMismatches } from '../plan/schema-mismatches.ts';
import { show } from '../plan/show.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import {
  assertAsReviewed,
  assertComplete,
  assertConsent,
  assertExpected,
  assertLimits,
  assertUnblocked,
} from './apply-gate.ts';
import type { ApplyRequest, ApplyResult } from './apply-request.ts';
import { executePlan } from './execute-plan.ts';
import { finalizeInits } from './finalize-inits.ts';
import { leftBy, markSlots, nothingLeft, recordEdges } from './record-edges.ts';
import { recordSchemas } from './record-schemas.ts';
import { type HealthSaid, sayHealth } from './say-health.ts';

interface Agreed {
  readonly plan: Plan;
  /** What it was made of; null: it was made before this run. */
  readonly live: LiveState | null;
  readonly allowed: readonly Allowed[];
  readonly approved: boolean;
}

/** The limits of a run that are part of its plan. */
const wishOf = ({
  options,
  probe,
  limits: { lockTimeoutMs, slotTimeoutMs },
}: ApplyRequest): PlanningOptions => ({
  ...options,
  ...(probe === undefined ? {} : { probe }),
  limits: { lockTimeoutMs, slotTimeoutMs },
});

/** The plan that was saved, or one of what is there. */
const planToAgreeTo = async (
  request: ApplyRequest,
  project: Project,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<PlannedNow | { readonly plan: Plan; readonly live: null }> =>
  request.planFile !== null
    ? { plan: show(request.planFile).plan, live: null }
    : readAndPlan(project, nodes, wishOf(request), runtime, runtime.clock());

const agree = async (
  request: ApplyRequest,
  project: Project,
  nodes: OpenNodes,
  { runtime, emit }: Run,
): Promise<Agreed> => {
  const saved = request.planFile !== null;
  const { plan, live } = await planToAgreeTo(request, project, nodes, runtime);
  if (saved) assertLimits(plan, request.givenLimits ?? {});
  for (const mismatch of schemaMismatches(plan)) emit(mismatch, 'warn');
  request.show(plan);
  if (request.expectPlanId !== null) assertExpected(plan, request.expectPlanId, request.planFile);
  const reviewed = saved || request.expectPlanId !== null;
  if (reviewed || plan.steps.length === 0 || !plan.applyable) {
    return { plan, live, allowed: request.allowed, approved: true };
  }
  const { approved, allowed } = await request.approve(missingConsent(plan, request));
  return { plan, live, allowed: [...request.allowed, ...allowed], approved };
};

interface PlannedAgain {
  readonly fresh: Plan;
  readonly comparison: PlanComparison;
  /** What it was made of. */
  readonly live: LiveState;
}

/** The plan as it is now, under the lock: it must be the reviewed one, less what is done. */
const planAgain = async (
  agreed: Agreed,
  { strict, probe = true }: ApplyRequest,
  project: Project,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<PlannedAgain> => {
  const { options, limits, steps } = agreed.plan;
  // What is dropped already no longer shows what else was to go with it.
  const scope = steps.map(({ address }) => address);
  const planning = { ...options, probe, limits, scope, reviewed: agreed.plan.reinit ?? [] };
  const { plan: fresh, live } = await readAndPlan(
    project,
    nodes,
    planning,
    runtime,
    runtime.clock(),
  );
  const comparison = comparePlans(agreed.plan, fresh);
  assertComplete(fresh);
  assertAsReviewed(comparison);
  if (fresh.steps.length > 0) assertUnblocked(fresh);
  assertConsent(fresh, { allowed: agreed.allowed, strict });
  return { fresh, comparison, live };
};

/** What a part or a destruction leaves alone is not its business. */
const isOfAll = ({ targeting, options }: Plan): boolean =>
  targeting === undefined && options.destroy !== true;

/**
 * Nothing to do: what earlier runs left undone is noted, and the edges are looked at. Nobody was asked, so that what the
 * plan was made of is a moment old: it is not read again.
 */
const leaveAsItIs = async (
  agreed: Agreed,
  request: ApplyRequest,
  project: Project,
  nodes: OpenNodes,
  run: Run,
): Promise<HealthSaid> => {
  const { plan, live: planned } = agreed;
  const { identity, runtime } = run;
  // A run that was interrupted at its very end, or did not stay for the end, left this undone.
  const read = (): Promise<LiveState> => readCatalogs(project, nodes, runtime);
  const before = planned ?? (await read());
  if (!isOfAll(plan)) return sayHealth(plan, project, nodes, before, run);
  await recordSchemas({ steps: [], whole: true }, project, nodes, before);
  const marked = await markSlots(before, nodes);
  const finalized = await finalizeInits({ ...request, project, nodes, identity, runtime });
  const live = marked || finalized ? await read() : before;
  const allowed = allowedIn(plan, { allowed: agreed.allowed, strict: request.strict });
  await recordEdges(live, nodes, nothingLeft, allowed);
  return sayHealth(plan, project, nodes, allowed.size > 0 ? await read() : live, run);
};

const showsGap = ({ observed }: Plan): boolean =>
  Object.keys(observed.hazards).some((key) => /^(PUBLICATION_REPLACED|POSITION_MOVED) /.test(key));

/** Before that by which they are known is changed: consent does not hide what is missing. */
const noteGaps = async (
  project: Project,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<void> => {
  const live = await readCatalogs(project, nodes, runtime);
  await recordEdges(live, nodes, leftBy([], live));
};

/** Applies a project on sessions that are open. `notes`: findings about edges that nothing had to be done for. */
export const applyProject = async (
  request: ApplyRequest,
  project: Project,
  nodes: OpenNodes,
  run: Run,
): Promise<Omit<ApplyResult, 'diagnostics'> & Partial<Pick<HealthSaid, 'notes'>>> => {
  const { runtime, identity } = run;
  const agreed = await agree(request, project, nodes, run);
  if (!agreed.approved) return { plan: agreed.plan, report: null, declined: true };
  assertComplete(agreed.plan);
  if (agreed.plan.steps.length === 0) {
    const said = await leaveAsItIs(agreed, request, project, nodes, run);
    // Where an edge is broken, that says more than what the plan cannot do about it.
    if (said.report === null) assertUnblocked(agreed.plan);
    return { plan: agreed.plan, ...said, declined: false };
  }

  // Before the lock, which a pooler would leave with a session that others are given next.
  assertUnblocked(agreed.plan);
  await run.lock(nodesNamed(nodes, new Set(agreed.plan.steps.map(({ node }) => node))));
  const { fresh, comparison, live } = await planAgain(agreed, request, project, nodes, runtime);
  if (showsGap(fresh)) await noteGaps(project, nodes, runtime);
  const report = await executePlan({
    request,
    project,
    nodes,
    identity,
    runtime,
    reviewed: agreed.plan,
    steps: fresh.steps,
    before: live,
    done: comparison.done,
    planRest: async () => (await planAgain(agreed, request, project, nodes, runtime)).fresh.steps,
  });
  return { plan: agreed.plan, report, declined: false };
};

/**
 * Applies steep.yaml, or a saved plan.
 * @throws SteepError before anything was changed: refused (3), stale (4), locked (5), incomplete (7).
 */
export const apply = async (
  request: ApplyRequest,
  runtime: RuntimeEnvironment,
): Promise<ApplyResult> => {
  const { topology, diagnostics } = loadFile(request.file, runtime);
  if (topology === null) return { diagnostics, plan: null, report: null, declined: false };
  return withRun(request, runtime, async (run) => {
    const nodes = await run.open(topology.desired.nodes, topology.connections);
    const { notes = [], ...applied } = await applyProject(request, topology, nodes, run);
    return { ...applied, diagnostics: [...diagnostics, ...notes] };
  });
};
