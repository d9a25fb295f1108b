// The demo: the commands' own workflows, on real servers with a million rows, while an application writes.

import { join } from 'node:path';
import type { RunEvent } from '../../model/event.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { Plan } from '../../model/plan/plan.ts';
import type { RunReport } from '../../model/plan/run-report.ts';
import type { DemoComparison, DemoReport, DemoScene } from '../../model/report/demo.ts';
import { shopTables } from '../../sandbox/shop.ts';
import { apply } from '../apply/apply.ts';
import type { ApplyRequest } from '../apply/apply-request.ts';
import { writeText } from '../files.ts';
import { plan } from '../plan/plan.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { openBusiness } from './demo-business.ts';
import { compareNodes } from './demo-compare.ts';
import { renderDemoFile } from './demo-file.ts';
import {
  chooseDirectory,
  type DemoServers,
  demoFiles,
  openShops,
  removeServers,
  startServers,
} from './demo-servers.ts';
import { majorsOf, type SandboxOptions } from './sandbox.ts';

export interface DemoRequest extends SandboxOptions {
  /** Leave the servers running. */
  readonly keep: boolean;
  readonly tell: (scene: DemoScene) => void;
  readonly onEvent: (event: RunEvent) => void;
  /** Aborted: ends at the next opportunity, and removes everything. */
  readonly signal: AbortSignal;
}

/** The acts between the start of the servers and their end. */
interface Stage {
  readonly request: DemoRequest;
  readonly servers: DemoServers;
  readonly file: string;
  readonly planFile: string;
  readonly runtime: RuntimeEnvironment;
  readonly lap: () => number;
}

/**
 * Plays the demo; null: it was interrupted. The servers are gone afterwards, unless they are to be kept.
 * @throws SteepError whatever the workflows and the servers throw.
 */
export const demo = async (
  request: DemoRequest,
  runtime: RuntimeEnvironment,
): Promise<DemoReport | null> => {
  const lap = stopwatch(runtime);
  const servers = await start(request, runtime.now());
  if (servers === null) return null;
  const { place } = servers;
  try {
    const ms = lap();
    request.tell({ scene: 'started', place, ms });
    const report = await play(setStage(request, servers, runtime, lap), ms);
    return request.signal.aborted ? null : report;
  } catch (error) {
    if (request.signal.aborted) return null;
    throw error;
  } finally {
    const kept = request.keep && !request.signal.aborted;
    if (!kept) await removeServers(place);
    request.tell({ scene: kept ? 'kept' : 'removed', place });
  }
};

/** Null: interrupted before the servers were up. */
const start = async (request: DemoRequest, now: Date): Promise<DemoServers | null> => {
  const majors = majorsOf(request);
  const directory = await chooseDirectory(request.directory);
  request.tell({ scene: 'starting', directory });
  try {
    return await startServers(directory, majors, now);
  } catch (error) {
    if (request.signal.aborted) return null;
    throw error;
  }
};

const setStage = (
  request: DemoRequest,
  servers: DemoServers,
  runtime: RuntimeEnvironment,
  lap: () => number,
): Stage => ({
  request,
  servers,
  file: join(servers.place.directory, demoFiles.topology),
  planFile: join(servers.place.directory, demoFiles.plan),
  // As if the env file had been sourced.
  runtime: { ...runtime, environment: { ...runtime.environment, ...servers.environment } },
  lap,
});

const play = async (stage: Stage, started: number): Promise<DemoReport> => {
  const fill = await fillAct(stage);
  const first = await planAct(stage, stage.planFile);
  const planned = stage.lap();
  const { run, transactions } = await applyAct(stage);
  const applied = stage.lap();
  const { comparison, compare } = await compareAct(stage, run);
  const second = comparison.caughtUp ? await secondPlanAct(stage) : null;
  const again = stage.lap();
  const exit = exitOf(run, comparison, second);
  return {
    agreed: exit === ExitCode.done,
    exit_code: exit,
    directory: stage.servers.place.directory,
    kept: stage.request.keep,
    nodes: stage.servers.place.nodes,
    plan_id: first.planId,
    plan_steps: first.steps.length,
    run_outcome: run.outcome,
    transactions_meanwhile: transactions,
    caught_up: comparison.caughtUp,
    hashes_equal: allEqual(comparison),
    tables: comparison.tables,
    second_plan_id: second?.planId ?? null,
    second_plan_steps: second?.steps.length ?? null,
    timings_ms: {
      start: started,
      fill,
      plan: planned,
      apply: applied,
      compare,
      plan_again: again,
      total: started + fill + planned + applied + compare + again,
    },
  };
};

const fillAct = async ({ request, servers, file, lap }: Stage): Promise<number> => {
  request.tell({ scene: 'filling', nodes: servers.place.nodes });
  await unlessAborted(openShops(servers), request.signal);
  const ms = lap();
  request.tell({ scene: 'filled', ms });
  const variableOf = (index: number): string => servers.variables[index] ?? '';
  const nodes = servers.place.nodes.map(({ name }, at) => ({ name, variable: variableOf(at) }));
  const text = renderDemoFile(nodes, shopTables);
  await writeText(file, text);
  request.tell({ scene: 'written', file, text });
  return ms;
};

const planAct = async ({ request, file, runtime }: Stage, out: string | null): Promise<Plan> => {
  if (out !== null) request.tell({ scene: 'planning' });
  const made = await plan({ file, options: { prune: false }, out }, runtime);
  if (made.plan === null) throw new Error('the demo wrote a steep.yaml that is not valid');
  if (out !== null) request.tell({ scene: 'planned', plan: made.plan });
  return made.plan;
};

const secondPlanAct = async (stage: Stage): Promise<Plan> => {
  stage.request.tell({ scene: 'planning-again' });
  const second = await planAct(stage, null);
  stage.request.tell({ scene: 'planned-again', plan: second });
  return second;
};

/** The saved plan is applied while rows change on the publisher. */
const applyAct = async (
  stage: Stage,
): Promise<{ readonly run: RunReport; readonly transactions: number }> => {
  const { request, servers, runtime } = stage;
  request.tell({ scene: 'applying', publisher: servers.publisher.name });
  const business = await openBusiness(servers.publisher.name, servers.publisher.conninfo);
  try {
    const { report: run } = await apply(applyRequest(stage), runtime);
    if (run === null) throw new Error('the first plan of the demo had nothing to do');
    const transactions = await business.close();
    request.tell({ scene: 'applied', run, transactions });
    return { run, transactions };
  } finally {
    await business.close().catch(() => undefined);
  }
};

const applyRequest = ({ request, file, planFile }: Stage): ApplyRequest => ({
  file,
  planFile,
  expectPlanId: null,
  options: { prune: false },
  allowed: [],
  strict: false,
  waitForLockMs: 0,
  limits: {
    lockTimeoutMs: 2000,
    lockRetries: 10,
    slotTimeoutMs: 60_000,
    waitTimeoutMs: 300_000,
    pollMs: 200,
  },
  wait: true,
  show: () => undefined,
  approve: () => Promise.resolve({ approved: true, allowed: [] }),
  onEvent: request.onEvent,
  signal: request.signal,
});

/** After a run that failed there is nothing to compare. */
const compareAct = async (
  { request, servers, lap }: Stage,
  run: RunReport,
): Promise<{ readonly comparison: DemoComparison; readonly compare: number }> => {
  if (run.exit !== ExitCode.done)
    return { comparison: { caughtUp: false, tables: [] }, compare: 0 };
  request.tell({ scene: 'comparing' });
  const compared = compareNodes(servers.publisher, servers.subscribers);
  const comparison = await unlessAborted(compared, request.signal);
  const compare = lap();
  request.tell({ scene: 'compared', ms: compare, ...comparison });
  return { comparison, compare };
};

const allEqual = ({ tables }: DemoComparison): boolean =>
  tables.length > 0 && tables.every(({ equal, ready }) => equal && ready);

const exitOf = (run: RunReport, comparison: DemoComparison, second: Plan | null): ExitCode => {
  if (run.exit !== ExitCode.done) return run.exit;
  if (!comparison.caughtUp) return ExitCode.notConverged;
  return allEqual(comparison) && second?.changes.length === 0 ? ExitCode.done : ExitCode.error;
};

/** What runs meanwhile fails when the servers are removed; its error is ignored then. */
const unlessAborted = <T>(body: Promise<T>, signal: AbortSignal): Promise<T> =>
  Promise.race([
    body,
    new Promise<never>((_, reject) => {
      const abort = (): void => reject(new Error('interrupted'));
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort, { once: true });
    }),
  ]);

/** Milliseconds since the last lap. */
const stopwatch = ({ clock }: RuntimeEnvironment): (() => number) => {
  let last = clock();
  return () => {
    const before = last;
    last = clock();
    return Math.round(last - before);
  };
};
