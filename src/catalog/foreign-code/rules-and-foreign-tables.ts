// SQL: code of tables that is no function: statements of rules, and foreign tables. Each is a piece of the query of foreign code,
// with its tables as `tree`.

import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { isUntrusted } from './called-functions.ts';

/**
 * What a statement runs in place of itself, or in addition: a rule of a user. Rows are written where session_replication_role
 * is replica, as with triggers; an ordinary session may empty a table.
 */
const isRunRule: Sql = sql`
  w.oid >= 16384
  AND CASE u.use WHEN 'write' THEN w.ev_type IN ('2', '3', '4') AND w.ev_enabled IN ('A', 'R')
           ELSE w.ev_type = '4' AND w.ev_enabled <> 'D' END`;

/** Whatever a rule does is its owner's, who owns the table: its statements may fire triggers and read views, too. */
export const rules = (session: Session): Sql => sql`
  SELECT t.name, u.use, 'rule ' || pg_catalog.quote_ident(w.rulename), NULL, 'statements of a rule', r.rolname::text, NULL
    FROM tree AS t
    JOIN pg_catalog.pg_class AS c ON c.oid = t.oid AND t.oid = t.root
    JOIN pg_catalog.pg_roles AS r ON r.oid = c.relowner AND ${isUntrusted(session)}
    JOIN pg_catalog.pg_rewrite AS w ON w.ev_class = c.oid
    JOIN (VALUES ('empty'), ('write')) AS u (use) ON ${isRunRule}`;

/**
 * A foreign table connects to another server, as the role that its owner, or that of the server, names; a superuser needs no password
 * for that, so that it may lead back here.
 */
export const foreignTables = (session: Session): Sql => sql`
  SELECT t.name, u.use, 'foreign table ' || c.oid::pg_catalog.regclass::text, NULL,
         'foreign server ' || pg_catalog.quote_ident(s.srvname), r.rolname::text, NULL
    FROM tree AS t
    JOIN pg_catalog.pg_foreign_table AS f ON f.ftrelid = t.oid
    JOIN pg_catalog.pg_class AS c ON c.oid = t.oid
    JOIN pg_catalog.pg_foreign_server AS s ON s.oid = f.ftserver
    JOIN pg_catalog.pg_roles AS r ON r.oid IN (c.relowner, s.srvowner) AND ${isUntrusted(session)}
   CROSS JOIN (VALUES ('fill'), ('scan'), ('empty'), ('alter')) AS u (use)`;
