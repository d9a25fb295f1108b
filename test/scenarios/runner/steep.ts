// steep as the scenarios use it: the workflows, with answers given beforehand.

import type { RunEvent } from '../../../src/model/event.ts';
import { compareText } from '../../../src/model/identifier.ts';
import type { Hazard } from '../../../src/model/plan/hazard.ts';
import type { Plan } from '../../../src/model/plan/plan.ts';
import type { RunReport } from '../../../src/model/plan/run-report.ts';
import type { Resource } from '../../../src/model/state/resource.ts';
import type { LiveState } from '../../../src/model/state/state.ts';
import { type Allowed, missingConsent } from '../../../src/run/consent.ts';
import { apply } from '../../../src/workflows/apply/apply.ts';
import { loadFile } from '../../../src/workflows/load.ts';
import { type OpenNodes, openNodes } from '../../../src/workflows/nodes.ts';
import { drift } from '../../../src/workflows/observe/drift.ts';
import { plan, readAndPlan } from '../../../src/workflows/plan/plan.ts';
import { readCatalogs } from '../../../src/workflows/plan/read-live.ts';
import type { Project } from '../../../src/workflows/project.ts';
import type { RuntimeEnvironment } from '../../../src/workflows/runtime-environment.ts';
import type { Stage } from './stage.ts';

export interface PlanOptions {
  readonly file?: string;
  readonly out?: string;
  /** Nothing is to be initialized again: what was asked for is done. */
  readonly done?: true;
}

/** Those of the scenario; what comes first is built, whatever is asked then. */
const optionsOf = (
  { scenario: { settings }, firstSteepFile, suffix }: Stage,
  file?: string,
  done?: true,
) => {
  const named = (addresses: readonly string[]): readonly string[] =>
    file === firstSteepFile ? [] : addresses.map((it) => it.replace('SUFFIX', suffix));
  const cancel = named(settings.cancel);
  return {
    prune: settings.prune,
    ...(settings.force && { force: true as const }),
    ...(settings.destroy && file !== firstSteepFile && { destroy: true as const }),
    ...(done !== true && { reinit: named(settings.reinit) }),
    ...(cancel.length > 0 && { cancel }),
  };
};

/** The plan of steep.yaml as things are, written to a file if asked. */
export const planOf = async (stage: Stage, options: PlanOptions = {}): Promise<Plan> => {
  const { file = stage.steepFile, out = null } = options;
  const asked = { ...optionsOf(stage, file, options.done), probe: false };
  const result = await plan({ file, options: asked, out }, stage.runtime);
  if (result.plan === null) throw new Error(JSON.stringify(result.diagnostics, null, 2));
  return result.plan;
};

/** What drift says of the tables as things are. */
export const schemaDriftOf = async ({ steepFile: file }: Stage, runtime: RuntimeEnvironment) => {
  const { report, diagnostics } = await drift({ file, classes: ['schema'] }, runtime);
  if (report === null) throw new Error(JSON.stringify(diagnostics, null, 2));
  return report.findings;
};

/** The dangers without consent yet, neither by flag nor by policy. */
export const dangersOf = (made: Plan): readonly Hazard[] =>
  missingConsent(made, { allowed: [], strict: false });

export interface ApplyOptions {
  readonly file?: string;
  readonly planFile?: string;
  /** all: whatever the plan asks for. */
  readonly allowed: readonly Allowed[] | 'all';
  readonly onEvent?: (event: RunEvent) => void;
  readonly signal?: AbortSignal;
}

const limits = {
  lockTimeoutMs: 2000,
  lockRetries: 10,
  slotTimeoutMs: 60_000,
  waitTimeoutMs: 60_000,
  pollMs: 50,
};

/** Applies; null: there was nothing to do. @throws SteepError where steep refuses. */
export const applyNow = async (stage: Stage, options: ApplyOptions): Promise<RunReport | null> => {
  const { allowed } = options;
  const { report } = await apply(
    {
      file: options.file ?? stage.steepFile,
      planFile: options.planFile ?? null,
      expectPlanId: null,
      options: optionsOf(stage, options.file),
      // Plans of scenarios hold no times.
      probe: false,
      allowed: allowed === 'all' ? [] : allowed,
      strict: false,
      waitForLockMs: 5000,
      limits,
      wait: true,
      show: () => undefined,
      approve: (missing) =>
        Promise.resolve({ approved: true, allowed: allowed === 'all' ? missing : [] }),
      onEvent: options.onEvent ?? (() => undefined),
      signal: options.signal ?? new AbortController().signal,
    },
    stage.runtime,
  );
  return report;
};

/** Of every node that can be read, managed or not. */
type Resources = readonly Resource[];

const resourcesIn = ({ nodes }: LiveState): Resources =>
  Object.values(nodes)
    .flatMap(({ resources }) => resources)
    .toSorted((a, b) => compareText(a.address, b.address));

/** With sessions to all nodes of the scenario's file. */
const withNodes = async <T>(
  { steepFile }: Stage,
  runtime: RuntimeEnvironment,
  body: (project: Project, nodes: OpenNodes) => Promise<T>,
): Promise<T> => {
  const { topology } = loadFile(steepFile, runtime);
  if (topology === null) throw new Error('steep.yaml has an error');
  const opened = { applicationName: 'test', readOnly: true };
  const { desired, connections } = topology;
  const nodes = await openNodes(desired.nodes, connections, opened, runtime);
  try {
    return await body(topology, nodes);
  } finally {
    await nodes.close();
  }
};

export const resourcesOf = (stage: Stage): Promise<Resources> =>
  withNodes(stage, stage.runtime, async (project, nodes) =>
    resourcesIn(await readCatalogs(project, nodes, stage.runtime)),
  );

export interface Planned {
  readonly plan: Plan;
  /** What it was made of. */
  readonly resources: Resources;
}

/** The plan of steep.yaml, and the resources as they are: of one reading. */
export const planAndResources = (
  stage: Stage,
  {
    runtime = stage.runtime,
    done,
  }: Pick<PlanOptions, 'done'> & { runtime?: RuntimeEnvironment } = {},
): Promise<Planned> =>
  withNodes(stage, runtime, async (project, nodes) => {
    const options = { ...optionsOf(stage, stage.steepFile, done), probe: false };
    const { plan: made, live } = await readAndPlan(
      project,
      nodes,
      options,
      runtime,
      runtime.clock(),
    );
    return { plan: made, resources: resourcesIn(live) };
  });
