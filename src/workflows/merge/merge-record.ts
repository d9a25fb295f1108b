// steep merge status and audit: what both nodes of a pair have on record of their merges. Read-only.

import {
  type LoggedRow,
  readMergeAudit,
  readMergeRuns,
} from '../../catalog/metadata/read-merge-runs.ts';
import { SteepError } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { printable } from '../../model/printable.ts';
import {
  type MergeAudit,
  type MergeAuditEntry,
  type MergeStatus,
  mergeFormatVersion,
  type RecordedMerge,
} from '../../model/report/merge.ts';
import { readWanted } from '../plan/wanted-tables.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { type MergeRequest, type MergeResult, type OpenMerge, withMerge } from './open-merge.ts';

/** @throws as withMerge does. */
export const mergeStatus = (
  request: MergeRequest,
  runtime: RuntimeEnvironment,
): Promise<MergeResult<MergeStatus>> =>
  withMerge(request, 'steep merge status', runtime, async (merge) => ({
    formatVersion: mergeFormatVersion,
    pair: merge.name,
    first: merge.a.node,
    second: merge.b.node,
    state: merge.state,
    runs: await runsOf(merge),
  }));

/** That both nodes have on record; the last one first. */
export const runsOf = async ({ a, b }: OpenMerge): Promise<readonly RecordedMerge[]> => {
  const runs: RecordedMerge[] = [];
  for (const { node, metadata, metadataVersion, address } of [a, b]) {
    const found = await readMergeRuns(metadata, metadataVersion, address);
    runs.push(...found.map((run) => ({ node, ...run })));
  }
  return runs.toSorted((one, other) => other.startedAt.localeCompare(one.startedAt));
};

export interface AuditRequest extends MergeRequest {
  /** Null: the last one that has written rows. */
  readonly run: string | null;
  /** As SQL names them; null: all. */
  readonly tables: readonly string[] | null;
  readonly onEntry: (entry: MergeAuditEntry) => void;
}

/** @throws as withMerge does; SteepError USAGE for a run that is not on record, MERGE_AUDIT_UNREAD. */
export const auditMerge = (
  request: AuditRequest,
  runtime: RuntimeEnvironment,
): Promise<MergeResult<MergeAudit>> =>
  withMerge(request, 'steep merge audit', runtime, async (merge) => {
    const runId = chosenRun(request.run, await runsOf(merge));
    const tables = readWanted({ tables: request.tables, schemas: null }).tables;
    const common = { formatVersion: mergeFormatVersion, pair: merge.name, runId };
    if (runId === null) return { ...common, tables: [] };
    const counts = new Map<string, MergeAudit['tables'][number]>();
    const asked = { runId, tables: tables?.map(formatName) ?? null };
    for (const { node, metadata, metadataVersion } of [merge.a, merge.b]) {
      await readMergeAudit(metadata, metadataVersion, asked, (some) => {
        for (const entry of some) {
          const { table, rule } = entry;
          const name = JSON.stringify([node, table, rule]);
          const rows = (counts.get(name)?.rows ?? 0) + 1;
          counts.set(name, { node, table, rule, rows });
          request.onEntry(entryOf(node, entry));
        }
      });
    }
    return { ...common, tables: [...counts.values()] };
  });

const entryOf = (
  node: string,
  { entry: _entry, xid: _xid, ...row }: LoggedRow,
): MergeAuditEntry => ({ node, ...row });

const chosenRun = (asked: string | null, runs: readonly RecordedMerge[]): string | null => {
  const hasRows = ({ state }: RecordedMerge): boolean =>
    state === 'written' || state === 'completed';
  if (asked === null) return runs.find(hasRows)?.runId ?? null;
  if (runs.some(({ runId }) => runId === asked)) return asked;
  throw new SteepError('USAGE', `No merge ${printable(asked)} is on record on either node.`, {
    exit: ExitCode.usage,
    suggestions: [...new Set(runs.map(({ runId }) => runId))],
  });
};
