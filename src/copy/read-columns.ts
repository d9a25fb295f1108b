// Reads the columns of tables with what their values look like in FORMAT binary. The same query on both ends.

import { type Sql, sql } from '../postgres/sql.ts';
import type { CopyColumn } from './copy-table.ts';

/**
 * JSON of the columns of the table with this oid, in its order, those that `wanted` says (of `a`, its attribute).
 * Needs wireTypes in the WITH of the query.
 */
export const columnsOf = (oid: Sql, wanted: Sql): Sql => sql`
  (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(a.attname, w.wire, a.attgenerated <> '') ORDER BY a.attnum)
     FROM pg_catalog.pg_attribute AS a
     LEFT JOIN wire_types AS w ON w.oid = a.atttypid
    WHERE a.attrelid = ${oid} AND a.attnum > 0 AND NOT a.attisdropped AND (${wanted}))`;

export type ColumnTuple = readonly [name: string, wire: string | null, generated: boolean];

export const toColumn = ([name, wire, generated]: ColumnTuple): CopyColumn => ({
  name,
  wire,
  generated,
});

/**
 * Two columns whose wire types are equal and not null exchange binary values. Of a domain, its base type
 * counts; labels of enums travel as text; arrays carry the OID of their element, so that it must be built in.
 * Not so: the reg… types (the OID of something else), xml (it names an encoding), interval (infinity came with
 * 17), what has no binary form, and every type that is not built in: its versions may differ.
 */
export const wireTypes: Sql = sql`
  portable (oid) AS (
    SELECT t.oid FROM pg_catalog.pg_type AS t
     WHERE t.oid < 16384 AND t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
       AND t.typtype IN ('b', 'r', 'm') AND t.typcategory <> 'A' AND t.typsend <> 0 AND t.typreceive <> 0
       AND t.typname !~ '^(reg|pg_node|pg_dep|pg_ndis|pg_mcv|pg_brin)' AND t.typname NOT IN ('xml', 'interval', 'aclitem')
  ),
  based (oid, type) AS (
    SELECT t.oid, t.oid FROM pg_catalog.pg_type AS t
    UNION ALL
    SELECT b.oid, t.typbasetype FROM based AS b
      JOIN pg_catalog.pg_type AS t ON t.oid = b.type AND t.typtype = 'd'
  ),
  wire_types (oid, wire) AS (
    SELECT b.oid, CASE WHEN t.typtype = 'e' THEN 'enum' ELSE t.oid::text END
      FROM based AS b
      JOIN pg_catalog.pg_type AS t ON t.oid = b.type
     WHERE t.typtype = 'e' OR t.oid IN (SELECT p.oid FROM portable AS p)
        OR (t.oid < 16384 AND t.typlen = -1 AND t.typelem IN (SELECT p.oid FROM portable AS p)
            AND t.typcategory = 'A')
  )`;
