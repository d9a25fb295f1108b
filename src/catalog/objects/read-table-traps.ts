// Reads what of tables lets replication or a copy change, hide or leave out rows without an error: one query for each.

import type { TableTraps } from '../../model/state/table-traps.ts';
import type { Session } from '../../postgres/session.ts';
import { commandsOfPartitionOf, writtenBefore } from '../../postgres/sql/catalog-order.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { typesMadeOf } from '../../postgres/sql/types-made-of.ts';
import { featuresOf } from '../../postgres/versions.ts';
import { bodiesToParse, unqualifiedNames } from './unqualified-names.ts';

/** By the OID of the table; a table that is free of all has no entry. `replicationRole`: whom subscribers connect as. */
export const readTableTraps = async (
  session: Session,
  replicationRole: string | null,
): Promise<ReadonlyMap<number, TableTraps>> => {
  const rows: TrapRow[] = [];
  rows.push(...(await session.query<TrapRow>(oidColumns)));
  rows.push(...(await session.query<TrapRow>(replicaTriggers)));
  rows.push(...(await session.query<TrapRow>(deferrableKeys)));
  const [there] = await session.query<{ readonly parents: boolean; readonly functions: boolean }>(
    mayBeTrapped,
  );
  if (there?.parents !== false) {
    rows.push(...(await session.query<TrapRow>(children)));
    rows.push(...(await session.query<TrapRow>(unloggedPartitions)));
    rows.push(...(await session.query<TrapRow>(foreignPartitions)));
    rows.push(...(await session.query<TrapRow>(attached)));
  }
  if (there?.functions !== false) rows.push(...(await session.query<TrapRow>(unqualifiedNames)));
  if (featuresOf(session.serverVersion).virtualColumns)
    rows.push(...(await session.query<TrapRow>(virtualColumns)));
  if (replicationRole !== null) {
    rows.push(...(await session.query<TrapRow>(hiddenFrom(replicationRole))));
    rows.push(...(await session.query<TrapRow>(closedTo(replicationRole))));
  }
  const found = new Map<number, TableTraps>();
  for (const { oid, ...traps } of rows) found.set(oid, { ...found.get(oid), ...traps });
  return found;
};

/**
 * Whether any table has a parent, and whether a function may name something without its schema: most databases lack one or
 * both, and need not be asked what takes the server longer to plan than to find.
 */
const mayBeTrapped: Sql = sql`
  SELECT EXISTS (SELECT FROM pg_catalog.pg_inherits) AS parents,
         EXISTS (SELECT FROM (${bodiesToParse}) AS b) AS functions`;

/** Types that FORMAT binary sends as OIDs, those that are made of them, and the columns that have such a type. */
const oidColumns: Sql = sql`
  WITH RECURSIVE used (type, holds) AS (
    SELECT DISTINCT a.atttypid, a.atttypid
      FROM pg_catalog.pg_attribute AS a
      JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') AND c.oid >= 16384
     WHERE a.attnum > 0 AND NOT a.attisdropped
     UNION
    SELECT u.type, i.oid
      FROM used AS u
      JOIN pg_catalog.pg_type AS t ON t.oid = u.holds
     CROSS JOIN LATERAL (${typesMadeOf}) AS i (oid)
     WHERE i.oid <> 0
  ),
  holding (type) AS (
    SELECT DISTINCT u.type FROM used AS u
      JOIN pg_catalog.pg_type AS t ON t.oid = u.holds AND t.typname ~ '^reg' AND t.typtype = 'b'
       AND t.typcategory = 'N' AND t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
  )
  SELECT c.oid::int8 AS oid, pg_catalog.array_agg(a.attname::text ORDER BY a.attnum) AS "oidColumns"
    FROM holding AS h
    JOIN pg_catalog.pg_attribute AS a ON a.atttypid = h.type AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') AND c.oid >= 16384
   GROUP BY c.oid
   ORDER BY c.oid`;

/** Those that partitions have of a partitioned table are named there. The bits of tgtype: 1 for each row, 2 before. */
const replicaTriggers: Sql = sql`
  SELECT g.tgrelid::int8 AS oid,
         pg_catalog.json_agg(pg_catalog.json_build_object('name', g.tgname, 'changesRows', g.tgtype & 3 = 3)
           ORDER BY g.tgname) AS "replicaTriggers"
    FROM pg_catalog.pg_trigger AS g
    LEFT JOIN pg_catalog.pg_trigger AS p ON p.oid = g.tgparentid AND p.tgenabled IN ('A', 'R')
   WHERE NOT g.tgisinternal AND g.tgenabled IN ('A', 'R') AND p.oid IS NULL
   GROUP BY g.tgrelid
   ORDER BY g.tgrelid`;

const deferrableKeys: Sql = sql`
  SELECT k.conrelid::int8 AS oid, k.conname::text AS "deferrableKey"
    FROM pg_catalog.pg_constraint AS k
   WHERE k.contype = 'p' AND k.condeferrable
   ORDER BY k.conrelid`;

const children: Sql = sql`
  SELECT h.inhparent::int8 AS oid,
         pg_catalog.json_agg(pg_catalog.json_build_object('schema', n.nspname, 'name', c.relname)
           ORDER BY n.nspname, c.relname) AS children
    FROM pg_catalog.pg_inherits AS h
    JOIN pg_catalog.pg_class AS c
      ON c.oid = h.inhrelid AND c.relkind = 'r' AND c.relpersistence = 'p' AND NOT c.relispartition
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
   GROUP BY h.inhparent
   ORDER BY h.inhparent`;

/** By each partitioned table above them. `which`: of `c`, a partition. */
const partitionsBelow = (which: Sql, name: Sql): Sql => sql`
  WITH RECURSIVE above (leaf, schema, name, parent) AS (
    SELECT c.oid, n.nspname, c.relname, h.inhparent
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = c.oid
     WHERE c.relispartition AND ${which}
    UNION ALL
    SELECT a.leaf, a.schema, a.name, h.inhparent
      FROM above AS a JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = a.parent)
  SELECT a.parent::int8 AS oid,
         pg_catalog.json_agg(pg_catalog.json_build_object('schema', a.schema, 'name', a.name)
           ORDER BY a.schema, a.name) AS ${name}
    FROM above AS a
   GROUP BY a.parent
   ORDER BY a.parent`;

const unloggedPartitions = partitionsBelow(
  sql`c.relkind = 'r' AND c.relpersistence = 'u'`,
  sql`"unloggedPartitions"`,
);

const foreignPartitions = partitionsBelow(sql`c.relkind = 'f'`, sql`"foreignPartitions"`);

/** The rows of system columns are never changed: they were written when the table was created. */
const attached: Sql = sql`
  WITH RECURSIVE links (oid, parent, written) AS (
    SELECT h.inhrelid, h.inhparent, ${writtenBefore(sql`h`)} FROM pg_catalog.pg_inherits AS h
      JOIN pg_catalog.pg_class AS c ON c.oid = h.inhrelid
     WHERE c.relispartition AND c.relkind = 'r'
    UNION ALL
    SELECT l.oid, h.inhparent, ${writtenBefore(sql`h`)}
      FROM links AS l
      JOIN pg_catalog.pg_class AS c ON c.oid = l.parent AND c.relispartition
      JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = l.parent)
  SELECT a.attrelid::int8 AS oid, true AS attached
    FROM pg_catalog.pg_attribute AS a
    JOIN (SELECT l.oid, pg_catalog.min(l.written) AS written FROM links AS l GROUP BY l.oid) AS k
      ON k.oid = a.attrelid
   WHERE a.attnum = -1 AND k.written < ${writtenBefore(sql`a`)} - ${commandsOfPartitionOf}
   ORDER BY a.attrelid`;

/** Row security is for all but superusers, roles with BYPASSRLS and, unless it is forced, the owner. */
const hiddenFrom = (role: string): Sql => sql`
  SELECT c.oid::int8 AS oid, true AS "hidesRows"
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_roles AS r ON r.rolname = ${role} AND NOT r.rolsuper AND NOT r.rolbypassrls
   WHERE c.relrowsecurity AND c.relkind IN ('r', 'p')
     AND (c.relforcerowsecurity OR NOT pg_catalog.pg_has_role(r.oid, c.relowner, 'USAGE'))
   ORDER BY c.oid`;

const virtualColumns: Sql = sql`
  SELECT a.attrelid::int8 AS oid, pg_catalog.array_agg(a.attname::text ORDER BY a.attnum) AS "virtualColumns"
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
   WHERE a.attgenerated = 'v' AND NOT a.attisdropped
   GROUP BY a.attrelid
   ORDER BY a.attrelid`;

/** A right on some column counts: a publication may send a few columns only. */
const closedTo = (role: string): Sql => sql`
  SELECT c.oid::int8 AS oid, r.rolname::text AS "closedTo",
         NOT pg_catalog.has_schema_privilege(r.oid, c.relnamespace, 'USAGE') AS "schemaClosed"
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_roles AS r ON r.rolname = ${role} AND NOT r.rolsuper
   WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND c.oid >= 16384
     AND NOT (pg_catalog.has_schema_privilege(r.oid, c.relnamespace, 'USAGE')
              AND pg_catalog.has_any_column_privilege(r.oid, c.oid, 'SELECT'))
   ORDER BY c.oid`;

interface TrapRow extends TableTraps {
  readonly oid: number;
}
