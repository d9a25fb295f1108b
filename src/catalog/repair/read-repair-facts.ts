// What of a node decides whether rows of its tables can be brought in line: rights, triggers, and who is sent its changes.

import { formatName, type QualifiedName, quoteIdentifier } from '../../model/identifier.ts';
import {
  type RepairNodeFacts,
  type RepairTableFacts,
  tagFunctions,
} from '../../model/report/repair.ts';
import { actingRole, actingRoleName } from '../../postgres/acting-role.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';

/** By formatName. */
export const readRepairFacts = async (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<RepairNodeFacts> => {
  const role = actingRole(session);
  const [node] = await session.query<Pick<RepairNodeFacts, 'role' | 'tags' | 'auditOwner'>>(sql`
    SELECT pg_catalog.quote_ident(${actingRoleName(session)}) AS role,
           (SELECT pg_catalog.bool_and(pg_catalog.has_function_privilege(${role}, f.name, 'EXECUTE'))
              FROM pg_catalog.unnest(${tagFunctions}::text[]) AS f (name)) AS tags,
           (SELECT pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(c.relowner))
              FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
             WHERE n.nspname = 'steep_repl' AND c.relname = 'merge_audit_log'
               AND NOT pg_catalog.pg_has_role(${role}, c.relowner, 'USAGE')) AS "auditOwner"`);
  const rows = await session.query<RepairTableFacts & { readonly name: string }>(
    factsOf(role, tables.map(formatName), tables.map(relation)),
  );
  return {
    role: node?.role ?? '',
    tags: node?.tags === true,
    auditOwner: node?.auditOwner ?? null,
    tables: Object.fromEntries(rows.map(({ name, ...facts }) => [name, facts])),
  };
};

const relation = ({ schema, name }: QualifiedName): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;

/** A partitioned table with its partitions: any of them may hold the row. */
const factsOf = (role: Sql, names: readonly string[], relations: readonly string[]): Sql => sql`
  SELECT t.name,
         pg_catalog.has_table_privilege(${role}, c.oid, 'UPDATE') OR pg_catalog.has_any_column_privilege(${role}, c.oid, 'UPDATE') AS lockable,
         pg_catalog.has_table_privilege(${role}, c.oid, 'SELECT') AND pg_catalog.has_table_privilege(${role}, c.oid, 'INSERT')
           AND pg_catalog.has_table_privilege(${role}, c.oid, 'UPDATE') AND pg_catalog.has_table_privilege(${role}, c.oid, 'DELETE') AS writable,
         ARRAY(SELECT g.tgname::text FROM pg_catalog.pg_trigger AS g
                WHERE g.tgrelid = ANY (h.oids) AND NOT g.tgisinternal AND g.tgenabled IN ('A', 'R')
                UNION
               SELECT r.rulename::text FROM pg_catalog.pg_rewrite AS r
                WHERE r.ev_class = ANY (h.oids) AND r.ev_enabled IN ('A', 'R') ORDER BY 1) AS "firesAlways",
         ARRAY(SELECT g.tgname::text FROM pg_catalog.pg_trigger AS g
                WHERE g.tgrelid = ANY (h.oids) AND NOT g.tgisinternal AND g.tgenabled = 'O'
                UNION
               SELECT k.conname::text FROM pg_catalog.pg_constraint AS k
                WHERE k.contype = 'f' AND k.confrelid = ANY (h.oids) AND (k.confdeltype NOT IN ('a', 'r')
                      OR k.confupdtype NOT IN ('a', 'r'))
                UNION
               SELECT r.rulename::text FROM pg_catalog.pg_rewrite AS r
                WHERE r.ev_class = ANY (h.oids) AND r.ev_enabled = 'O' ORDER BY 1) AS fires,
         EXISTS (SELECT FROM pg_catalog.pg_publication_tables AS p
                   JOIN pg_catalog.pg_namespace AS n ON n.nspname = p.schemaname
                   JOIN pg_catalog.pg_class AS s ON s.relnamespace = n.oid AND s.relname = p.tablename
                  WHERE s.oid = ANY (h.oids)
                     OR s.oid IN (SELECT a.relid FROM pg_catalog.pg_partition_ancestors(c.oid) AS a)) AS published
    FROM ROWS FROM (pg_catalog.unnest(${names}::text[]), pg_catalog.unnest(${relations}::text[])) AS t (name, relation)
    JOIN pg_catalog.pg_class AS c ON c.oid = pg_catalog.to_regclass(t.relation)
   CROSS JOIN LATERAL (
         SELECT ARRAY(SELECT c.oid UNION SELECT p.relid::oid FROM pg_catalog.pg_partition_tree(c.oid) AS p) AS oids) AS h`;
