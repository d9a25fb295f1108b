-- steep_repl, version 2: fingerprints of tables, for comparing nodes from psql.

CREATE TABLE steep_repl.schema_fingerprints (
    node_id                 text,
    table_schema            text,
    table_name              text,
    fingerprint             text NOT NULL CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
    replication_fingerprint text NOT NULL CHECK (replication_fingerprint ~ '^[0-9a-f]{64}$'),
    column_count            integer NOT NULL,
    captured_at             timestamptz NOT NULL DEFAULT pg_catalog.now(),
    definition              jsonb NOT NULL,
    PRIMARY KEY (node_id, table_schema, table_name)
);
COMMENT ON TABLE steep_repl.schema_fingerprints IS 'What the tables of nodes were when they were last captured: SHA-256 of the whole definition, and of what replication needs.';

-- The query is that of steep itself. Deparsed texts depend on settings, so they are those of steep's own sessions.
CREATE FUNCTION steep_repl.table_definitions(p_schema text DEFAULT NULL, p_table text DEFAULT NULL)
    RETURNS TABLE (table_schema text, table_name text, column_count integer, strict text, replication text, definition json)
    LANGUAGE plpgsql STABLE
    SET search_path = ''
    SET DateStyle = 'ISO' SET IntervalStyle = 'postgres' SET TimeZone = 'UTC' SET extra_float_digits = 1
    SET bytea_output = 'hex' SET lc_monetary = 'C' SET quote_all_identifiers = off SET standard_conforming_strings = on
    SET work_mem = '64MB' SET jit = off SET plan_cache_mode = force_custom_plan
    AS $definitions$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH RECURSIVE relations AS MATERIALIZED (
    SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind, c.relpersistence, c.relispartition,
           c.relreplident, c.relpartbound, c.relchecks
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
       AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'steep_repl')
       AND c.oid NOT IN (
             SELECT e.objid FROM pg_catalog.pg_depend AS e
              WHERE e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
                AND e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.deptype = 'e')
       AND (p_schema IS NULL OR n.nspname = p_schema) AND (p_table IS NULL OR c.relname = p_table)),
  
  used_types (table_oid, type_oid) AS (
    SELECT d.objid, d.refobjid
      FROM pg_catalog.pg_depend AS d
      JOIN relations AS r ON r.oid = d.objid
     WHERE d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.refobjid >= 16384
       AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid > 0
     UNION
    SELECT u.table_oid, inner_type.oid
      FROM used_types AS u
      JOIN pg_catalog.pg_type AS t ON t.oid = u.type_oid
     CROSS JOIN LATERAL (
        SELECT t.typelem AS oid
         UNION ALL SELECT t.typbasetype
         UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute AS a
                    WHERE t.typrelid <> 0 AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
         UNION ALL SELECT g.rngsubtype FROM pg_catalog.pg_range AS g WHERE g.rngtypid = t.oid
         UNION ALL SELECT g.rngtypid FROM pg_catalog.pg_range AS g WHERE g.rngmultitypid = t.oid
       ) AS inner_type
     WHERE inner_type.oid >= 16384
  ),
  defined_types AS (
    SELECT t.oid, n.nspname, t.typname,
           pg_catalog.json_build_array(n.nspname, t.typname, t.typtype, 
    CASE t.typtype
      WHEN 'e' THEN (
        SELECT pg_catalog.json_agg(e.enumlabel ORDER BY e.enumsortorder)
          FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = t.oid)
      WHEN 'd' THEN (
  SELECT pg_catalog.json_build_array(
           pg_catalog.format_type(t.typbasetype, t.typtypmod), t.typnotnull,
           pg_catalog.pg_get_expr(t.typdefaultbin, 0),
           
  CASE WHEN t.typcollation <> 0 AND (t.typbasetype, t.typcollation) NOT IN (
              SELECT l.oid, l.typcollation FROM pg_catalog.pg_type AS l WHERE l.typcollation <> 0)
       THEN t.typcollation::pg_catalog.regcollation::text END,
           (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(
                     k.conname, pg_catalog.pg_get_constraintdef(k.oid)) ORDER BY k.conname)
              FROM pg_catalog.pg_constraint AS k
             WHERE k.contypid = t.oid AND k.contype = 'c')))
      WHEN 'c' THEN (
        SELECT pg_catalog.json_agg(pg_catalog.json_build_array(
                 a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
                 
  CASE WHEN a.attcollation <> 0 AND (a.atttypid, a.attcollation) NOT IN (
              SELECT l.oid, l.typcollation FROM pg_catalog.pg_type AS l WHERE l.typcollation <> 0)
       THEN a.attcollation::pg_catalog.regcollation::text END) ORDER BY a.attnum)
          FROM pg_catalog.pg_attribute AS a
         WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
      WHEN 'r' THEN (
  SELECT pg_catalog.json_build_array(
           pg_catalog.format_type(g.rngsubtype, NULL),
           CASE WHEN NOT o.opcdefault
                THEN pg_catalog.format('%I.%I', o_n.nspname, o.opcname) END,
           
  CASE WHEN g.rngcollation <> 0 AND (g.rngsubtype, g.rngcollation) NOT IN (
              SELECT l.oid, l.typcollation FROM pg_catalog.pg_type AS l WHERE l.typcollation <> 0)
       THEN g.rngcollation::pg_catalog.regcollation::text END,
           CASE WHEN g.rngcanonical <> 0 THEN g.rngcanonical::pg_catalog.regprocedure::text END,
           CASE WHEN g.rngsubdiff <> 0 THEN g.rngsubdiff::pg_catalog.regprocedure::text END,
           pg_catalog.format_type(g.rngmultitypid, NULL))
    FROM pg_catalog.pg_range AS g
    JOIN pg_catalog.pg_opclass AS o ON o.oid = g.rngsubopc
    JOIN pg_catalog.pg_namespace AS o_n ON o_n.oid = o.opcnamespace
   WHERE g.rngtypid = t.oid)
    END) AS definition
      FROM (SELECT DISTINCT u.type_oid FROM used_types AS u) AS d
      JOIN pg_catalog.pg_type AS t ON t.oid = d.type_oid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
     WHERE t.typcategory <> 'A' OR t.typtype = 'd'
  ),
  table_types AS (
    SELECT u.table_oid, pg_catalog.json_agg(d.definition ORDER BY d.nspname, d.typname) AS types
      FROM used_types AS u
      JOIN defined_types AS d ON d.oid = u.type_oid
     GROUP BY u.table_oid
  ),
  table_parents AS (
    SELECT h.inhrelid AS table_oid,
           pg_catalog.json_agg(pg_catalog.json_build_array(n.nspname, c.relname) ORDER BY h.inhseqno) AS parents
      FROM relations AS r
      JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = r.oid
      JOIN pg_catalog.pg_class AS c ON c.oid = h.inhparent
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     GROUP BY h.inhrelid),
  described AS MATERIALIZED (
    SELECT r.*, a.* FROM relations AS r CROSS JOIN LATERAL (
    SELECT (pg_catalog.count(*) FILTER (WHERE NOT a.attisdropped))::integer AS column_count,
           
           pg_catalog.string_agg(ROW(
             a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, 
  CASE WHEN a.atthasdef
       THEN (SELECT pg_catalog.pg_get_expr(d.adbin, CASE WHEN a.attgenerated = '' THEN 0 ELSE d.adrelid END)
               FROM pg_catalog.pg_attrdef AS d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END,
             
  CASE WHEN a.attidentity <> '' AND r.relispartition AND EXISTS (
              SELECT FROM pg_catalog.pg_inherits AS h
                JOIN pg_catalog.pg_attribute AS p ON p.attrelid = h.inhparent AND p.attname = a.attname
               WHERE h.inhrelid = a.attrelid AND p.attidentity <> '')
       THEN '' ELSE a.attidentity END, a.attgenerated, 
  CASE WHEN a.attcollation <> 0 AND (a.atttypid, a.attcollation) NOT IN (
              SELECT l.oid, l.typcollation FROM pg_catalog.pg_type AS l WHERE l.typcollation <> 0)
       THEN a.attcollation::pg_catalog.regcollation::text END)::text, '' ORDER BY a.attnum) FILTER (WHERE NOT a.attisdropped) AS columns,
           pg_catalog.array_agg(a.attname::text ORDER BY a.attnum) AS names,
           pg_catalog.array_agg(a.atttypid ORDER BY a.attnum) AS column_types,
           pg_catalog.array_agg(a.attcollation ORDER BY a.attnum) AS collations
      FROM pg_catalog.pg_attribute AS a
     WHERE a.attrelid = r.oid AND a.attnum > 0) AS a),
  table_samples AS (
    SELECT d.oid AS table_oid, pg_catalog.min(d.oid) OVER (PARTITION BY d.names::text COLLATE "C") AS sample
      FROM described AS d
     WHERE d.relchecks > 0)
  SELECT d.table_schema, d.table_name, d.column_count, pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
         CASE WHEN pg_catalog.strpos(d.strict, ' NO INDENT)') = 0 THEN d.strict
              ELSE pg_catalog.regexp_replace(d.strict,
                     '( AS (text|bpchar|character|character varying)([(]\d+[)])?) NO INDENT[)]', '\1)', 'g') END, 'UTF8')), 'hex') AS strict,
         pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
         CASE WHEN pg_catalog.strpos(d.replication, ' NO INDENT)') = 0 THEN d.replication
              ELSE pg_catalog.regexp_replace(d.replication,
                     '( AS (text|bpchar|character|character varying)([(]\d+[)])?) NO INDENT[)]', '\1)', 'g') END, 'UTF8')), 'hex') AS replication,
         
         CASE WHEN pg_catalog.strpos(d.definition, ' NO INDENT)') = 0 THEN d.definition
              ELSE pg_catalog.regexp_replace(d.definition,
                     '( AS (text|bpchar|character|character varying)([(]\d+[)])?) NO INDENT[)]', '\1)', 'g') END::json AS definition
    FROM (SELECT r.schema::text AS table_schema, r.name::text AS table_name, r.column_count,
                 pg_catalog.concat(r.columns, ';', k.constraints, ';', x.indexes, ';', ROW(
                   r.relreplident, x.identity, x.identity_index, r.relpersistence = 'u', CASE WHEN r.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(r.oid) END,
                   p.parents, CASE WHEN r.relispartition THEN pg_catalog.pg_get_expr(r.relpartbound, 0) END, t.types)::text) AS strict,
                 ROW((
         SELECT 
           pg_catalog.string_agg(ROW(a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attgenerated <> '')::text, '' ORDER BY a.attname)
           
           FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped), CASE WHEN r.relreplident IN ('f', 'n') THEN r.relreplident END,
                     x.identity, t.types)::text AS replication,
                 pg_catalog.json_build_object(
                   'columns', COALESCE((
         SELECT 
           pg_catalog.json_agg(pg_catalog.json_build_array(
             a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, 
  CASE WHEN a.atthasdef
       THEN (SELECT pg_catalog.pg_get_expr(d.adbin, CASE WHEN a.attgenerated = '' THEN 0 ELSE d.adrelid END)
               FROM pg_catalog.pg_attrdef AS d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END,
             
  CASE WHEN a.attidentity <> '' AND r.relispartition AND EXISTS (
              SELECT FROM pg_catalog.pg_inherits AS h
                JOIN pg_catalog.pg_attribute AS p ON p.attrelid = h.inhparent AND p.attname = a.attname
               WHERE h.inhrelid = a.attrelid AND p.attidentity <> '')
       THEN '' ELSE a.attidentity END, a.attgenerated, 
  CASE WHEN a.attcollation <> 0 AND (a.atttypid, a.attcollation) NOT IN (
              SELECT l.oid, l.typcollation FROM pg_catalog.pg_type AS l WHERE l.typcollation <> 0)
       THEN a.attcollation::pg_catalog.regcollation::text END) ORDER BY a.attnum) 
           FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]'),
                   'identity', pg_catalog.json_build_array(r.relreplident, x.identity, x.identity_index),
                   'unlogged', r.relpersistence = 'u',
                   'partition_key', CASE WHEN r.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(r.oid) END,
                   'parents', COALESCE(p.parents, '[]'),
                   'bound', CASE WHEN r.relispartition THEN pg_catalog.pg_get_expr(r.relpartbound, 0) END,
                   'constraints', COALESCE(k.constraints_document, '[]'),
                   'indexes', COALESCE(x.indexes_document, '[]'),
                   'types', COALESCE(t.types, '[]'))::text AS definition
            FROM described AS r
            FULL JOIN table_parents AS p ON p.table_oid = r.oid
            FULL JOIN table_types AS t ON t.table_oid = r.oid
            FULL JOIN table_samples AS s ON s.table_oid = r.oid
           CROSS JOIN LATERAL (
    SELECT 
           pg_catalog.string_agg(ROW(
             i.relname, COALESCE(
             CASE WHEN x.indnatts = 1 AND x.indkey[0] > 0 AND x.indoption[0] = 0 AND x.indpred IS NULL
                       AND NOT x.indisunique AND i.relkind = 'i' AND i.reloptions IS NULL AND i.relam = 403
                       AND x.indcollation[0] = r.collations[x.indkey[0]]
                       AND (x.indclass[0], r.column_types[x.indkey[0]]) IN (
                             SELECT o.oid, o.opcintype FROM pg_catalog.pg_opclass AS o WHERE o.opcdefault)
                  THEN pg_catalog.format('CREATE INDEX %I ON %I.%I USING btree (%I)',
                         i.relname, r.schema, r.name, r.names[x.indkey[0]]) END, pg_catalog.pg_get_indexdef(x.indexrelid)), x.indisunique, x.indisvalid)::text, '' ORDER BY i.relname) FILTER (WHERE 
             NOT x.indisprimary AND NOT i.relispartition AND (NOT (x.indisunique OR x.indisexclusion) OR NOT EXISTS (
               SELECT FROM pg_catalog.pg_constraint AS k
                WHERE k.conrelid = x.indrelid AND k.conindid = x.indexrelid AND k.contype IN ('u', 'x')))) AS indexes,
           
           pg_catalog.json_agg(pg_catalog.json_build_array(
             i.relname, COALESCE(
             CASE WHEN x.indnatts = 1 AND x.indkey[0] > 0 AND x.indoption[0] = 0 AND x.indpred IS NULL
                       AND NOT x.indisunique AND i.relkind = 'i' AND i.reloptions IS NULL AND i.relam = 403
                       AND x.indcollation[0] = r.collations[x.indkey[0]]
                       AND (x.indclass[0], r.column_types[x.indkey[0]]) IN (
                             SELECT o.oid, o.opcintype FROM pg_catalog.pg_opclass AS o WHERE o.opcdefault)
                  THEN pg_catalog.format('CREATE INDEX %I ON %I.%I USING btree (%I)',
                         i.relname, r.schema, r.name, r.names[x.indkey[0]]) END, pg_catalog.pg_get_indexdef(x.indexrelid)), x.indisunique, x.indisvalid) ORDER BY i.relname) FILTER (WHERE 
             NOT x.indisprimary AND NOT i.relispartition AND (NOT (x.indisunique OR x.indisexclusion) OR NOT EXISTS (
               SELECT FROM pg_catalog.pg_constraint AS k
                WHERE k.conrelid = x.indrelid AND k.conindid = x.indexrelid AND k.contype IN ('u', 'x')))) AS indexes_document,
           pg_catalog.min(
             CASE WHEN x.indnatts = 1
                  THEN ARRAY[r.names[x.indkey[0]]::text]
                  ELSE (SELECT pg_catalog.array_agg(r.names[k.number]::text ORDER BY k.position)
                          FROM pg_catalog.unnest(x.indkey::pg_catalog.int2[]) WITH ORDINALITY AS k (number, position)
                         WHERE k.position <= x.indnkeyatts) END) FILTER (WHERE 
             x.indisvalid AND x.indimmediate
             AND CASE WHEN r.relreplident = 'i' THEN x.indisreplident ELSE x.indisprimary END) AS identity,
           pg_catalog.min(i.relname::text)
             FILTER (WHERE r.relreplident = 'i' AND NOT i.relispartition AND 
             x.indisvalid AND x.indimmediate
             AND CASE WHEN r.relreplident = 'i' THEN x.indisreplident ELSE x.indisprimary END) AS identity_index,
           
           pg_catalog.min(x.indexrelid) FILTER (WHERE x.indisprimary AND x.indnatts = 1) AS plain_key
      FROM pg_catalog.pg_index AS x
      LEFT JOIN pg_catalog.pg_class AS i
        ON i.oid = CASE WHEN NOT x.indisprimary OR r.relreplident = 'i' THEN x.indexrelid END
     WHERE x.indrelid = r.oid) AS x
           CROSS JOIN LATERAL (
    SELECT 
           pg_catalog.string_agg(ROW(
             k.conname, k.contype, COALESCE(
             CASE WHEN k.condeferrable OR NOT k.convalidated THEN NULL
                  WHEN k.contype = 'p' AND k.conindid = x.plain_key
                  THEN pg_catalog.format('PRIMARY KEY (%I)', r.names[k.conkey[1]])
                  WHEN k.contype = 'c' AND NOT k.connoinherit AND 0 <> ALL (k.conkey)
                  THEN 'CHECK (' || pg_catalog.pg_get_expr(k.conbin, s.sample) || ')' END, pg_catalog.pg_get_constraintdef(k.oid)))::text, '' ORDER BY k.conname) AS constraints,
           
           pg_catalog.json_agg(pg_catalog.json_build_array(
             k.conname, k.contype, COALESCE(
             CASE WHEN k.condeferrable OR NOT k.convalidated THEN NULL
                  WHEN k.contype = 'p' AND k.conindid = x.plain_key
                  THEN pg_catalog.format('PRIMARY KEY (%I)', r.names[k.conkey[1]])
                  WHEN k.contype = 'c' AND NOT k.connoinherit AND 0 <> ALL (k.conkey)
                  THEN 'CHECK (' || pg_catalog.pg_get_expr(k.conbin, s.sample) || ')' END, pg_catalog.pg_get_constraintdef(k.oid))) ORDER BY k.conname) AS constraints_document
      FROM pg_catalog.pg_constraint AS k
     WHERE k.conrelid = r.oid AND k.contypid = 0 AND k.conparentid = 0
       AND (k.contype IN ('p', 'u', 'x', 'c', 'f') OR k.contype = 'n' AND (NOT k.convalidated OR k.connoinherit))) AS k
          OFFSET 0) AS d;
END
$definitions$;
COMMENT ON FUNCTION steep_repl.table_definitions(text, text) IS 'The tables of this database, of a schema, or one: the fingerprint of all of each, that of what replication needs, and what it is as JSON.';

CREATE FUNCTION steep_repl.compute_fingerprint(p_schema text, p_table text) RETURNS text
    LANGUAGE sql STABLE SET search_path = ''
    AS $$
        SELECT d.strict
          FROM steep_repl.table_definitions(p_schema, p_table) AS d
         WHERE p_schema IS NOT NULL AND p_table IS NOT NULL
    $$;
COMMENT ON FUNCTION steep_repl.compute_fingerprint(text, text) IS 'SHA-256 of the definition of a table; NULL: there is no such table of a user.';

CREATE FUNCTION steep_repl.capture_all_fingerprints(p_node_id text) RETURNS integer
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        DECLARE
            captured integer;
        BEGIN
            DELETE FROM steep_repl.schema_fingerprints AS f WHERE f.node_id = p_node_id;
            INSERT INTO steep_repl.schema_fingerprints AS f
                   (node_id, table_schema, table_name, fingerprint, replication_fingerprint, column_count, definition)
            SELECT p_node_id, d.table_schema, d.table_name, d.strict, d.replication, d.column_count, d.definition::jsonb
              FROM steep_repl.table_definitions() AS d
                ON CONFLICT (node_id, table_schema, table_name) DO UPDATE
               SET fingerprint = EXCLUDED.fingerprint, replication_fingerprint = EXCLUDED.replication_fingerprint,
                   column_count = EXCLUDED.column_count, definition = EXCLUDED.definition, captured_at = pg_catalog.now();
            GET DIAGNOSTICS captured = ROW_COUNT;
            RETURN captured;
        END
    $$;
COMMENT ON FUNCTION steep_repl.capture_all_fingerprints(text) IS 'Keeps the fingerprints of all tables of this database as those of this node, in place of older ones; returns how many.';

CREATE FUNCTION steep_repl.compare_fingerprints(p_local_node text, p_peer_node text) RETURNS TABLE (
    table_schema text, table_name text, status text, local_fingerprint text, peer_fingerprint text)
    LANGUAGE plpgsql STABLE SET search_path = ''
    AS $$
        #variable_conflict use_column
        DECLARE
            missing text;
        BEGIN
            SELECT w.node_id INTO missing
              FROM pg_catalog.unnest(ARRAY[p_local_node, p_peer_node]) WITH ORDINALITY AS w (node_id, position)
             WHERE NOT EXISTS (SELECT FROM steep_repl.schema_fingerprints AS f WHERE f.node_id = w.node_id)
             ORDER BY w.position LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'no fingerprints of node "%" were captured on this node', missing
                    USING ERRCODE = 'no_data_found', HINT = 'Run: steep schema capture';
            END IF;
            RETURN QUERY
            SELECT COALESCE(l.table_schema, p.table_schema), COALESCE(l.table_name, p.table_name),
                   CASE WHEN p.node_id IS NULL THEN 'LOCAL_ONLY' WHEN l.node_id IS NULL THEN 'REMOTE_ONLY'
                        WHEN l.fingerprint = p.fingerprint THEN 'MATCH' ELSE 'MISMATCH' END,
                   l.fingerprint, p.fingerprint
              FROM (SELECT f.* FROM steep_repl.schema_fingerprints AS f WHERE f.node_id = p_local_node) AS l
              FULL JOIN (SELECT f.* FROM steep_repl.schema_fingerprints AS f WHERE f.node_id = p_peer_node) AS p
                ON p.table_schema = l.table_schema AND p.table_name = l.table_name
             ORDER BY 1, 2;
        END
    $$;
COMMENT ON FUNCTION steep_repl.compare_fingerprints(text, text) IS 'The captured tables of two nodes side by side: MATCH, MISMATCH, LOCAL_ONLY or REMOTE_ONLY.';
