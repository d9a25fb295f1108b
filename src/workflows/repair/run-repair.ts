// What was agreed to is written: under the run locks, noted as a run, in passes where not all keys are held at once.

import { readDangling } from '../../catalog/repair/read-dangling.ts';
import { anyColumns, type CodeGuard } from '../../copy/check/code-guard.ts';
import { endMergeRun, startMergeRun } from '../../metadata/merge-audit.ts';
import { formatName } from '../../model/identifier.ts';
import type {
  DanglingReference,
  RepairedTableReport,
  RepairPlan,
} from '../../model/report/repair.ts';
import type { Session } from '../../postgres/session.ts';
import { lockEnds } from '../init/init-ends.ts';
import { installMetadataNow } from '../operation/install-metadata.ts';
import { nodesNamed, type Run } from '../operation/open-run.ts';
import { guardWithoutPlan } from '../plan/code-guard.ts';
import type { ComparedEdge, EdgeTable } from '../verify/compared-edge.ts';
import { edgeFence } from '../verify/edge-fence.ts';
import type { FoundKeys } from './find-keys.ts';
import { mayActAsReplica } from './make-repair-plan.ts';
import type { RepairRequest, RepairScene } from './repair-request.ts';
import { type TableToWrite, type WritingWork, writeTables } from './write-tables.ts';

export interface RanRepair {
  readonly tables: readonly RepairedTableReport[];
  readonly dangling: readonly DanglingReference[];
}

export const runRepair = async (
  plan: RepairPlan,
  found: FoundKeys,
  edge: ComparedEdge,
  scene: RepairScene,
  request: RepairRequest,
  run: Run,
): Promise<RanRepair> => {
  const { subscription, nodes } = scene;
  await lockEnds(subscription, nodes, run);
  const [node] = nodesNamed(nodes, new Set([subscription.node]));
  if (node === undefined) throw new Error('the subscriber is not open');
  await installMetadataNow(node, run);
  const { runId } = run.identity;
  const writes = tablesToWrite(plan, found, edge);
  const names = writes.map(({ table }) => table.table);
  await node.metadata.transaction({}, () =>
    startMergeRun(node.metadata, { runId, kind: 'repair', address: plan.address }, names),
  );
  const replicaRole = mayActAsReplica(scene.live, scene.subscription.node);
  const tables = await withSessions(edge, run, (sessions) =>
    writeTables(writes, workOf(plan, edge, scene, request, run, sessions)),
  );
  const guard = scanGuard(scene.project);
  const dangling = replicaRole
    ? await readDangling(edge.subscriber, names, (session, ends) =>
        guard(session, 'scan', anyColumns(ends)),
      )
    : [];
  const isWhole = tables.every(({ left }) => left === 0) && !found.more;
  await node.metadata.transaction({}, () =>
    endMergeRun(node.metadata, runId, isWhole ? 'completed' : 'partial'),
  );
  return { tables, dangling };
};

interface Sessions {
  readonly a: Session;
  readonly b: Session;
  readonly writing: Session;
}

const workOf = (
  { source, tags }: RepairPlan,
  { slot, backSlot }: ComparedEdge,
  scene: RepairScene,
  request: RepairRequest,
  { identity: { runId }, runtime: { clock }, sleep, signal }: Run,
  { a, b, writing }: Sessions,
): WritingWork => ({
  runId,
  source,
  a,
  b,
  writing,
  replicaRole: mayActAsReplica(scene.live, scene.subscription.node),
  tags,
  fence: edgeFence(
    { session: a, slot },
    backSlot === null ? null : { session: b, slot: backSlot },
    { clock, sleep },
  ),
  guard: scanGuard(scene.project),
  references: scene.live.nodes[scene.subscription.node]?.references ?? [],
  settleMs: request.settleMs,
  clock,
  sleep,
  signal,
  onWritten: writtenText(request),
});

/** Where tables are read or written. */
export const scanGuard = ({ desired }: RepairScene['project']): CodeGuard =>
  guardWithoutPlan(desired.policy.allowHazards, leaveOut);

const leaveOut = ['Leave the table out: --tables …'];

type Written = WritingWork['onWritten'];

const writtenText = ({ onText }: RepairRequest): Written => {
  let rows = 0;
  return (table, { inserted, overwritten, deleted }) => {
    rows += inserted + overwritten + deleted;
    onText(`Repairing ${table}: ${rows} rows written`);
  };
};

export const tablesToWrite = (
  plan: RepairPlan,
  { keys }: FoundKeys,
  edge: ComparedEdge,
): readonly TableToWrite[] => {
  const byTable = Map.groupBy(keys, ({ table }) => table);
  const ofEdge = new Map<string, EdgeTable>(
    edge.tables.map((table) => [formatName(table.table), table]),
  );
  return plan.tables.flatMap((planned): readonly TableToWrite[] => {
    const table = ofEdge.get(planned.table);
    const own = byTable.get(planned.table) ?? [];
    if (table === undefined || own.length === 0) return [];
    return [{ table, keys: own, findings: plan.findings }];
  });
};

/** An interrupt cancels what runs in any of them. */
const withSessions = async <T>(
  { publisher, subscriber }: ComparedEdge,
  { signal }: Run,
  body: (sessions: Sessions) => Promise<T>,
): Promise<T> => {
  const writing = await subscriber.another();
  const all = [publisher, subscriber, writing];
  const cancel = (): void => {
    for (const session of all) session.cancel().catch(() => undefined);
  };
  signal.addEventListener('abort', cancel);
  try {
    return await body({ a: publisher, b: subscriber, writing });
  } finally {
    signal.removeEventListener('abort', cancel);
    await writing.close();
  }
};
