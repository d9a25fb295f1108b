// The tables whose changes a subscription applies, or has begun to copy.

import type { QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** By name; none where there is no such subscription in this database. */
export const readKnownTables = (
  session: Session,
  subscription: string,
): Promise<readonly QualifiedName[]> =>
  session.query<QualifiedName>(sql`
    SELECT n.nspname::text AS schema, c.relname::text AS name
      FROM pg_catalog.pg_subscription_rel AS r
      JOIN pg_catalog.pg_subscription AS s ON s.oid = r.srsubid AND s.subname = ${subscription}
      JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = pg_catalog.current_database()
      JOIN pg_catalog.pg_class AS c ON c.oid = r.srrelid AND c.relkind IN ('r', 'p')
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     ORDER BY n.nspname, c.relname`);
