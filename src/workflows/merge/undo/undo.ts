// steep merge undo: rows that a merge has overwritten are written back on both nodes, while both are written to. Reads the
// audit log, shows what would be written, asks, and writes.

import { formatName } from '../../../model/identifier.ts';
import type { RepairOutcome } from '../../../model/report/repair.ts';
import { type UndoPlan, type UndoReport, undoFormatVersion } from '../../../model/report/undo.ts';
import { lockEnds } from '../../init/init-ends.ts';
import { loadFile } from '../../load.ts';
import type { Run } from '../../operation/open-run.ts';
import { runOperation } from '../../operation/run-operation.ts';
import { readCatalogs } from '../../plan/read-live.ts';
import { readWanted } from '../../plan/wanted-tables.ts';
import type { Project } from '../../project.ts';
import { assertPossible, isAgreed } from '../../repair/agree.ts';
import type { RepairRequest } from '../../repair/repair-request.ts';
import { scanGuard } from '../../repair/run-repair.ts';
import { readGuard } from '../../repair/write-tables.ts';
import type { RuntimeEnvironment } from '../../runtime-environment.ts';
import type { MergeResult } from '../open-merge.ts';
import { findMerge } from './find-merge.ts';
import { makeUndoPlan } from './make-undo-plan.ts';
import { runUndo, type UndoScene } from './run-undo.ts';

type Shared = Pick<
  RepairRequest,
  | 'file'
  | 'tables'
  | 'dryRun'
  | 'settleMs'
  | 'allowed'
  | 'strict'
  | 'approve'
  | 'onText'
  | 'waitForLockMs'
  | 'signal'
  | 'onEvent'
  | 'say'
>;

export interface MergeUndoRequest extends Shared {
  /** Of the merge. */
  readonly run: string;
  readonly show: (plan: UndoPlan) => void;
}

/**
 * @throws SteepError USAGE (64), UNDO_NOT_READY, BLOCKED and HAZARD_NOT_ALLOWED (3), RUN_LOCKED (5), MERGE_AUDIT_UNREAD (7);
 * what a row cannot be written for.
 */
export const undoMerge = async (
  request: MergeUndoRequest,
  runtime: RuntimeEnvironment,
): Promise<MergeResult<UndoReport>> => {
  const { topology, diagnostics } = loadFile(request.file, runtime);
  if (topology === null) return { diagnostics, report: null };
  const report = await runOperation('repair', request, runtime, (run) =>
    undoRun(request, topology, run),
  );
  return { diagnostics, report };
};

const undoRun = async (
  request: MergeUndoRequest,
  project: Project,
  run: Run,
): Promise<UndoReport> => {
  const startedAt = run.runtime.clock();
  const nodes = await run.open(project.desired.nodes, project.connections);
  const live = await readCatalogs(project, nodes, run.runtime);
  const merge = await findMerge(request.run, project, live, nodes);
  const guard = scanGuard(project);
  const asked = readWanted({ tables: request.tables, schemas: null }).tables;
  const names = asked?.map(formatName) ?? null;
  const made = await makeUndoPlan(merge, request.run, names, live, readGuard(guard));
  const { plan } = made;
  request.show(plan);
  const report = (outcome: RepairOutcome, more: Partial<UndoReport> = {}): UndoReport => ({
    formatVersion: undoFormatVersion,
    outcome,
    plan,
    runId: null,
    tables: [],
    dangling: [],
    elapsedMs: Math.round(run.runtime.clock() - startedAt),
    ...more,
  });
  const unread = plan.tables.some(({ error }) => error !== null);
  if (plan.tables.every(({ restore }) => restore === 0)) {
    return report(unread ? 'partial' : 'nothing-to-do');
  }
  if (request.dryRun) return report('planned');
  assertPossible(plan, 'These rows cannot be written back');
  const isAllowed = await isAgreed(plan, request, project.desired.policy, 'The undo');
  if (!isAllowed) return report('declined');
  await lockEnds(merge.named.forth, nodes, run);
  const { settleMs, onText } = request;
  const scene: UndoScene = { ...made, merge, live, guard, settleMs, onText };
  const ran = await runUndo(scene, run);
  const isWhole = !unread && ran.tables.every(({ left }) => left === 0);
  return report(isWhole ? 'repaired' : 'partial', { ...ran, runId: run.identity.runId });
};
