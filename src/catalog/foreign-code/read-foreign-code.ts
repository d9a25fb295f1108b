// Reads which functions of others would run with the rights of steep's role when tables are filled, read or emptied.

import type { QualifiedName } from '../../model/identifier.ts';
import type { ForeignCode, TableUse } from '../../model/state/foreign-code.ts';
import { withoutLargeHashTables } from '../../postgres/hash-memory.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { isTrustedRole } from '../../postgres/trusted-roles.ts';
import { foreignCodeQuery } from './foreign-code-query.ts';

/**
 * Of these tables with all of their partitions, in one query; a table that is not there has none. To be called in a
 * transaction: only there the query can be given little memory.
 */
export const readForeignCode = async (
  session: Session,
  tables: readonly QualifiedName[],
  uses: readonly TableUse[],
): Promise<readonly ForeignCode[]> => {
  if (tables.length === 0 || !(await hasUntrustedOwners(session))) return [];
  const found = await withoutLargeHashTables(session, () =>
    session.query<ForeignCode>(foreignCodeQuery(session, tables)),
  );
  return found.filter(({ use }) => uses.includes(use));
};

/**
 * Whether a role that is not trusted owns anything that foreignCodeQuery() looks for, or may make triggers: most databases
 * in which one role owns all need no more than this, which costs a fraction of that query. The trusted ones, few, as an array:
 * IN (SELECT …) would be a join that reads the roles again for each of thousands of objects.
 */
const hasUntrustedOwners = async (session: Session): Promise<boolean> => {
  const [row] = await session.query<{ readonly found: boolean }>(sql`
    SELECT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.relowner <> ALL (trusted.oids))
        OR EXISTS (SELECT FROM pg_catalog.pg_type AS t WHERE t.typowner <> ALL (trusted.oids))
        OR EXISTS (SELECT FROM pg_catalog.pg_proc AS p WHERE p.proowner <> ALL (trusted.oids))
        OR EXISTS (SELECT FROM pg_catalog.pg_foreign_server AS s WHERE s.srvowner <> ALL (trusted.oids))
        OR EXISTS (
             SELECT FROM pg_catalog.pg_class AS c CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS a
              WHERE a.privilege_type = 'TRIGGER' AND a.grantee <> ALL (trusted.oids)) AS found
      FROM (SELECT ARRAY(SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE ${isTrustedRole(session)}) AS oids) AS trusted`);
  return row?.found !== false;
};
