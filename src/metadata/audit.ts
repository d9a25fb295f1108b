// The audit log of steep_repl: who did what, in which run. Nothing in it is secret.

import type { Session } from '../postgres/session.ts';
import { type Sql, sql } from '../postgres/sql/sql.ts';

export interface AuditLine {
  readonly runId: string;
  readonly event: string;
  readonly subject: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

export const auditLine = ({ runId, event, subject, detail }: AuditLine): Sql => sql`
  INSERT INTO steep_repl.audit_log (run_id, event, subject, detail)
  VALUES (${runId}, ${event}, ${subject}, ${detail === undefined ? null : JSON.stringify(detail)}::jsonb)`;

/** Writes nothing where steep_repl is not installed. Through pg_class: to_regclass would fail without rights on the schema. */
export const writeAudit = async (session: Session, line: AuditLine): Promise<void> => {
  const found = await session.query(sql`
    SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname = 'steep_repl' AND c.relname = 'audit_log'`);
  if (found.length > 0) await session.query(auditLine(line));
};
