// Reads the columns of tables with what their values look like in FORMAT binary. The same query on both ends.

import type { ColumnName } from '../../model/copy/column-mark.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import type { CopyColumn } from '../fill/copy-table.ts';

/**
 * Two columns whose wire types are equal and not null exchange binary values. Of a domain, its base type
 * counts; labels of enums travel as text; arrays carry the OID of their element, so that it must be built in.
 * Not so: the reg… types (the OID of something else), xml (it names an encoding), interval (infinity came with
 * 17), what has no binary form, and every type that is not built in: its versions may differ.
 */
const wireTypes: Sql = sql`
  portable (oid) AS MATERIALIZED (
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
  wire_types (oid, wire) AS MATERIALIZED (
    SELECT b.oid, CASE WHEN t.typtype = 'e' THEN 'enum' ELSE t.oid::text END
      FROM based AS b
      JOIN pg_catalog.pg_type AS t ON t.oid = b.type
     WHERE t.typtype = 'e' OR t.oid IN (SELECT p.oid FROM portable AS p)
        OR (t.oid < 16384 AND t.typlen = -1 AND t.typelem IN (SELECT p.oid FROM portable AS p)
            AND t.typcategory = 'A')
  )`;

/**
 * CTEs `wire_types` and `described (position, columns)`: JSON of the columns of each row of the CTE `wanted (position,
 * oid, …)`, in the order of the table; those that `chosen` says of `a`, the attribute, and `w`, the row. Needs RECURSIVE.
 */
export const describeColumns = (chosen: Sql): Sql => sql`
  ${wireTypes},
  described (position, columns) AS MATERIALIZED (
    SELECT w.position, pg_catalog.json_agg(
             pg_catalog.json_build_array(a.attname, y.wire, a.attgenerated <> '', a.attnum) ORDER BY a.attnum)
      FROM wanted AS w
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = w.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN wire_types AS y ON y.oid = a.atttypid
     WHERE ${chosen}
     GROUP BY w.position
  )`;

export type ColumnTuple = readonly [
  name: string,
  wire: string | null,
  generated: boolean,
  number: number,
];

export const toColumn = ([name, wire, generated]: ColumnTuple): CopyColumn => ({
  name,
  wire,
  generated,
});

export const toColumnName = ([name, , , number]: ColumnTuple): ColumnName => ({ number, name });
