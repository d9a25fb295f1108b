// What still needs steep_repl: rows of ownership and of nodes, and objects outside of it that depend on it.

import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** Addresses, node names and descriptions of objects; empty: the schema can go. */
export const readMetadataUse = async (session: Session): Promise<readonly string[]> => {
  const rows = await session.query<{ readonly name: string }>(sql`
    SELECT o.address AS name FROM steep_repl.objects AS o
    UNION ALL
    SELECT 'node ' || n.node_id FROM steep_repl.nodes AS n
    UNION ALL
    (WITH own AS (
       SELECT 'pg_class'::pg_catalog.regclass AS classid, c.oid AS objid FROM pg_catalog.pg_class AS c
        WHERE c.relnamespace = 'steep_repl'::pg_catalog.regnamespace
       UNION ALL
       SELECT 'pg_type'::pg_catalog.regclass, t.oid FROM pg_catalog.pg_type AS t
        WHERE t.typnamespace = 'steep_repl'::pg_catalog.regnamespace
       UNION ALL
       SELECT 'pg_proc'::pg_catalog.regclass, p.oid FROM pg_catalog.pg_proc AS p
        WHERE p.pronamespace = 'steep_repl'::pg_catalog.regnamespace)
     SELECT DISTINCT i.type || ' ' || i.identity
       FROM pg_catalog.pg_depend AS d
       JOIN own ON own.classid = d.refclassid AND own.objid = d.refobjid
      CROSS JOIN LATERAL pg_catalog.pg_identify_object(d.classid, d.objid, d.objsubid) AS i
      WHERE d.deptype = 'n' AND NOT EXISTS (
              SELECT FROM own AS inner_own WHERE inner_own.classid = d.classid AND inner_own.objid = d.objid)
        AND COALESCE(i.schema <> 'steep_repl', i.identity NOT LIKE '%steep\\_repl.%'))
    ORDER BY 1`);
  return rows.map(({ name }) => name);
};
