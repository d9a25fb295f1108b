// Reads the sequences of users: what they are, whom they belong to and whom they feed.

import type { QualifiedName } from '../model/identifier.ts';
import type { SequenceDefinition } from '../model/schema/sequence-definition.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';

/** All of the database but those of extensions, by schema and name. */
export const readSequences = async (session: Session): Promise<readonly SequenceDefinition[]> => {
  const rows = await session.query<SequenceRow>(sql`
    SELECT n.nspname AS schema, c.relname AS name, pg_catalog.format_type(s.seqtypid, NULL) AS type,
           s.seqstart::text AS start, s.seqincrement::text AS increment, s.seqmin::text AS minimum,
           s.seqmax::text AS maximum, s.seqcache::text AS cache, s.seqcycle AS cycle,
           o.deptype = 'i' AS identity, o_n.nspname AS owner_schema, o_c.relname AS owner_table,
           o_a.attname AS owner_column,
           COALESCE((SELECT pg_catalog.json_agg(pg_catalog.json_build_object('schema', f_n.nspname, 'name', f_c.relname)
                              ORDER BY f_n.nspname, f_c.relname)
                       FROM pg_catalog.pg_depend AS f
                       JOIN pg_catalog.pg_attrdef AS f_d ON f_d.oid = f.objid
                       JOIN pg_catalog.pg_class AS f_c ON f_c.oid = f_d.adrelid
                       JOIN pg_catalog.pg_namespace AS f_n ON f_n.oid = f_c.relnamespace
                      WHERE f.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
                        AND f.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND f.refobjid = c.oid),
                    '[]') AS feeds
      FROM pg_catalog.pg_sequence AS s
      JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid AND c.relpersistence <> 't'
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_depend AS o
        ON o.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND o.objid = c.oid AND o.objsubid = 0
       AND o.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND o.refobjsubid > 0 AND o.deptype IN ('a', 'i')
      LEFT JOIN pg_catalog.pg_class AS o_c ON o_c.oid = o.refobjid
      LEFT JOIN pg_catalog.pg_namespace AS o_n ON o_n.oid = o_c.relnamespace
      LEFT JOIN pg_catalog.pg_attribute AS o_a ON o_a.attrelid = o.refobjid AND o_a.attnum = o.refobjsubid
     WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'steep_repl')
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS e
                        WHERE e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.objid = c.oid
                          AND e.deptype = 'e')
     ORDER BY n.nspname, c.relname`);
  return rows.map(toSequence);
};

const toSequence = (row: SequenceRow): SequenceDefinition => {
  const { schema, name, identity, owner_schema, owner_table, owner_column, ...rest } = row;
  const owned = owner_schema !== null && owner_table !== null && owner_column !== null;
  return {
    ...rest,
    name: { schema, name },
    owner: owned
      ? { table: { schema: owner_schema, name: owner_table }, column: owner_column }
      : null,
    identity: identity === true,
  };
};

interface SequenceRow extends Omit<SequenceDefinition, 'name' | 'owner' | 'identity'> {
  readonly schema: string;
  readonly name: string;
  readonly identity: boolean | null;
  readonly owner_schema: string | null;
  readonly owner_table: string | null;
  readonly owner_column: string | null;
  readonly feeds: readonly QualifiedName[];
}
