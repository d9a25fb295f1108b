// Which sequences feed columns of which tables, as the catalogs record it.

import { type Sql, sql } from './sql.ts';

/**
 * Rows of (sequence, relid, attnum, owned): owned by a column (serial, identity), or used in its default, or in that of its
 * domain, where the table is a user's: others are never sent. `sequence` may be another kind of relation: who joins it says
 * relkind = 'S'.
 */
export const fedSequences: Sql = sql`
  SELECT d.objid AS sequence, d.refobjid AS relid, d.refobjsubid AS attnum, true AS owned
    FROM pg_catalog.pg_depend AS d
   WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
     AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
  UNION ALL
  SELECT d.refobjid, f.adrelid, f.adnum, false FROM pg_catalog.pg_depend AS d
    JOIN pg_catalog.pg_attrdef AS f ON f.oid = d.objid
   WHERE d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
     AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
  UNION ALL
  SELECT d.refobjid, a.attrelid, a.attnum, false FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_depend AS d
      ON d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.objid = a.atttypid
     AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype = 'n'
   WHERE a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped AND NOT a.atthasdef`;
