// Whether publications are still the ones that they were: their OIDs, those of what belongs to them, and who wrote them last.

import type { PublicationMark } from '../../model/copy/manual-init.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** In order of name; those that do not exist are left out. TABLES IN SCHEMA exists from 15 on. */
export const readPublicationMarks = async (
  session: Session,
  names: readonly string[],
): Promise<readonly PublicationMark[]> => {
  const [found] = await session.query<{ readonly there: boolean }>(sql`
    SELECT pg_catalog.to_regclass('pg_catalog.pg_publication_namespace') IS NOT NULL AS there`);
  const schemas =
    found?.there === true
      ? sql`UNION ALL SELECT n.oid FROM pg_catalog.pg_publication_namespace AS n WHERE n.pnpubid = p.oid`
      : sql``;
  return session.query<PublicationMark>(sql`
    SELECT p.pubname::text AS name, p.oid::int8 AS oid, p.xmin::text AS xmin, p.pubviaroot AS "viaRoot",
           pg_catalog.array_remove(ARRAY[
             CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
             CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END], NULL) AS publish,
           pg_catalog.to_json(ARRAY(
             SELECT m.oid::int8 FROM (
               SELECT r.oid FROM pg_catalog.pg_publication_rel AS r WHERE r.prpubid = p.oid ${schemas}) AS m
              ORDER BY 1)) AS members
      FROM pg_catalog.pg_publication AS p
     WHERE p.pubname = ANY (${names}::name[])
     ORDER BY p.pubname`);
};
