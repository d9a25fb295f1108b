// Reads which tables cannot be emptied alone: others refer to them by a foreign key. Those that inherit from them are no
// concern, since TRUNCATE is told ONLY.

import type { TableReference } from '../../model/state/surroundings.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/**
 * A partition that refers counts as its root, which TRUNCATE empties with it. One that is referred to has a constraint that
 * was made with that of its root, which alone can be dropped. A table that refers to itself does not count.
 */
export const readReferences = async (session: Session): Promise<readonly TableReference[]> =>
  session.query<TableReference>(sql`
    WITH RECURSIVE made (oid, whole) AS (
      SELECT k.oid, k.oid FROM pg_catalog.pg_constraint AS k WHERE k.contype = 'f' AND k.conparentid = 0
       UNION ALL
      SELECT k.oid, m.whole FROM made AS m JOIN pg_catalog.pg_constraint AS k ON k.conparentid = m.oid)
    SELECT pg_catalog.json_build_object('schema', rn.nspname, 'name', r.relname) AS "table",
           pg_catalog.json_build_object('schema', tn.nspname, 'name', t.relname) AS "to",
           CASE WHEN pg_catalog.bool_or(f.cascades) THEN 'cascades' ELSE 'checks' END AS "foreignKey",
           pg_catalog.json_agg(f.name ORDER BY f.name) AS constraints,
           pg_catalog.json_agg(f.definition ORDER BY f.name) AS definitions
      FROM (SELECT DISTINCT COALESCE(pg_catalog.pg_partition_root(k.conrelid)::oid, k.conrelid) AS referring,
                   k.confrelid AS referred,
                   w.conname AS name, pg_catalog.pg_get_constraintdef(w.oid) AS definition,
                   k.confdeltype IN ('c', 'n', 'd') OR k.confupdtype IN ('c', 'n', 'd') AS cascades
              FROM made AS m
              JOIN pg_catalog.pg_constraint AS k ON k.oid = m.oid
              JOIN pg_catalog.pg_constraint AS w ON w.oid = m.whole) AS f
      JOIN pg_catalog.pg_class AS r ON r.oid = f.referring
      JOIN pg_catalog.pg_namespace AS rn ON rn.oid = r.relnamespace
      JOIN pg_catalog.pg_class AS t ON t.oid = f.referred
      JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.relnamespace
     WHERE f.referring <> f.referred
     GROUP BY rn.nspname, r.relname, tn.nspname, t.relname
     ORDER BY rn.nspname, r.relname, tn.nspname, t.relname`);
