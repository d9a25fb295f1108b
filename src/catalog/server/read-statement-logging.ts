// Reads which settings of a server would keep the text of a statement, with the password in it.

import { type StatementLogging, sampledTransactions } from '../../model/state/statement-logging.ts';
import { actingRole } from '../../postgres/acting-role.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { featuresOf } from '../../postgres/versions.ts';

/** In the order of their names. A statement that fails is logged at `error`, which is what servers come with. */
export const readStatementLogging = (session: Session): Promise<readonly StatementLogging[]> =>
  session.query<StatementLogging>(sql`
    SELECT s.name AS setting,
           s.name <> ${sampledTransactions} AND (s.context = 'user' OR ${mayTurnOff(session)}) AS "mayTurnOff"
      FROM pg_catalog.pg_settings AS s
      LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = ${actingRole(session)}
     WHERE CASE s.name
             WHEN 'log_statement' THEN s.setting <> 'none'
             WHEN 'log_min_duration_statement' THEN s.setting <> '-1'
             WHEN 'log_min_duration_sample' THEN
               s.setting <> '-1' AND pg_catalog.current_setting('log_statement_sample_rate') <> '0'
             WHEN ${sampledTransactions} THEN s.setting <> '0'
             WHEN 'log_min_error_statement' THEN s.setting NOT IN ('fatal', 'panic')
             WHEN 'pgaudit.log' THEN s.setting NOT IN ('', 'none')
             WHEN 'pg_stat_statements.track_utility' THEN
               s.setting = 'on' AND pg_catalog.current_setting('pg_stat_statements.track') <> 'none'
             WHEN 'track_activities' THEN s.setting = 'on'
             ELSE false END
     ORDER BY s.name COLLATE "C"`);

const mayTurnOff = (session: Session): Sql =>
  featuresOf(session.serverVersion).parameterPrivileges
    ? sql`pg_catalog.has_parameter_privilege(${actingRole(session)}, s.name, 'SET')`
    : sql`COALESCE(r.rolsuper, false)`;
