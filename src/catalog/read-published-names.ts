// The tables that publications send, by name: those of publications that are there.

import type { QualifiedName } from '../model/identifier.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql.ts';

/** Each once; before 16 the function takes one name. */
export const readPublishedNames = (
  session: Session,
  publications: readonly string[],
): Promise<readonly QualifiedName[]> =>
  session.query<QualifiedName>(sql`
    SELECT DISTINCT n.nspname::text AS schema, c.relname::text AS name
      FROM pg_catalog.pg_publication AS p
     CROSS JOIN LATERAL pg_catalog.pg_get_publication_tables(p.pubname::text) AS g
      JOIN pg_catalog.pg_class AS c ON c.oid = g.relid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE p.pubname = ANY (${publications}::name[])
     ORDER BY 1, 2`);
