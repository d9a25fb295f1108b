// What of a table both nodes must satisfy once they have the same rows: unique constraints beside the key, and foreign keys
// to tables that are not merged.

import type { QualifiedName } from '../model/identifier.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';

/** A unique index of plain columns, for all rows of the table. */
export interface UniqueColumns {
  readonly name: string;
  readonly columns: readonly string[];
  /** NULL differs from NULL. */
  readonly nullsDistinct: boolean;
}

/** Its rows may refer to nothing once rows of the other node are stored. */
export interface OutwardReference {
  readonly name: string;
  readonly columns: readonly string[];
  readonly to: QualifiedName;
  readonly toColumns: readonly string[];
  /** Of the columns that are referred to, in pg_catalog. */
  readonly types: readonly string[];
}

/** Without those of expressions and of a part of the rows, which are found as rows are written. */
export const readUniqueColumns = (
  session: Session,
  { schema, name }: QualifiedName,
): Promise<readonly UniqueColumns[]> =>
  session.query<UniqueColumns>(sql`
    SELECT x.relname::text AS name,
           NOT coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS "nullsDistinct",
           ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS u (number, position)
                   JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = u.number
                  WHERE u.position <= i.indnkeyatts ORDER BY a.attname COLLATE "C") AS columns
      FROM pg_catalog.pg_index AS i
      JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
      JOIN pg_catalog.pg_class AS c ON c.oid = i.indrelid AND c.relname = ${name}
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = ${schema}
     WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
     ORDER BY x.relname COLLATE "C"`);

/**
 * Foreign keys that hold for all rows, to tables none of whose rows are merged, and which the role may read.
 * @param merged all tables that are.
 */
export const readOutwardReferences = (
  session: Session,
  { schema, name }: QualifiedName,
  merged: readonly QualifiedName[],
): Promise<readonly OutwardReference[]> =>
  session.query<OutwardReference>(sql`
    SELECT k.conname::text AS name,
           pg_catalog.json_build_object('schema', tn.nspname, 'name', tc.relname) AS "to", p.columns, p."toColumns", p.types
      FROM pg_catalog.pg_constraint AS k
      JOIN pg_catalog.pg_namespace AS n ON n.nspname = ${schema}
      -- That of a partitioned table holds for its partitions.
      JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = ${name}
       AND (c.oid = k.conrelid OR k.conrelid IN (SELECT a.relid FROM pg_catalog.pg_partition_ancestors(c.oid) AS a))
      JOIN pg_catalog.pg_class AS tc ON tc.oid = k.confrelid
      JOIN pg_catalog.pg_namespace AS tn ON tn.oid = tc.relnamespace
     CROSS JOIN LATERAL (
           SELECT pg_catalog.array_agg(a.attname::text ORDER BY u.position) AS columns,
                  pg_catalog.array_agg(ta.attname::text ORDER BY u.position) AS "toColumns",
                  pg_catalog.array_agg(t.typname::text ORDER BY u.position) AS types,
                  pg_catalog.bool_and(t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace) AS "builtIn"
             FROM ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey)) WITH ORDINALITY AS u (mine, theirs, position)
             JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.mine
             JOIN pg_catalog.pg_attribute AS ta ON ta.attrelid = k.confrelid AND ta.attnum = u.theirs
             JOIN pg_catalog.pg_type AS t ON t.oid = ta.atttypid) AS p
     WHERE k.contype = 'f' AND k.conparentid = 0 AND k.convalidated AND p."builtIn"
       AND pg_catalog.has_table_privilege(tc.oid, 'SELECT')
       AND NOT EXISTS (
           SELECT FROM ROWS FROM (pg_catalog.unnest(${merged.map((it) => it.schema)}::name[]),
                                  pg_catalog.unnest(${merged.map((it) => it.name)}::name[])) AS m (schema, name)
             JOIN pg_catalog.pg_namespace AS mn ON mn.nspname = m.schema
             JOIN pg_catalog.pg_class AS mc ON mc.relnamespace = mn.oid AND mc.relname = m.name
            WHERE mc.oid = tc.oid
               OR mc.oid IN (SELECT pg_catalog.pg_partition_ancestors(tc.oid))
               OR mc.oid IN (SELECT t.relid FROM pg_catalog.pg_partition_tree(tc.oid) AS t))
     ORDER BY k.conname COLLATE "C"`);
