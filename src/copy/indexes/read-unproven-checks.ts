// Reads the constraints of the target that are NOT VALID: older rows of the source may violate them as older rows of the
// target may, and every copied row would be checked.

import type { QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { namesForeignType } from './foreign-types.ts';

export interface UnprovenCheck {
  readonly table: QualifiedName;
  readonly name: string;
  /** Add it again without looking at the rows. */
  readonly add: readonly string[];
}

/**
 * CHECK, and from PostgreSQL 18 on NOT NULL, of ordinary tables that the role owns. One that children inherit stays: on some
 * of them it may have been validated. So does one that names types of other roles.
 */
export const readUnprovenChecks = async (
  session: Session,
  tables: readonly number[],
): Promise<readonly UnprovenCheck[]> => {
  const rows = await session.query<UnprovenCheckRow>(sql`
    SELECT n.nspname AS schema, c.relname AS table_name, k.conname AS name,
           ARRAY[pg_catalog.format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', n.nspname, c.relname, k.conname,
                   pg_catalog.pg_get_constraintdef(k.oid))]
             || coalesce((SELECT ARRAY[pg_catalog.format('COMMENT ON CONSTRAINT %I ON %I.%I IS %L', k.conname, n.nspname,
                                 c.relname, d.description)]
                   FROM pg_catalog.pg_description AS d
                  WHERE d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objoid = k.oid), '{}') AS add
      FROM pg_catalog.pg_constraint AS k
      JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE k.conrelid = ANY (${tables}::oid[]) AND k.contype IN ('c', 'n') AND NOT k.convalidated AND k.coninhcount = 0
       AND coalesce((pg_catalog.to_jsonb(k) ->> 'conenforced')::boolean, TRUE)
       AND c.relkind = 'r' AND NOT c.relispartition AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
       AND NOT ${namesForeignType(session, sql`'pg_catalog.pg_constraint'::pg_catalog.regclass`, sql`k.oid`)}
       AND (k.connoinherit OR NOT EXISTS (SELECT FROM pg_catalog.pg_inherits AS h WHERE h.inhparent = c.oid))
     ORDER BY n.nspname, c.relname, k.conname`);
  return rows.map(({ schema, table_name, ...rest }) => ({
    ...rest,
    table: { schema, name: table_name },
  }));
};

interface UnprovenCheckRow extends Omit<UnprovenCheck, 'table'> {
  readonly schema: string;
  readonly table_name: string;
}
