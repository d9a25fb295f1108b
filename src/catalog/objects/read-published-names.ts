// The tables that publications send, by name: those of publications that are there.

import type { Published } from '../../model/edge/published.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

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

/** What a subscription to these publications gets now. */
export const readPublished = async (
  session: Session,
  publications: readonly string[],
): Promise<Published> => {
  const there = await session.query<{ readonly name: string }>(sql`
    SELECT p.pubname::text AS name FROM pg_catalog.pg_publication AS p
     WHERE p.pubname = ANY (${publications}::name[]) ORDER BY 1`);
  const tables = await session.query<QualifiedName & { readonly covered: boolean }>(sql`
    WITH sent AS (
      SELECT DISTINCT g.relid::oid AS relid
        FROM pg_catalog.pg_publication AS p
       CROSS JOIN LATERAL pg_catalog.pg_get_publication_tables(p.pubname::text) AS g
       WHERE p.pubname = ANY (${publications}::name[]))
    SELECT n.nspname::text AS schema, c.relname::text AS name,
           EXISTS (SELECT FROM pg_catalog.pg_partition_ancestors(c.oid) AS a (relid)
                     JOIN sent AS o ON o.relid = a.relid
                    WHERE a.relid <> c.oid) AS covered
      FROM sent
      JOIN pg_catalog.pg_class AS c ON c.oid = sent.relid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     ORDER BY 1, 2`);
  const names = new Set(there.map(({ name }) => name));
  return {
    missing: publications.filter((name) => !names.has(name)),
    tables: new Set(tables.map(formatName)),
    certain: tables.filter(({ covered }) => !covered).map(formatName),
  };
};
