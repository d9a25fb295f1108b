// Reads what tables need in addition to tables, types and sequences: extensions, and functions, operators and the like
// of users.

import type { Session } from '../postgres/session.ts';
import { type Sql, sql } from '../postgres/sql/sql.ts';
import type { Scope } from './definition-query.ts';
import { relationsIn } from './definition-query.ts';
import { typeDefinitions } from './type-definitions.ts';

export interface Requirements {
  readonly extensions: readonly { readonly name: string; readonly schema: string }[];
  /** `function shop.doubled(integer)`: what steep does not write, by its name. */
  readonly others: readonly string[];
}

/** Of the tables in a scope and of the types that they use. */
export const readRequirements = async (session: Session, scope: Scope): Promise<Requirements> => {
  const rows = await session.query<RequirementRow>(sql`
    WITH RECURSIVE relations AS MATERIALIZED (${relationsIn(scope)}),
    ${typeDefinitions},
    ${ours},
    needed (class, oid) AS (
      SELECT d.refclassid, d.refobjid
        FROM ours AS o
        JOIN pg_catalog.pg_depend AS d ON d.classid = o.class AND d.objid = o.oid
       WHERE d.refobjid >= 16384 AND d.deptype = 'n'
         AND d.refclassid NOT IN ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass,
                                  'pg_catalog.pg_namespace'::pg_catalog.regclass,
                                  'pg_catalog.pg_constraint'::pg_catalog.regclass)
       UNION SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, u.type_oid FROM used_types AS u
    )
    SELECT DISTINCT e.extname AS extension, n.nspname AS schema,
           CASE WHEN e.oid IS NULL THEN pg_catalog.pg_describe_object(w.class, w.oid, 0) END AS other
      FROM needed AS w
      LEFT JOIN pg_catalog.pg_depend AS d
        ON d.classid = w.class AND d.objid = w.oid AND d.deptype = 'e'
      LEFT JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
      LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
     WHERE e.oid IS NOT NULL OR w.class <> 'pg_catalog.pg_type'::pg_catalog.regclass
     ORDER BY 1, 3`);
  return {
    extensions: rows.flatMap(({ extension: name, schema }) =>
      name === null || schema === null ? [] : [{ name, schema }],
    ),
    others: rows.flatMap(({ other }) => (other === null ? [] : [other])),
  };
};

/** The tables of `relations`, their indexes, defaults and constraints, and the types of `used_types`. */
const ours: Sql = sql`
    ours (class, oid) AS (
      SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, r.oid FROM relations AS r
       UNION SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, x.indexrelid
               FROM relations AS r JOIN pg_catalog.pg_index AS x ON x.indrelid = r.oid
       UNION SELECT 'pg_catalog.pg_attrdef'::pg_catalog.regclass, d.oid
               FROM relations AS r JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = r.oid
       UNION SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid
               FROM relations AS r JOIN pg_catalog.pg_constraint AS k ON k.conrelid = r.oid
       UNION SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, u.type_oid FROM used_types AS u
       UNION SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid
               FROM used_types AS u JOIN pg_catalog.pg_constraint AS k ON k.contypid = u.type_oid
    )`;

interface RequirementRow {
  readonly extension: string | null;
  readonly schema: string | null;
  readonly other: string | null;
}
