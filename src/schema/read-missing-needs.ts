// What tables need that steep does not create, and the other server has not: the views that a column is of, operators, casts,
// base types, configurations of text search.

import { formatName, type QualifiedName } from '../model/identifier.ts';
import type { RefusedStatement } from '../model/schema/schema-change.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';
import { readRequirements } from './read-requirements.ts';
import { theseTables } from './scope.ts';

/** One for each of these tables that `target` cannot have. Usually one query of each server says that there is none. */
export const readMissingNeeds = async (
  source: Session,
  target: Session,
  tables: readonly QualifiedName[],
): Promise<readonly RefusedStatement[]> => {
  const missing = new Set(await readMissing(target, await othersOf(source, tables)));
  if (missing.size === 0) return [];
  const refused: RefusedStatement[] = [];
  for (const table of tables) {
    const own = (await othersOf(source, [table])).filter((it) => missing.has(it));
    if (own.length > 0) refused.push(refusal(table, own));
  }
  return refused;
};

const othersOf = async (session: Session, tables: readonly QualifiedName[]) =>
  tables.length === 0 ? [] : (await readRequirements(session, theseTables(tables))).others;

/**
 * As both servers describe them, since search_path is empty. Functions are judged with the statements that create them, and a
 * table whose rows a column holds is created with it.
 */
const readMissing = async (
  session: Session,
  wanted: readonly string[],
): Promise<readonly string[]> => {
  if (wanted.length === 0) return [];
  const rows = await session.query<{ readonly name: string }>(sql`
    SELECT w.name FROM pg_catalog.unnest(${wanted}::text[]) AS w (name)
     WHERE w.name NOT LIKE 'function %' AND w.name NOT LIKE 'table %'
    EXCEPT
    SELECT pg_catalog.pg_describe_object(o.class, o.oid, 0)
      FROM (SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, c.oid
              FROM pg_catalog.pg_class AS c WHERE c.relkind IN ('v', 'm', 'f')
             UNION ALL
            SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid FROM pg_catalog.pg_type AS t WHERE t.typtype = 'b'
             UNION ALL
            SELECT 'pg_catalog.pg_cast'::pg_catalog.regclass, k.oid FROM pg_catalog.pg_cast AS k
             UNION ALL
            SELECT d.classid, d.objid FROM pg_catalog.pg_depend AS d
             WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
               AND d.classid NOT IN ('pg_catalog.pg_class'::pg_catalog.regclass,
                     'pg_catalog.pg_type'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass)) AS o (class, oid)
     WHERE o.oid >= 16384
     ORDER BY 1`);
  return rows.map(({ name }) => name);
};

const refusal = (table: QualifiedName, needs: readonly string[]): RefusedStatement => {
  const name = formatName(table);
  return {
    sql: `CREATE TABLE ${name}`,
    object: { kind: 'table', name },
    why: `It needs ${needs.join(', ')}, which steep does not create.`,
    cure: `Create ${needs.join(', ')} on the subscriber by hand; then plan again.`,
  };
};
