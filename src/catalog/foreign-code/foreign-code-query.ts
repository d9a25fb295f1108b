// SQL: what PostgreSQL calls when rows are stored in tables, read from them or removed, as pg_catalog alone tells. Names
// no table of users, so that nothing of them is planned or run.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { called, isRisky, isUntrusted } from './called-functions.ts';
import { foreignTables, rules } from './rules-and-foreign-tables.ts';

/**
 * Rows of ForeignCode. Trusted are the role that applies and superusers. Two ways lead to a function: what pg_depend says,
 * where the owner of the function decides; and the text of expressions that other roles wrote, where it decides what the
 * function does (built-in functions are not in pg_depend).
 */
export const foreignCodeQuery = (session: Session, tables: readonly QualifiedName[]): Sql => sql`
  WITH RECURSIVE untrusted (oid, function, owner) AS MATERIALIZED (
    SELECT p.oid, p.oid::pg_catalog.regprocedure::text, r.rolname::text
      FROM pg_catalog.pg_proc AS p
      JOIN pg_catalog.pg_roles AS r ON r.oid = p.proowner
     WHERE ${isUntrusted(session)}),
  ${treeOf(tables)}, ${starts},
  ${reached}, ${called(session)}
  SELECT e.name AS "table", e.use, e.caller, e.default_of AS "defaultOf", u.function, u.owner, NULL AS author
    FROM reached AS e
    JOIN untrusted AS u ON u.oid = e.oid
   WHERE e.class = ${proc}
   UNION
  SELECT e.name, e.use, e.caller, e.default_of, p.oid::pg_catalog.regprocedure::text, r.rolname::text, e.author
    FROM called AS e
    JOIN pg_catalog.pg_proc AS p ON p.oid = e.oid
    JOIN pg_catalog.pg_roles AS r ON r.oid = p.proowner
   WHERE NOT (${isUntrusted(session)}) AND ${isRisky(session)}
   UNION
  ${rules(session)}
   UNION ${foreignTables(session)}
   ORDER BY 1, 2, 3, 5`;

/** The tables with all of their partitions, and what they are partitions of. */
const treeOf = (tables: readonly QualifiedName[]): Sql => sql`
  tree (name, root, oid) AS (
    SELECT t.label, c.oid, c.oid
      FROM ROWS FROM (pg_catalog.unnest(${tables.map(({ schema }) => schema)}::name[]),
                      pg_catalog.unnest(${tables.map(({ name }) => name)}::name[]),
                      pg_catalog.unnest(${tables.map(formatName)}::text[])) AS t (schema, name, label)
      JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema
      JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name
     UNION ALL
    SELECT r.name, r.root, h.inhrelid FROM tree AS r
      JOIN pg_catalog.pg_class AS p ON p.oid = r.oid AND p.relkind = 'p'
      JOIN pg_catalog.pg_inherits AS h ON h.inhparent = r.oid),
  ancestors (name, oid) AS (
    SELECT r.name, r.root FROM tree AS r WHERE r.oid = r.root
     UNION ALL
    SELECT r.name, h.inhparent FROM ancestors AS r
      JOIN pg_catalog.pg_class AS p ON p.oid = r.oid AND p.relispartition
      JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = r.oid)`;

const proc: Sql = sql`'pg_catalog.pg_proc'::pg_catalog.regclass`;
const type: Sql = sql`'pg_catalog.pg_type'::pg_catalog.regclass`;
const operator: Sql = sql`'pg_catalog.pg_operator'::pg_catalog.regclass`;
const opclass: Sql = sql`'pg_catalog.pg_opclass'::pg_catalog.regclass`;
const constraint: Sql = sql`'pg_catalog.pg_constraint'::pg_catalog.regclass`;
const relation: Sql = sql`'pg_catalog.pg_class'::pg_catalog.regclass`;

/** Objects of users: what initdb made belongs to a superuser. */
const firstOfUsers = sql`16384`;

/**
 * Triggers: those that fire where session_replication_role is replica, whatever the event, since replication continues
 * to send all of them; and what TRUNCATE fires in an ordinary session.
 */
const triggers: Sql = sql`
  SELECT u.use, 'trigger ' || pg_catalog.quote_ident(g.tgname), NULL::text,
         'pg_catalog.pg_trigger'::pg_catalog.regclass, g.oid
    FROM pg_catalog.pg_trigger AS g
   CROSS JOIN (VALUES ('fill'), ('empty')) AS u (use)
   WHERE g.tgrelid = r.oid AND NOT g.tgisinternal
     AND CASE u.use WHEN 'fill' THEN g.tgenabled IN ('A', 'R')
              ELSE g.tgtype & 32 <> 0 AND g.tgenabled <> 'D'
                OR g.tgtype & 8 <> 0 AND g.tgenabled IN ('A', 'R') END`;

/**
 * Where a table is altered, its rows are checked or written again: all of that runs but triggers and defaults; and casts,
 * which are added where types are followed.
 */
const alsoAltered: Sql = sql`
  SELECT s.use
   UNION ALL
  SELECT 'alter'
   WHERE s.use IN ('fill', 'scan') AND s.default_of IS NULL AND s.class <> 'pg_catalog.pg_trigger'::pg_catalog.regclass`;
/** A foreign key that steep drops and re-creates is validated with the rights of its session. */
const constraints: Sql = sql`
  SELECT 'fill', CASE k.contype WHEN 'c' THEN 'check ' WHEN 'f' THEN 'foreign key ' ELSE 'constraint ' END
                 || pg_catalog.quote_ident(k.conname), NULL::text, ${constraint}, k.oid
    FROM pg_catalog.pg_constraint AS k
   WHERE k.conrelid = r.oid AND k.contype IN ('c', 'x', 'f')
   UNION ALL
  SELECT 'fill', 'foreign key ' || pg_catalog.quote_ident(k.conname), NULL::text, ${proc}, t.castfunc
    FROM pg_catalog.pg_constraint AS k
   CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey)) AS p (mine, theirs)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = p.mine
    JOIN pg_catalog.pg_attribute AS b ON b.attrelid = k.confrelid AND b.attnum = p.theirs
    JOIN pg_catalog.pg_cast AS t ON t.castfunc <> 0
     AND (t.castsource = a.atttypid AND a.atttypid >= ${firstOfUsers} OR t.castsource = b.atttypid AND b.atttypid >= ${firstOfUsers})
   WHERE k.conrelid = r.oid AND k.contype = 'f'`;

/** In 14 the expression of a generated column is on record as the column's own, and not as its default's. */
const columns: Sql = sql`
  SELECT 'fill', CASE WHEN a.attgenerated = '' THEN 'default of ' ELSE 'generated column ' END
                 || pg_catalog.quote_ident(a.attname), CASE WHEN a.attgenerated = '' THEN a.attname::text END,
         'pg_catalog.pg_attrdef'::pg_catalog.regclass, d.oid
    FROM pg_catalog.pg_attrdef AS d
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
   WHERE d.adrelid = r.oid
   UNION ALL
  SELECT 'fill', 'generated column ' || pg_catalog.quote_ident(a.attname), NULL::text, d.refclassid, d.refobjid
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_depend AS d ON d.classid = ${relation} AND d.objid = a.attrelid AND d.objsubid = a.attnum
     AND d.refclassid IN (${proc}, ${operator}, ${type})
   WHERE a.attrelid = r.oid AND a.attgenerated <> ''
   UNION ALL
  SELECT u.use, 'type of ' || pg_catalog.quote_ident(a.attname), NULL::text, ${type}, a.atttypid
    FROM pg_catalog.pg_attribute AS a
   CROSS JOIN (VALUES ('fill'), ('scan')) AS u (use)
   WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid >= ${firstOfUsers}`;

/**
 * A query that is planned has the expressions of indexes, of partition keys and of extended statistics folded: their
 * immutable functions run where all arguments are constants.
 */
const expressions: Sql = sql`
  SELECT u.use, 'index ' || pg_catalog.quote_ident(i.relname), NULL::text, ${relation}, x.indexrelid
    FROM pg_catalog.pg_index AS x
    JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
   CROSS JOIN (VALUES ('fill'), ('scan')) AS u (use)
   WHERE x.indrelid = r.oid AND (u.use = 'fill' OR x.indexprs IS NOT NULL OR x.indpred IS NOT NULL)
   UNION ALL
  SELECT u.use, 'partition key', NULL::text, ${relation}, p.partrelid
    FROM pg_catalog.pg_partitioned_table AS p
   CROSS JOIN (VALUES ('fill'), ('scan')) AS u (use)
   WHERE p.partrelid = r.oid
   UNION ALL
  SELECT 'scan', 'statistics ' || pg_catalog.quote_ident(s.stxname), NULL::text,
         'pg_catalog.pg_statistic_ext'::pg_catalog.regclass, s.oid
    FROM pg_catalog.pg_statistic_ext AS s
   WHERE s.stxrelid = r.oid`;

/** Of the relation r: what it calls, and where pg_depend says what that needs. */
const callers: Sql = sql`
  ${triggers} UNION ALL ${constraints} UNION ALL ${columns} UNION ALL ${expressions}`;

/** Where the search starts. A row of a partition must fit the partition keys of all its ancestors. */
const starts: Sql = sql`
  starts (name, use, caller, default_of, class, oid) AS MATERIALIZED (
    SELECT r.name, u.use,
           s.caller || CASE WHEN r.oid <> r.root THEN ' of ' || r.oid::pg_catalog.regclass::text ELSE '' END,
           s.default_of, s.class, s.oid
      FROM tree AS r
     CROSS JOIN LATERAL (${callers}) AS s (use, caller, default_of, class, oid)
     CROSS JOIN LATERAL (${alsoAltered}) AS u (use)
     UNION ALL
    SELECT r.name, u.use, 'partition key of ' || r.oid::pg_catalog.regclass::text, NULL, ${relation}, r.oid
      FROM ancestors AS r
      JOIN pg_catalog.pg_partitioned_table AS p ON p.partrelid = r.oid
     CROSS JOIN (VALUES ('fill'), ('scan'), ('alter')) AS u (use)
     WHERE r.oid NOT IN (SELECT t.oid FROM tree AS t))`;

/** Of what was reached, f: the types that JSON functions of its expressions return (17+), which pg_depend does not tell. */
const returnedTypes: Sql = sql`
  SELECT m[1]::oid
    FROM (SELECT d.adbin::text FROM pg_catalog.pg_attrdef AS d
           WHERE f.class = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.oid = f.oid
           UNION ALL
          SELECT k.conbin::text FROM pg_catalog.pg_constraint AS k WHERE f.class = ${constraint} AND k.oid = f.oid
           UNION ALL
          SELECT pg_catalog.concat(i.indexprs, i.indpred) FROM pg_catalog.pg_index AS i
           WHERE f.class = ${relation} AND i.indexrelid = f.oid) AS e (tree)
   CROSS JOIN LATERAL pg_catalog.regexp_matches(e.tree, 'JSONRETURNING [^}]*[}]? *:typid (\\d+)', 'g') AS m
   WHERE m[1]::oid >= ${firstOfUsers}`;

/** What is reached from there. Functions are ends: what they call in turn, no catalog knows. */
const reached: Sql = sql`
  reached (name, use, caller, default_of, class, oid) AS (
    SELECT s.name, s.use, s.caller, s.default_of, s.class::oid, s.oid FROM starts AS s
     UNION
    SELECT f.name, f.use, f.caller, f.default_of, e.class, e.oid
      FROM reached AS f
     CROSS JOIN LATERAL (
        SELECT d.refclassid, d.refobjid
          FROM pg_catalog.pg_depend AS d
         WHERE f.class <> ${proc} AND d.classid = f.class AND d.objid = f.oid AND d.deptype IN ('n', 'a', 'i')
           AND (f.class <> ${relation} OR d.objsubid = 0)
           AND CASE WHEN f.use <> 'scan' THEN d.refclassid IN (${proc}, ${type}, ${operator}, ${opclass})
                    WHEN f.class = ${type} THEN d.refclassid = ${type}
                    ELSE d.refclassid IN (${proc}, ${operator}) END
         UNION ALL
        SELECT ${proc}, w.oid
          FROM pg_catalog.pg_type AS t CROSS JOIN LATERAL (VALUES (t.typoutput::oid), (t.typsend::oid)) AS w (oid)
         WHERE f.class = ${type} AND t.oid = f.oid AND t.typtype <> 'd'
         UNION ALL
        -- to_json() and its like call the cast to json, too; ||, quote_literal() and format() that to text.
        SELECT ${proc}, c.castfunc
          FROM pg_catalog.pg_cast AS c
         WHERE f.class = ${type} AND c.castsource = f.oid AND f.use <> 'scan'
           AND (f.use = 'alter' OR c.casttarget IN ('pg_catalog.json'::pg_catalog.regtype, 'pg_catalog.text'::pg_catalog.regtype))
         UNION ALL
        SELECT ${type}, a.atttypid
          FROM pg_catalog.pg_type AS t
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE f.class = ${type} AND t.oid = f.oid AND t.typrelid <> 0 AND a.atttypid >= ${firstOfUsers}
         UNION ALL
        SELECT ${type}, x.oid FROM (${returnedTypes}) AS x (oid) WHERE f.use <> 'scan'
         UNION ALL
        SELECT ${constraint}, k.oid
          FROM pg_catalog.pg_constraint AS k
         WHERE f.use <> 'scan' AND f.class = ${type} AND k.contypid = f.oid
         UNION ALL
        SELECT ${proc}, m.amproc::oid
          FROM pg_catalog.pg_opclass AS c JOIN pg_catalog.pg_amproc AS m ON m.amprocfamily = c.opcfamily
         WHERE f.class = ${opclass} AND c.oid = f.oid
         UNION ALL
        SELECT ${operator}, m.amopopr
          FROM pg_catalog.pg_opclass AS c JOIN pg_catalog.pg_amop AS m ON m.amopfamily = c.opcfamily
         WHERE f.class = ${opclass} AND c.oid = f.oid
      ) AS e (class, oid)
     WHERE e.oid <> 0)`;
