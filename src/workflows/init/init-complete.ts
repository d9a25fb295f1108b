// steep init complete: looks whether a node that a user filled manually fits the slot that was prepared, proves that no
// row is missing in between, and applies that one subscription. Again: continues, or says that it is there.

import { readPhysicalFacts, readPlace } from '../../catalog/server/read-physical-copy.ts';
import { readPrepared } from '../../catalog/slots/read-prepared.ts';
import { endPrepared } from '../../metadata/init/init-slots.ts';
import type { RestoredCopy } from '../../model/copy/manual-init.ts';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { RunReport } from '../../model/plan/run-report.ts';
import { addressOf, type NodeName } from '../../model/state/address.ts';
import type { RestoredNode } from '../../model/state/restored-node.ts';
import type { DesiredSubscription, NodeState } from '../../model/state/state.ts';
import { isKind } from '../../planner/context/context.ts';
import { awaitedOrigin, awaitsInit } from '../../planner/facts/manual-init.ts';
import { judgeRestored } from '../../planner/init/judge-restored.ts';
import { applyProject } from '../apply/apply.ts';
import { assertComplete, assertUnblocked } from '../apply/apply-gate.ts';
import type { ApplyRequest, ApplyResult } from '../apply/apply-request.ts';
import { finalizeEdge } from '../apply/finalize-edge.ts';
import type { OpenNodes } from '../nodes.ts';
import type { Run } from '../operation/open-run.ts';
import { runOperation } from '../operation/run-operation.ts';
import { guardWithoutPlan } from '../plan/code-guard.ts';
import { type PlanningOptions, planNow } from '../plan/plan.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { type EdgeRequest, findInitEdge, readSentNow } from './init-edge.ts';
import { type EdgeEnds, lockEnds, readEnds } from './init-ends.ts';
import { loadManual, type ManualPlace } from './manual-project.ts';
import { assertSameRows } from './restored-rows.ts';

export interface CompleteRequest extends EdgeRequest {
  /** Up to where the node holds the changes of its source; null: it tells by itself. */
  readonly sourceLsn: string | null;
  /** Instead of the file. */
  readonly manual: ManualPlace | null;
  /** How the subscription is applied; what of the file is chosen here. */
  readonly apply: Omit<ApplyRequest, 'options' | 'planFile' | 'expectPlanId'>;
  readonly say: (text: string) => void;
}

/** What is known of the node, for the judgement. */
const examine = async (ends: EdgeEnds, sourceLsn: string | null): Promise<RestoredNode> => {
  const { edge, source, node, session, metadata } = ends;
  const [from, to] = [session(edge.source), session(edge.node)];
  const published = await readSentNow(from, source, edge);
  const prepared = await readPrepared(metadata(edge.source), edge.slot);
  const copied = await readPrepared(metadata(edge.node), edge.slot);
  const sameServer =
    source.server.systemIdentifier === node.server.systemIdentifier &&
    (await readPlace(from)).started === (await readPlace(to)).started;
  const isPhysical = !sameServer && copied !== null && copied.runId === prepared?.runId;
  const slot = source.resources.filter(isKind('slot')).find(({ name }) => name === edge.slot);
  const tables = published.tables.map(({ table }) => table);
  return {
    edge,
    slot: slot?.observed ?? null,
    prepared,
    published,
    source: source.server,
    node: node.server,
    sameServer,
    physical: isPhysical ? await readPhysicalFacts(to, node.server.timeline, tables) : null,
    ownSubscriptions: node.applied.flatMap(({ kind, name }) =>
      kind === 'subscription' ? [name] : [],
    ),
    sourceLsn,
  };
};

/** Nodes of which the metadata of a copy speaks, and whose own metadata is that of its source. */
const formerNodes = ({ source, node, edge }: EdgeEnds): readonly NodeName[] => {
  const serves = ({ resources }: NodeState): readonly NodeName[] =>
    resources.flatMap((it) => (it.kind === 'metadata' ? (it.observed?.alsoServes ?? []) : []));
  const originals = new Set([edge.source, ...serves(source)]);
  return serves(node).filter((name) => originals.has(name));
};

const replaceEdge = (
  project: Project,
  edge: DesiredSubscription,
  restored: RestoredCopy,
): Project => ({
  ...project,
  desired: {
    ...project.desired,
    subscriptions: project.desired.subscriptions.map((sub) =>
      sub === edge ? { ...sub, restored } : sub,
    ),
  },
});

/** On a physical copy steep_repl is there, and the node is not registered yet. */
const optionsOf = (
  { node, name }: DesiredSubscription,
  { withoutFile }: Project,
): PlanningOptions => {
  const address = addressOf(node, 'subscription', name);
  return withoutFile === true
    ? { prune: false, target: [address], change: { verb: 'create-subscription', address } }
    : { prune: false, target: [addressOf(node, 'node', node), address] };
};

/** What blocks whatever the rows are comes before anybody reads all of them. */
const assertPlannable = async (
  project: Project,
  edge: DesiredSubscription,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<void> => {
  const plan = await planNow(project, nodes, optionsOf(edge, project), runtime, runtime.clock());
  assertComplete(plan);
  assertUnblocked(plan);
};

/** Whose records its steep_repl has then, a file says: they were those of its source. */
const physicalWithoutFile = (node: NodeName): SteepError =>
  new SteepError('INIT_NEEDS_FILE', `Node ${node} is a physical copy of its source.`, {
    exit: ExitCode.refused,
    suggestions: [
      'Declare both nodes and the subscription in steep.yaml (steep import writes it), and run steep init complete with it.',
    ],
  });

/** The file, with what was found out about the copy. @throws SteepError why nothing is proven. */
const prove = async (
  request: CompleteRequest,
  project: Project,
  ends: EdgeEnds,
  nodes: OpenNodes,
  { runtime, identity: { seen } }: Run,
): Promise<Project> => {
  const { edge, live, session } = ends;
  const awaited = awaitedOrigin(edge, live);
  if (awaited !== null) {
    // Shown before, by the run that was interrupted.
    return replaceEdge(project, edge, { proof: 'position', startsAt: awaited, formerNodes: [] });
  }
  if (!awaitsInit(edge, live)) return project;
  const found = await examine(ends, request.sourceLsn);
  const judged = judgeRestored(found);
  const isPhysical = found.physical !== null;
  if (isPhysical && project.withoutFile === true) throw physicalWithoutFile(edge.node);
  const restored = { ...judged, formerNodes: isPhysical ? formerNodes(ends) : [] };
  const proven = replaceEdge(project, edge, restored);
  await assertPlannable(proven, edge, nodes, runtime);
  const evidence = found.prepared?.evidence ?? null;
  if (!isPhysical && evidence !== null) {
    request.say(`Compares the rows of ${evidence.tables.length} tables on node ${edge.node}.`);
    const guard = guardWithoutPlan(project.desired.policy.allowHazards);
    const tables = evidence.tables.map(({ table }) => table);
    await seen.look(session(edge.node), tables);
    await assertSameRows(session(edge.node), evidence, guard);
  }
  return proven;
};

const isThere = (report: RunReport | null): boolean =>
  report === null || ['applied', 'converged', 'not-converged'].includes(report.outcome);

/** What was prepared is no longer needed: the subscription reads the slot. */
const finish = async ({ edge, metadata }: EdgeEnds, runId: string): Promise<void> => {
  for (const node of [edge.source, edge.node]) {
    const session = metadata(node);
    if ((await readPrepared(session, edge.slot)) === null) continue;
    await session.transaction({}, () => endPrepared(session, edge.slot, 'init.completed', runId));
  }
};

const completeEdge = async (
  request: CompleteRequest,
  project: Project,
  run: Run,
): Promise<Omit<ApplyResult, 'diagnostics'>> => {
  const { runtime, identity } = run;
  const edge = findInitEdge(project.desired, request);
  const nodes = await run.open(project.desired.nodes, project.connections);
  await lockEnds(edge, nodes, run);
  const ends = await readEnds(project, edge, nodes, runtime);
  const proven = await prove(request, project, ends, nodes, run);
  const options = optionsOf(edge, project);
  const asked = { ...request.apply, options, planFile: null, expectPlanId: null };
  const applied = await applyProject(asked, proven, nodes, run);
  const { limits, wait, onEvent, signal } = request.apply;
  const surroundings = {
    project,
    nodes,
    identity,
    limits,
    consented: [],
    onEvent,
    signal,
    runtime,
  };
  const isDone = applied.plan?.steps.length === 0 && edge.enabled && wait;
  const report =
    isDone && applied.plan !== null ? await finalizeEdge(edge, applied.plan, surroundings) : null;
  const result = { ...applied, report: report ?? applied.report };
  if (!result.declined && isThere(result.report)) await finish(ends, identity.runId);
  return result;
};

/**
 * Completes an initial copy that a user made manually.
 * @throws SteepError before anything was changed: not proven (3), locked (5), incomplete (7).
 */
export const completeInit = async (
  request: CompleteRequest,
  runtime: RuntimeEnvironment,
): Promise<ApplyResult> => {
  const { file } = request.apply;
  const { topology: project, diagnostics } = await loadManual(
    file,
    request.manual,
    request,
    runtime,
  );
  if (project === null) return { diagnostics, plan: null, report: null, declined: false };
  const asked = { ...request.apply, say: request.say };
  const applied = await runOperation('init complete', asked, runtime, (run) =>
    completeEdge(request, project, run),
  );
  return { diagnostics, ...applied };
};
