// Plan: load, resolve, introspect, make the plan. Read-only; no read or write waits for it.

import { readOrigins } from '../../catalog/slots/read-origins.ts';
import { describeStep } from '../../executors/index.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { RunEvent } from '../../model/event.ts';
import { withoutSecrets } from '../../model/known-secrets.ts';
import type { Plan, PlanLimits, PlanOptions, Reinitialized } from '../../model/plan/plan.ts';
import { planGraph } from '../../model/plan/plan-graph.ts';
import type { TopologyGraph } from '../../model/report/graph.ts';
import { type Address, addressOf, parseAddress } from '../../model/state/address.ts';
import type { DesiredSubscription, LiveState } from '../../model/state/state.ts';
import { makePlan } from '../../planner/make-plan.ts';
import { renderPlanFile } from '../../planner/plan/plan-file.ts';
import { writeText } from '../files.ts';
import { assertTargets } from '../init/assert-targets.ts';
import { readChangedTables } from '../init/read-changed-tables.ts';
import { loadFile } from '../load.ts';
import { type OpenNodes, openNodes } from '../nodes.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { type ProbeLimits, probeCopies, usualProbe } from './probe-copies.ts';
import { readLive } from './read-live.ts';
import { schemaMismatches } from './schema-mismatches.ts';

export interface PlanRequest {
  /** Path of steep.yaml. */
  readonly file: string;
  readonly options: PlanningOptions;
  /** Where to write the plan file; null: nowhere. */
  readonly out: string | null;
  /** See LoadOptions. */
  readonly skipConnections?: boolean;
  /** What is found in the schemas, for a log. */
  readonly onEvent?: (event: RunEvent) => void;
}

export interface PlanResult {
  /** Findings about the file: errors forbid a plan. */
  readonly diagnostics: readonly Diagnostic[];
  readonly plan: Plan | null;
  /** The plan in its file form. */
  readonly document: string | null;
  /** The topology that the plan is about, for a picture of it. */
  readonly graph: TopologyGraph | null;
}

/** What a plan is asked to be. */
export interface PlanningOptions extends PlanOptions {
  /** The usual ones unless told. */
  readonly limits?: PlanLimits;
  /** What belongs to it anyhow, of a plan reviewed before; without it, --target must name something. */
  readonly scope?: readonly Address[];
  /** What it asked to initialize again; without it, the options ask now, and must name something. */
  readonly reviewed?: readonly Reinitialized[];
  /** For how long servers are asked what copies will take; false: not at all; true: as usual. */
  readonly probe?: boolean | ProbeLimits;
}

/** A plan, and what it was made of. */
export interface PlannedNow {
  readonly plan: Plan;
  readonly live: LiveState;
}

/**
 * The plan of what is there now, on sessions that are open.
 * @throws SteepError UNKNOWN_ADDRESS (exit 64).
 */
export const planNow = async (...args: Parameters<typeof readAndPlan>): Promise<Plan> =>
  (await readAndPlan(...args)).plan;

/** The same, for who continues with what was read. @throws SteepError UNKNOWN_ADDRESS (exit 64). */
export const readAndPlan = async (
  project: Project,
  nodes: OpenNodes,
  options: PlanningOptions,
  runtime: RuntimeEnvironment,
  startedAt: number,
): Promise<PlannedNow> => {
  const asked = askedFor(project, options);
  const live = await readFor(options, asked, nodes, runtime);
  return { plan: planOf(asked, live, options, runtime, startedAt), live };
};

const readFor = async (
  { reinit = [], ...options }: PlanningOptions,
  asked: Project,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<LiveState> => {
  const live = await withOrigins(await readLive(asked, nodes, runtime, reinit), options, nodes);
  const keepsNothing = options.destroy === true || (options.cancel ?? []).length > 0;
  if (keepsNothing) return live;
  const { probe = true } = options;
  const limits = probe === true ? usualProbe : probe;
  const probed =
    limits === false
      ? live
      : await probeCopies(live, asked, nodes, reinit.length > 0, {
          ...limits,
          clock: runtime.clock,
        });
  return readChangedTables(probed, asked, nodes, options.unchecked !== true);
};

/** Replication origins, where the change is about one. */
const withOrigins = async (
  live: LiveState,
  { change }: PlanOptions,
  { sessions }: OpenNodes,
): Promise<LiveState> => {
  const { node, kind } = parseAddress(change?.address ?? '');
  const [state, session] = [live.nodes[node], sessions.get(node)];
  if (kind !== 'origin' || state === undefined || session === undefined) return live;
  const origins = await readOrigins(session);
  return { ...live, nodes: { ...live.nodes, [node]: { ...state, origins } } };
};

/** The file, with what a flag says in its place. */
const askedFor = (project: Project, options: PlanOptions): Project => {
  const {
    schemaSync,
    copyMethod,
    copyWorkers,
    holdTables,
    fromSnapshot,
    fromSnapshotSha256,
    target = [],
  } = options;
  const asked = {
    ...(schemaSync === undefined ? {} : { schemaSync }),
    ...(copyWorkers === undefined ? {} : { copyWorkers }),
    ...(holdTables === undefined ? {} : { holdTables }),
  };
  const otherwise = (sub: DesiredSubscription): DesiredSubscription => {
    const address = addressOf(sub.node, 'subscription', sub.name);
    if (!target.includes(address)) return sub;
    const { largeTables: _largeTables, snapshotSha256: _sha256, ...rest } = sub;
    if (copyMethod !== undefined) return { ...rest, init: copyMethod };
    if (fromSnapshot === undefined) return sub;
    const pin = fromSnapshotSha256 === undefined ? {} : { snapshotSha256: fromSnapshotSha256 };
    return { ...rest, init: 'two_phase', snapshot: fromSnapshot, ...pin };
  };
  const subscriptions = project.desired.subscriptions.map((sub) => ({
    ...otherwise(sub),
    ...asked,
  }));
  return { ...project, desired: { ...project.desired, subscriptions } };
};

const planOf = (
  { desired }: Project,
  live: LiveState,
  { limits, scope, reviewed, probe: _probe, ...options }: PlanningOptions,
  runtime: RuntimeEnvironment,
  startedAt: number,
): Plan => {
  // What one change names is judged by the plan itself.
  if (scope === undefined && options.change === undefined) assertTargets(options, desired, live);
  return makePlan({
    desired,
    live,
    options,
    scope: scope ?? [],
    ...(reviewed === undefined ? {} : { reviewed }),
    ...(limits === undefined ? {} : { limits }),
    steepVersion: runtime.steepVersion,
    elapsedMs: Math.round(runtime.clock() - startedAt),
    describe: describeStep,
  });
};

/** Plans, and writes the plan file if asked. @throws SteepError when a file cannot be read or written. */
export const plan = async (
  request: PlanRequest,
  runtime: RuntimeEnvironment,
): Promise<PlanResult> => {
  const startedAt = runtime.clock();
  const { topology, diagnostics } = loadFile(request.file, runtime, {
    skipConnections: request.skipConnections === true,
  });
  if (topology === null) return { diagnostics, plan: null, document: null, graph: null };
  const { desired, connections } = topology;
  const opened = { applicationName: 'steep plan', readOnly: true };
  const nodes = await openNodes(desired.nodes, connections, opened, runtime);
  try {
    const asked = askedFor(topology, request.options);
    const live = await readFor(request.options, asked, nodes, runtime);
    const made = planOf(asked, live, request.options, runtime, startedAt);
    tellMismatches(made, request, runtime);
    const document = withoutSecrets(renderPlanFile(made));
    if (request.out !== null) await writeText(request.out, document);
    return { diagnostics, plan: made, document, graph: planGraph(desired, live, made) };
  } finally {
    await nodes.close();
  }
};

const tellMismatches = (
  made: Plan,
  { onEvent }: PlanRequest,
  { now }: RuntimeEnvironment,
): void => {
  const stamp = { timestamp: now().toISOString(), level: 'warn', run_id: null } as const;
  for (const mismatch of schemaMismatches(made)) onEvent?.({ ...stamp, ...mismatch });
};
