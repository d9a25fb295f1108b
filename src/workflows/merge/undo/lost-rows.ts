// The rows that one node lost in a merge, read from its audit log some at a time, by table.

import { type LoggedRow, readMergeAudit } from '../../../catalog/metadata/read-merge-runs.ts';
import type { MergedTable } from '../../../merge/merged-table.ts';
import type { UndoKey } from '../../../merge/undo/undo-rows.ts';
import { mergeDeleted } from '../../../merge/write-decisions.ts';
import type { OpenEnd } from '../open-merge.ts';

/** In the order in which they were lost. @param tables as formatName writes them; null: all. */
export const eachLost = (
  { metadata, metadataVersion }: Pick<OpenEnd, 'metadata' | 'metadataVersion'>,
  runId: string,
  tables: readonly string[] | null,
  body: (table: string, rows: readonly LoggedRow[]) => Promise<void>,
): Promise<void> =>
  readMergeAudit(metadata, metadataVersion, { runId, tables }, async (some) => {
    for (const [table, rows] of Map.groupBy(some, (row) => row.table)) await body(table, rows);
  });

/** Found by the key that the table has now. */
export const keysOf = ({ onto }: MergedTable, rows: readonly LoggedRow[]): readonly UndoKey[] => {
  const names = onto.a.ends.b.key.map(({ column }) => column);
  return rows.map(({ key, losing, rule, xid }) => ({
    hash: '0',
    key: names.map((name) => (key ?? losing)[name] ?? null),
    agreed: {},
    lost: {
      values: new Map(Object.entries(losing)),
      xid,
      deleted: rule.endsWith(mergeDeleted),
    },
  }));
};
