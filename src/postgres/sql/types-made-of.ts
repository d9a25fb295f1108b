// SQL: what a type is made of.

import { type Sql, sql } from './sql.ts';

/** Of the row t of pg_type: OIDs of the types of its values, 0 where there is none: arrays, domains, composite types, ranges. */
export const typesMadeOf: Sql = sql`
  SELECT t.typelem AS oid
   UNION ALL
  SELECT t.typbasetype
   UNION ALL
  SELECT a.atttypid
    FROM pg_catalog.pg_attribute AS a
   WHERE t.typrelid <> 0 AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
   UNION ALL
  SELECT g.rngsubtype FROM pg_catalog.pg_range AS g WHERE g.rngtypid = t.oid
   UNION ALL
  SELECT g.rngtypid FROM pg_catalog.pg_range AS g WHERE g.rngmultitypid = t.oid`;
