// Tables that are not defined any more as an older snapshot shows them. Functions like pg_get_indexdef() look at the present
// whatever the snapshot: what they say then is nothing, or of another table than the rest of the catalogs.

import type { QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** In a transaction at the snapshot: those that were dropped since, or renamed, or have other columns, keys or indexes. */
export const readChangedDefinitions = (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<readonly QualifiedName[]> =>
  session.query<QualifiedName>(sql`
    SELECT n.nspname::text AS schema, c.relname::text AS name
      FROM ROWS FROM (pg_catalog.unnest(${tables.map(({ schema }) => schema)}::text[]),
                      pg_catalog.unnest(${tables.map(({ name }) => name)}::text[])) AS t (schema, name)
      JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema
      JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name
     WHERE CASE
           WHEN pg_catalog.pg_table_is_visible(c.oid) IS NULL THEN true
           ELSE EXISTS (SELECT FROM pg_catalog.pg_index AS x
                         WHERE x.indrelid = c.oid AND pg_catalog.pg_get_indexdef(x.indexrelid) IS NULL)
             OR EXISTS (SELECT FROM pg_catalog.pg_constraint AS k
                         WHERE k.conrelid = c.oid AND pg_catalog.pg_get_constraintdef(k.oid) IS NULL)
             OR EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                           AND (pg_catalog.pg_identify_object('pg_catalog.pg_class'::pg_catalog.regclass, c.oid, a.attnum)).identity
                               IS DISTINCT FROM pg_catalog.format('%I.%I.%I', n.nspname, c.relname, a.attname))
           END
     ORDER BY 1, 2`);
