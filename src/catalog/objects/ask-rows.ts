// Looks into the rows of a table of the source, where nothing speaks against it.

import type { QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { lockTables } from '../../postgres/sql/named-tables.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { readForeignCode } from '../foreign-code/read-foreign-code.ts';

/** What was there before is at the beginning of a table: 8 MB of it are read. */
export const beginning = '(1024,0)';

type Access = 'open' | 'locked' | 'closed' | 'empty';

/** Whether the rows of a table can be looked at now. */
export const readTableAccess = async (
  session: Session,
  { schema, name }: QualifiedName,
): Promise<Access> => {
  const [row] = await session.query<{ readonly access: Access }>(sql`
    SELECT CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_locks AS l
                              WHERE l.relation = c.oid AND l.mode = 'AccessExclusiveLock') THEN 'locked'
                WHEN pg_catalog.pg_relation_size(c.oid) = 0 THEN 'empty'
                WHEN pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
                 AND NOT pg_catalog.row_security_active(c.oid) THEN 'open' ELSE 'closed' END AS access
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname = ${schema} AND c.relname = ${name} AND c.relkind = 'r'`);
  return row?.access ?? 'empty';
};

/**
 * Of a table that is open.
 * @param query of one column `found`
 * @returns null: to read it would run code of a role that is not trusted.
 */
export const askRows = (
  session: Session,
  table: QualifiedName,
  query: Sql,
): Promise<boolean | null> =>
  session.transaction({ readOnly: true }, async () => {
    await lockTables(session, [table]);
    const code = await readForeignCode(session, [table], ['scan']);
    if (code.length > 0) return null;
    const [row] = await session.query<{ readonly found: boolean }>(query);
    return row?.found === true;
  });
