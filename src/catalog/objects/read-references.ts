// Reads which tables cannot be emptied alone: others refer to them by a foreign key, or inherit from them.

import type { QualifiedName } from '../../model/identifier.ts';
import type { TableReference } from '../../model/state/surroundings.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

interface Row {
  readonly table: QualifiedName;
  readonly to: QualifiedName;
}

/** A partition that refers counts as its root, which TRUNCATE empties with it. A table that refers to itself does not count. */
export const readReferences = async (session: Session): Promise<readonly TableReference[]> =>
  session.query<Row>(sql`
    SELECT pg_catalog.json_build_object('schema', rn.nspname, 'name', r.relname) AS "table",
           pg_catalog.json_build_object('schema', tn.nspname, 'name', t.relname) AS "to"
      FROM (SELECT COALESCE(pg_catalog.pg_partition_root(k.conrelid)::oid, k.conrelid) AS referring,
                   k.confrelid AS referred
              FROM pg_catalog.pg_constraint AS k WHERE k.contype = 'f'
             UNION
            SELECT h.inhrelid, h.inhparent FROM pg_catalog.pg_inherits AS h
              JOIN pg_catalog.pg_class AS c
                ON c.oid = h.inhrelid AND c.relkind = 'r' AND NOT c.relispartition) AS f
      JOIN pg_catalog.pg_class AS r ON r.oid = f.referring
      JOIN pg_catalog.pg_namespace AS rn ON rn.oid = r.relnamespace
      JOIN pg_catalog.pg_class AS t ON t.oid = f.referred
      JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.relnamespace
     WHERE f.referring <> f.referred
     ORDER BY rn.nspname, r.relname, tn.nspname, t.relname`);
