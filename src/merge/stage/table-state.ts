// What of a table can change without a change of a row being sent: its files, its partitions, its types, and what the
// publication sends of it.

import { formatName, type QualifiedName, quoteIdentifier } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** By formatName; two that are the same: every change of a row in between was sent. */
export type TableStates = ReadonlyMap<string, string>;

const relation = ({ schema, name }: QualifiedName): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;

/**
 * What a publication does not send is in no state: such a table is in none of them. TRUNCATE gives a table another file, and a
 * publication that was altered and set back has another xmin.
 */
export const readTableStates = async (
  session: Session,
  tables: readonly QualifiedName[],
  publication: string,
): Promise<TableStates> => {
  const rows = await session.query<{ readonly name: string; readonly state: string }>(sql`
    WITH wanted AS (
      SELECT t.label, c.oid, c.relnamespace, ARRAY(
               SELECT c.oid UNION SELECT p.relid::oid FROM pg_catalog.pg_partition_tree(c.oid) AS p) AS heaps
        FROM ROWS FROM (pg_catalog.unnest(${tables.map(formatName)}::text[]),
                        pg_catalog.unnest(${tables.map(relation)}::text[])) AS t (label, name)
        JOIN pg_catalog.pg_class AS c ON c.oid = pg_catalog.to_regclass(t.name)),
    sent AS (
      SELECT p.oid, p.xmin::text AS version, p.puballtables, p.pubviaroot,
             ARRAY(SELECT n.oid FROM pg_catalog.pg_publication_namespace AS n WHERE n.pnpubid = p.oid ORDER BY 1) AS schemas
        FROM pg_catalog.pg_publication AS p
       WHERE p.pubname = ${publication} AND p.pubinsert AND p.pubupdate AND p.pubdelete)
    SELECT w.label AS name, pg_catalog.json_build_array(s.oid, s.version, s.puballtables, s.pubviaroot, s.schemas,
             ARRAY(SELECT r.oid FROM pg_catalog.pg_publication_rel AS r
                    WHERE r.prpubid = s.oid AND r.prrelid = ANY (w.heaps) ORDER BY 1),
             (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(
                       c.oid, c.relnamespace, c.relname, c.relkind, c.relpersistence, pg_catalog.pg_relation_filenode(c.oid),
                       (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(
                                 a.attnum, a.attname, a.atttypid, a.atttypmod, a.attcollation, a.attgenerated,
                                 ARRAY(SELECT e.enumlabel FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = a.atttypid ORDER BY e.oid))
                               ORDER BY a.attnum)
                          FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0)) ORDER BY c.oid)
                FROM pg_catalog.pg_class AS c WHERE c.oid = ANY (w.heaps)))::text AS state
      FROM wanted AS w CROSS JOIN sent AS s
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_publication_rel AS r
                        WHERE r.prpubid = s.oid AND r.prrelid = ANY (w.heaps) AND (r.prqual IS NOT NULL OR r.prattrs IS NOT NULL))
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = ANY (w.heaps) AND c.relpersistence <> 'p')
       AND (s.puballtables OR w.relnamespace = ANY (s.schemas)
            OR EXISTS (SELECT FROM pg_catalog.pg_publication_rel AS r WHERE r.prpubid = s.oid AND r.prrelid = w.oid))`);
  return new Map(rows.map(({ name, state }) => [name, state]));
};
