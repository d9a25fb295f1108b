// SQL: what the values of a table's columns are made of. A label of an enum that is renamed, an attribute of a composite type
// that is dropped and added again, and a type that reads the same bytes as another value, change all rows and write none.

import { type Sql, sql } from './sql.ts';
import { typesMadeOf } from './types-made-of.ts';

/** text and varchar: neither changes a value of the other. */
const alike: Sql = sql`a.atttypid NOT IN ('pg_catalog.text'::pg_catalog.regtype, 'pg_catalog.varchar'::pg_catalog.regtype)`;

const columnsOf = (relation: Sql): Sql =>
  sql`pg_catalog.pg_attribute AS a WHERE a.attrelid = ${relation} AND a.attnum > 0 AND NOT a.attisdropped`;

/**
 * A JSON array of texts, in their order: the columns with their types, and all labels and attributes of these. New labels
 * and new columns add facts; all else removes some. `exact`: with the length and the precision of columns.
 */
export const typeFacts = (relation: Sql, { exact }: { readonly exact: boolean }): Sql => sql`(
  WITH RECURSIVE used (oid) AS (
    SELECT a.atttypid FROM ${columnsOf(relation)} AND a.atttypid >= 16384
     UNION
    SELECT m.oid
      FROM used AS u
      JOIN pg_catalog.pg_type AS t ON t.oid = u.oid AND t.oid >= 16384
     CROSS JOIN LATERAL (${typesMadeOf}) AS m
     WHERE m.oid <> 0),
  facts (fact) AS (
    SELECT pg_catalog.concat_ws(' ', 'column', a.attnum, a.atttypid${exact ? sql`, a.atttypmod` : sql``})
      FROM ${columnsOf(relation)} ${exact ? sql`` : sql`AND ${alike}`}
     UNION ALL
    SELECT pg_catalog.concat_ws(' ', 'label', e.oid, e.enumlabel)
      FROM used AS u JOIN pg_catalog.pg_enum AS e ON e.enumtypid = u.oid
     UNION ALL
    SELECT pg_catalog.concat_ws(' ', 'attribute', c.oid, c.relnatts, a.attnum, a.attname, a.atttypid)
      FROM used AS u
      JOIN pg_catalog.pg_type AS t ON t.oid = u.oid
      JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0)
  SELECT coalesce(pg_catalog.json_agg(f.fact ORDER BY f.fact), '[]') FROM facts AS f)`;
