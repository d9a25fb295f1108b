// Reads which merges wrote rows of a node, and each row that lost: steep_repl.merge_runs and merge_audit_log.

import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { MergeAuditEntry, RecordedMerge } from '../../model/report/merge.ts';
import type { Address } from '../../model/state/address.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** The version of steep_repl that has both. */
const mergesSince = 5;

/** Of one subscription; the last one first. */
export const readMergeRuns = async (
  metadata: Session,
  metadataVersion: number,
  address: Address,
): Promise<readonly Omit<RecordedMerge, 'node'>[]> => {
  if (metadataVersion < mergesSince) return [];
  return metadata.query<Omit<RecordedMerge, 'node'>>(sql`
    SELECT r.run_id AS "runId", r.state, r.tables, r.overwritten, r.inserted, r.deleted,
           pg_catalog.to_char(r.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "startedAt",
           pg_catalog.to_char(r.ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "endedAt"
      FROM steep_repl.merge_runs AS r
     WHERE r.kind = 'merge' AND r.address = ${address}
     ORDER BY r.started_at DESC, r.run_id`);
};

const rowsAtOnce = 1000;

/** A row of the audit log, and which transaction wrote it: the same that wrote the row in the place of the one that lost. */
export interface LoggedRow extends Omit<MergeAuditEntry, 'node'> {
  readonly entry: string;
  readonly xid: string;
}

export interface AskedAudit {
  readonly runId: string;
  /** As formatName writes them; null: all. */
  readonly tables: readonly string[] | null;
}

/** In the order in which they were written. @throws SteepError MERGE_AUDIT_UNREAD (exit 7); what the body throws. */
export const readMergeAudit = async (
  metadata: Session,
  metadataVersion: number,
  { runId, tables }: AskedAudit,
  onRows: (some: readonly LoggedRow[]) => void | Promise<void>,
): Promise<void> => {
  if (metadataVersion < mergesSince) return;
  await assertReadable(metadata);
  for (let after = '0'; ; ) {
    const some = await metadata.query<LoggedRow>(sql`
      SELECT l.entry::text AS entry, l.xmin::text AS xid, l.run_id AS "runId", l.table_name AS table, l.key, l.losing,
             l.winner, l.rule, pg_catalog.to_char(l.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at
        FROM steep_repl.merge_audit_log AS l
       WHERE l.run_id = ${runId} AND l.entry > ${after}::bigint
         AND (${tables === null} OR l.table_name = ANY (${tables ?? []}::text[]))
       ORDER BY l.entry LIMIT ${rowsAtOnce}`);
    const last = some.at(-1);
    if (last === undefined) return;
    after = last.entry;
    await onRows(some);
  }
};

/** Row security would leave rows out without an error. */
const assertReadable = async (metadata: Session): Promise<void> => {
  const [found] = await metadata.query<{ readonly readable: boolean }>(sql`
    SELECT pg_catalog.has_table_privilege('steep_repl.merge_audit_log', 'SELECT')
       AND NOT pg_catalog.row_security_active('steep_repl.merge_audit_log') AS readable`);
  if (found?.readable === true) return;
  throw new SteepError(
    'MERGE_AUDIT_UNREAD',
    `Node ${metadata.node}: the role may not read steep_repl.merge_audit_log, which holds values of rows.`,
    {
      exit: ExitCode.incomplete,
      suggestions: ['Connect as the role that owns steep_repl, or as a member of it.'],
    },
  );
};
