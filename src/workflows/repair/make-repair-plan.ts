// From what was found to what is agreed to: rows by table, their estimates, and the hazards.

import { readRepairFacts } from '../../catalog/repair/read-repair-facts.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import {
  type RepairPlan,
  type RepairTablePlan,
  repairFormatVersion,
} from '../../model/report/repair.ts';
import type { VerifiedTable } from '../../model/report/verification.ts';
import { addressOf } from '../../model/state/address.ts';
import type { LiveState } from '../../model/state/state.ts';
import { tableSize } from '../../planner/complete/table-size.ts';
import { rateOfCopies } from '../../planner/facts/copy-estimate.ts';
import { judgeRepair, type RepairFacts, toWrite } from '../../planner/repair/judge-repair.ts';
import type { Session } from '../../postgres/session.ts';
import { tableIndex } from '../init/init-edge.ts';
import type { ComparedEdge } from '../verify/compared-edge.ts';
import type { FoundKeys } from './find-keys.ts';
import type { RepairRequest, RepairScene } from './repair-request.ts';
import type { FoundKey } from './report-keys.ts';

/** Rows a second that are written, about: it depends on how far the nodes are from each other. */
const rowsASecond = 5000;

export const makeRepairPlan = async (
  found: FoundKeys,
  request: RepairRequest,
  scene: RepairScene,
  edge: ComparedEdge,
): Promise<RepairPlan> => {
  const { subscription } = scene;
  const { node, source, name } = subscription;
  const named = new Map(edge.tables.map(({ table }) => [formatName(table), table]));
  const ready = new Set(
    edge.tables.flatMap(({ table, syncState }) => (syncState === 'r' ? [formatName(table)] : [])),
  );
  const drafts =
    found.edge === null
      ? ofReport(found.keys, ready)
      : found.edge.tables.map((table) => ofVerified(table, request));
  const tables = drafts.map((table): RepairTablePlan => {
    const rows = toWrite(table);
    const repairSeconds = rows === 0 ? null : Math.ceil(rows / rowsASecond);
    return { ...table, repairSeconds, resetSeconds: resetSeconds(table.table, scene) };
  });
  const plan = {
    formatVersion: repairFormatVersion,
    address: addressOf(node, 'subscription', name),
    source,
    node,
    findings: request.findings,
    tables,
  };
  const concerned = tables.flatMap((table): readonly QualifiedName[] => {
    const qualifiedName = named.get(table.table);
    return qualifiedName === undefined || toWrite(table) === 0 ? [] : [qualifiedName];
  });
  const facts = await readFacts(concerned, scene, edge);
  return { ...plan, tags: facts.subscriber.tags, hazards: judgeRepair(plan, facts) };
};

/** On that node, foreign keys and triggers of applications do not act on what is written. */
export const mayActAsReplica = ({ nodes }: LiveState, node: string): boolean => {
  const role = nodes[node]?.server.role;
  return role?.sessionReplicationRole === true || role?.superuser === true;
};

const readFacts = async (
  tables: readonly QualifiedName[],
  scene: RepairScene,
  edge: ComparedEdge,
): Promise<RepairFacts> => {
  const { node } = scene.subscription;
  return {
    publisher: await readRepairFacts(edge.publisher, tables),
    subscriber: await readRepairFacts(edge.subscriber, tables),
    replicaRole: mayActAsReplica(scene.live, scene.subscription.node),
    parameterPrivileges: scene.live.nodes[node]?.server.features.parameterPrivileges === true,
    auditBeside: besideRows(scene, edge.subscriber),
  };
};

const besideRows = ({ nodes, subscription }: RepairScene, session: Session): boolean =>
  nodes.metadata.get(subscription.node) === session;

const nothing = { different: 0, missing: 0, extra: 0 };

type Draft = Omit<RepairTablePlan, 'repairSeconds' | 'resetSeconds'>;

const ofVerified = (
  { table, key, counts, error }: VerifiedTable,
  { findings }: RepairRequest,
): Draft => ({
  table,
  key,
  ...nothing,
  ...Object.fromEntries(findings.map((finding) => [finding, counts?.[finding] ?? 0])),
  unsettled: counts?.unsettled ?? 0,
  rows: counts?.rowsPublisher ?? null,
  error,
});

const ofReport = (keys: readonly FoundKey[], ready: ReadonlySet<string>): readonly Draft[] =>
  [...Map.groupBy(keys, ({ table }) => table)].map(([table, own]): Draft => {
    const count = (finding: string): number =>
      own.reduce((sum, key) => sum + (key.finding === finding ? key.rows : 0), 0);
    return {
      table,
      key: own[0]?.key === null ? null : Object.keys(own[0]?.key ?? {}),
      different: count('different'),
      missing: count('missing'),
      extra: count('extra'),
      unsettled: 0,
      rows: null,
      error: ready.has(table)
        ? null
        : {
            code: 'TABLE_NOT_READY',
            message: `Table ${table} is not replicated by this subscription now.`,
          },
    };
  });

const resetSeconds = (
  table: string,
  { project, live, subscription: { node, source } }: RepairScene,
): number | null => {
  const rate = rateOfCopies(project.desired.policy.copyRate, live.nodes[node]?.pace.copies ?? []);
  const state = live.nodes[source];
  const found = state?.tables.find(({ name }) => formatName(name) === table);
  if (rate === null || state === undefined || found === undefined) return null;
  return Math.ceil(tableSize(found, tableIndex(state)) / rate.low);
};
