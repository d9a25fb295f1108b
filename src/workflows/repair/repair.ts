// steep repair: rows of a subscriber brought in line with those of its publisher, while both are written to. Compares, shows
// what would be written, asks, writes, and compares again.

import { SteepError } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { printable } from '../../model/printable.ts';
import {
  type RepairedTableReport,
  type RepairOutcome,
  type RepairPlan,
  type RepairReport,
  repairFormatVersion,
} from '../../model/report/repair.ts';
import type { VerifiedEdge, VerifiedTable } from '../../model/report/verification.ts';
import { addressOf } from '../../model/state/address.ts';
import type { DesiredState, DesiredSubscription } from '../../model/state/state.ts';
import { toWrite } from '../../planner/repair/judge-repair.ts';
import { loadFile } from '../load.ts';
import type { Run } from '../operation/open-run.ts';
import { runOperation } from '../operation/run-operation.ts';
import { readCatalogs } from '../plan/read-live.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { readComparedEdge } from '../verify/compared-edge.ts';
import { optionsOf } from '../verify/make-options.ts';
import { recordVerification } from '../verify/record-verification.ts';
import { assertSameHashes, verifyEdge } from '../verify/verify-edge.ts';
import type { VerificationOptions } from '../verify/verify-options.ts';
import { assertPossible, isAgreed } from './agree.ts';
import { findKeys } from './find-keys.ts';
import { makeRepairPlan } from './make-repair-plan.ts';
import type { RepairRequest, RepairResult, RepairScene } from './repair-request.ts';
import { writeScript } from './repair-script.ts';
import { runRepair, scanGuard, tablesToWrite } from './run-repair.ts';
import { readGuard } from './write-tables.ts';

/** How the command ends. */
export const exitOfRepair: { readonly [O in RepairOutcome]: ExitCode } = {
  'nothing-to-do': ExitCode.done,
  planned: ExitCode.difference,
  declined: ExitCode.error,
  repaired: ExitCode.done,
  partial: ExitCode.incomplete,
};

/** @throws SteepError USAGE (64), BLOCKED and HAZARD_NOT_ALLOWED (3), RUN_LOCKED (5), what a row cannot be written for. */
export const repair = async (
  request: RepairRequest,
  runtime: RuntimeEnvironment,
): Promise<RepairResult> => {
  const { topology, diagnostics } = loadFile(request.file, runtime);
  if (topology === null) return { diagnostics, report: null };
  const subscription = chosen(request.subscription, topology.desired);
  const report = await runOperation('repair', request, runtime, (run) =>
    repairEdge(request, topology, subscription, run),
  );
  return { diagnostics, report };
};

const chosen = (text: string, { subscriptions }: DesiredState): DesiredSubscription => {
  const addressed = subscriptions.map((subscription) => ({
    subscription,
    address: addressOf(subscription.node, 'subscription', subscription.name),
  }));
  const found = addressed.filter(
    ({ address, subscription }) => address === text || subscription.name === text,
  );
  const [only, another] = found;
  if (only !== undefined && another === undefined) return only.subscription;
  const what = only === undefined ? 'has no subscription' : 'has several subscriptions';
  throw new SteepError('USAGE', `steep.yaml ${what} ${printable(text)}.`, {
    exit: ExitCode.usage,
    suggestions: (only === undefined ? addressed : found).map(({ address }) => printable(address)),
  });
};

const repairEdge = async (
  request: RepairRequest,
  project: Project,
  subscription: DesiredSubscription,
  run: Run,
): Promise<RepairReport> => {
  const startedAt = run.runtime.clock();
  const nodes = await run.open(project.desired.nodes, project.connections);
  const live = await readCatalogs(project, nodes, run.runtime);
  const scene: RepairScene = { project, subscription, live, nodes };
  const edge = await readComparedEdge(subscription, { desired: project.desired, live, nodes });
  await assertSameHashes(edge);
  const asked = { ...request, fast: false, onRow: () => undefined, signal: run.signal };
  const options = optionsOf(asked, run.runtime, null);
  const address = addressOf(subscription.node, 'subscription', subscription.name);
  const found = await findKeys(request, scene, options, address);
  assertRead(found.edge);
  const plan = await makeRepairPlan(found, request, scene, edge);
  request.show(plan);
  const report = reporter(plan, startedAt, run);
  const unclear = plan.tables.some(({ unsettled, error }) => unsettled > 0 || error !== null);
  if (request.onScript !== null) {
    await writeScript(plan, tablesToWrite(plan, found, edge), found, edge, {
      guard: readGuard(scanGuard(project)),
      write: request.onScript,
    });
  }
  if (plan.tables.every((table) => toWrite(table) === 0)) {
    return report(unclear ? 'partial' : 'nothing-to-do');
  }
  if (request.dryRun) return report('planned');
  assertPossible(plan, 'These rows cannot be repaired');
  if (!(await isAgreed(plan, request, project.desired.policy, 'The repair')))
    return report('declined');
  const ran = await runRepair(plan, found, edge, scene, request, run);
  const again = found.edge === null ? [] : await compareAgain(scene, options, plan);
  const tables = ran.tables.map((table) => withNew(table, again, request));
  const isWhole = tables.every(({ left }) => left === 0) && !found.more && !unclear;
  return report(isWhole ? 'repaired' : 'partial', { ...ran, tables, runId: run.identity.runId });
};

/**
 * A row that the subscriber lacks, and that the publisher changes before it is written: of a table without a key it is another
 * row then, which nobody has agreed to.
 */
const withNew = (
  table: RepairedTableReport,
  again: readonly VerifiedTable[],
  { findings }: RepairRequest,
): RepairedTableReport => {
  const counts = again.find((it) => it.table === table.table)?.counts;
  const differing = findings.reduce((sum, finding) => sum + (counts?.[finding] ?? 0), 0);
  if (table.left > 0 || differing === 0) return table;
  const why = 'rows became different while they were repaired; the same command repairs them';
  return { ...table, left: differing, why };
};

type Reporter = (outcome: RepairOutcome, more?: Partial<RepairReport>) => RepairReport;

const reporter =
  (plan: RepairPlan, startedAt: number, { runtime: { clock } }: Run): Reporter =>
  (outcome, more = {}) => ({
    formatVersion: repairFormatVersion,
    outcome,
    plan,
    runId: null,
    tables: [],
    dangling: [],
    elapsedMs: Math.round(clock() - startedAt),
    ...more,
  });

const assertRead = (edge: VerifiedEdge | null): void => {
  if (edge?.error == null) return;
  throw new SteepError(edge.error.code, edge.error.message, { exit: ExitCode.incomplete });
};

/** Also so that what is on record is how the rows are now. Returns the tables that were written. */
const compareAgain = async (
  { project, live, nodes, subscription }: RepairScene,
  options: VerificationOptions,
  plan: RepairPlan,
): Promise<readonly VerifiedTable[]> => {
  const names = new Set(plan.tables.filter((it) => toWrite(it) > 0).map(({ table }) => table));
  const world = { desired: project.desired, live, nodes };
  const { tables } = await readComparedEdge(subscription, world);
  const wanted = tables.map(({ table }) => table).filter((it) => names.has(formatName(it)));
  const edge = await verifyEdge(subscription, world, { ...options, tables: wanted });
  await recordVerification(edge, live.nodes[edge.node], nodes.metadata.get(edge.node), false);
  return edge.tables;
};
