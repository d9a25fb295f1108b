-- steep_repl, version 4: what tells one attempt of an initial copy from another: its run, its slot, its cluster, and
-- the transactions that brought its rows.
-- Runs in one transaction with its row in schema_version. Names are qualified: search_path is empty.

CREATE TABLE steep_repl.copy_attempts (
    subscription      text PRIMARY KEY,
    run_id            text NOT NULL,
    system_identifier text,
    timeline          integer,
    database          text,
    slot_name         text,
    plugin            text,
    consistent_lsn    pg_lsn,
    restart_lsn       pg_lsn,
    catalog_xmin      text,
    publications      jsonb,
    tables            jsonb,
    started_at        timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE steep_repl.copy_attempts IS 'One row for each initial copy whose subscription is not there yet: noted before its slot is created, deleted when the subscription follows or the copy is undone. Progress never updates it.';
COMMENT ON COLUMN steep_repl.copy_attempts.subscription IS 'The one that will follow, also where a snapshot is loaded for it.';
COMMENT ON COLUMN steep_repl.copy_attempts.run_id IS 'The run that noted it, or that took it over last. Which run may commit is in run_lock.';
COMMENT ON COLUMN steep_repl.copy_attempts.system_identifier IS 'Of the source, with timeline and database: where the slot was made.';
COMMENT ON COLUMN steep_repl.copy_attempts.restart_lsn IS 'Of the slot right after its creation, as catalog_xmin: decoding may move both up to the consistent point, and no further before the subscription confirms.';
COMMENT ON COLUMN steep_repl.copy_attempts.publications IS 'OIDs of the publications and of their members, as the snapshot of the slot shows them: one that was dropped and created again has another.';
COMMENT ON COLUMN steep_repl.copy_attempts.tables IS 'OIDs of the tables and their partitions, as the same snapshot shows them: rows that came or went with a partition, or with another table of that name, are not sent.';

ALTER TABLE steep_repl.copy_chunks
    ADD COLUMN xid xid8;
ALTER TABLE steep_repl.copy_chunks ALTER COLUMN sha256 DROP NOT NULL;
COMMENT ON COLUMN steep_repl.copy_chunks.sha256 IS 'Of the data as COPY sent it; NULL: it was only relayed from one server to the other.';
COMMENT ON COLUMN steep_repl.copy_chunks.xid IS 'The transaction that stored the rows of the chunk: xid::pg_catalog.xid is their xmin for as long as nothing else has changed them.';

INSERT INTO steep_repl.copy_attempts (subscription, run_id, slot_name, consistent_lsn)
SELECT i.subscription, COALESCE(i.run_id, ''), i.slot_name, i.consistent_lsn
  FROM steep_repl.subscriptions_init AS i WHERE i.publications_digest IS NOT NULL
    ON CONFLICT DO NOTHING;

CREATE TABLE steep_repl.run_lock (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    run_id     text,
    claimed_at timestamptz
);
COMMENT ON TABLE steep_repl.run_lock IS 'A run holds this table in SHARE UPDATE EXCLUSIVE MODE while it changes the node. Its one row names the run that may commit: each transaction of a run takes the row FOR SHARE just before COMMIT and checks run_id, so that a run that lost the lock and was replaced cannot commit.';
COMMENT ON COLUMN steep_repl.run_lock.run_id IS 'The run that took the lock last; null: none has.';
INSERT INTO steep_repl.run_lock DEFAULT VALUES;

CREATE TABLE steep_repl.edge_records (
    address  text PRIMARY KEY,
    noted    jsonb NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE steep_repl.edge_records IS 'What the edges of subscriptions on this node were at the end of an apply: OIDs of the copied tables and of their partitions on the publisher, and the statistics of the slot. What differs later tells that rows are missing.';

CREATE TABLE steep_repl.verifications (
    address         text,
    table_name      text,
    outcome         text NOT NULL CHECK (outcome IN ('equal', 'different', 'unsettled', 'unread')),
    rows_publisher  bigint,
    rows_subscriber bigint,
    rows_equal      bigint,
    rows_different  bigint,
    rows_missing    bigint,
    rows_extra      bigint,
    rows_unsettled  bigint,
    error           text,
    verified_at     timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (address, table_name)
);
COMMENT ON TABLE steep_repl.verifications IS 'The last result of steep verify for each table of a subscription on this node: how many rows are the same as on the publisher, and how many are not. No values of rows.';
COMMENT ON COLUMN steep_repl.verifications.rows_missing IS 'Rows that the publisher alone has; rows_extra: the subscriber alone. Null: the table was not read.';

DROP FUNCTION steep_repl.health();

CREATE FUNCTION steep_repl.health() RETURNS TABLE (side text, object text, health text, code text, reason text)
    LANGUAGE plpgsql STABLE SET search_path = ''
    AS $$
        DECLARE
            failed  oid[] := '{}';
            skipped oid[] := '{}';
            skips   oid[] := '{}';
            differing text[] := '{}';
        BEGIN
            IF pg_catalog.has_table_privilege('steep_repl.verifications', 'SELECT') THEN
                SELECT COALESCE(pg_catalog.array_agg(pg_catalog.substr(v.address,
                         pg_catalog.strpos(v.address, '/') + pg_catalog.length('subscription') + 2)), '{}')
                  INTO differing FROM steep_repl.verifications AS v WHERE v.outcome = 'different';
            END IF;
            IF pg_catalog.current_setting('server_version_num')::integer >= 150000 THEN
                EXECUTE 'SELECT COALESCE(pg_catalog.array_agg(s.oid), ''{}'') FROM pg_catalog.pg_subscription AS s
                           JOIN pg_catalog.pg_stat_subscription_stats AS t ON t.subid = s.oid
                          WHERE s.subdisableonerr AND t.apply_error_count + t.sync_error_count > 0' INTO failed;
                EXECUTE 'SELECT COALESCE(pg_catalog.array_agg(s.oid), ''{}'') FROM pg_catalog.pg_subscription AS s
                          WHERE s.subskiplsn <> ''0/0''' INTO skips;
            END IF;
            IF pg_catalog.current_setting('server_version_num')::integer >= 180000 THEN
                EXECUTE 'SELECT COALESCE(pg_catalog.array_agg(t.subid), ''{}'')
                           FROM pg_catalog.pg_stat_subscription_stats AS t WHERE t.confl_update_missing > 0' INTO skipped;
            END IF;
            RETURN QUERY
            WITH managed AS (
                SELECT o.kind, pg_catalog.substr(o.address, pg_catalog.strpos(o.address, '/') + pg_catalog.length(o.kind) + 2) AS name,
                       o.applied
                  FROM steep_repl.objects AS o),
            here AS (
                SELECT s.oid, s.subname::text AS name, s.subenabled AS enabled, s.subslotname AS slot
                  FROM pg_catalog.pg_subscription AS s
                  JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid
                 WHERE d.datname = pg_catalog.current_database()),
            subscriptions AS (
                SELECT COALESCE(s.name, m.name, i.subscription) AS name, s.oid, s.enabled, s.slot,
                       COALESCE(m.applied -> 'enabled' = 'true', false) AS wanted, i.state,
                       COALESCE(p.updated_at, i.updated_at) < pg_catalog.clock_timestamp() - interval '60 s' AS silent,
                       EXISTS (SELECT FROM pg_catalog.pg_stat_subscription AS w
                                WHERE w.subid = s.oid AND w.relid IS NULL AND w.pid IS NOT NULL) AS running,
                       EXISTS (SELECT FROM pg_catalog.pg_subscription_rel AS r
                                WHERE r.srsubid = s.oid AND r.srsubstate <> 'r') AS copying,
                       EXISTS (SELECT FROM pg_catalog.pg_stat_subscription AS w
                                 JOIN pg_catalog.pg_locks AS l ON l.pid = w.pid
                                WHERE w.subid = s.oid AND NOT l.granted
                                  AND l.waitstart < pg_catalog.clock_timestamp() - interval '5 s') AS waiting
                  FROM here AS s
                  FULL JOIN (SELECT * FROM managed WHERE kind = 'subscription') AS m ON m.name = s.name
                  FULL JOIN steep_repl.subscriptions_init AS i ON i.subscription = COALESCE(s.name, m.name)
                  LEFT JOIN steep_repl.init_progress AS p ON p.subscription = i.subscription),
            slots AS (
                SELECT m.name, i.slot_name IS NOT NULL AS prepared, s.slot_name IS NOT NULL AS there, s.wal_status, s.active,
                       NOT pg_catalog.pg_is_in_recovery() AND s.confirmed_flush_lsn > (
                         SELECT CASE WHEN s.slot_name IS NOT NULL AND NOT pg_catalog.pg_is_in_recovery()
                                     THEN pg_catalog.pg_current_wal_lsn() END) AS ahead
                  FROM managed AS m
                  LEFT JOIN steep_repl.init_slots AS i ON i.slot_name = m.name
                  LEFT JOIN pg_catalog.pg_replication_slots AS s ON s.slot_name = m.name
                 WHERE m.kind = 'slot'),
            judged AS (
                SELECT 'subscriber' AS side, s.name AS object, CASE
                         WHEN s.oid IS NULL AND s.state IN ('preparing', 'copying', 'catching_up', 'reinitializing')
                           THEN CASE WHEN s.silent THEN 'INIT_INTERRUPTED' ELSE 'INIT_RUNNING' END
                         WHEN s.state = 'failed' AND (s.oid IS NULL OR s.copying) THEN 'INIT_FAILED'
                         WHEN s.oid IS NULL AND NOT EXISTS (SELECT FROM pg_catalog.pg_subscription AS o WHERE o.subname = s.name)
                           THEN 'SUBSCRIPTION_MISSING'
                         WHEN s.oid IS NULL THEN NULL
                         WHEN s.state = 'diverged' THEN 'INIT_DIVERGED'
                         WHEN s.oid = ANY (skips) THEN 'SKIP_PENDING'
                         WHEN NOT s.enabled AND s.oid = ANY (failed) THEN 'DISABLED_BY_ERROR'
                         WHEN NOT s.enabled THEN 'SUBSCRIPTION_DISABLED'
                         WHEN s.slot IS NULL THEN 'SLOT_MISSING'
                         WHEN NOT s.running THEN 'WORKER_DOWN'
                         WHEN s.copying THEN 'TABLE_NOT_READY'
                         WHEN s.name = ANY (differing) THEN 'ROWS_DIFFER'
                         WHEN s.waiting THEN 'APPLY_WAITS_FOR_LOCK'
                         WHEN s.oid = ANY (skipped) THEN 'CHANGES_SKIPPED' END AS code,
                       s.wanted
                  FROM subscriptions AS s
                 WHERE s.oid IS NOT NULL OR s.state IS DISTINCT FROM 'uninitialized'
                UNION ALL
                SELECT 'publisher', s.name, CASE
                         WHEN NOT s.there THEN 'SLOT_MISSING'
                         WHEN s.wal_status = 'lost' THEN 'SLOT_LOST'
                         WHEN s.ahead THEN 'PUBLISHER_SET_BACK'
                         WHEN s.prepared THEN 'INIT_PREPARED' END, false
                  FROM slots AS s
                UNION ALL
                SELECT 'publisher', m.name, 'PUBLICATION_MISSING', false
                  FROM managed AS m
                 WHERE m.kind = 'publication'
                   AND NOT EXISTS (SELECT FROM pg_catalog.pg_publication AS p WHERE p.pubname = m.name)
                   AND NOT EXISTS (SELECT FROM managed AS o
                                    WHERE o.kind = 'slot' AND o.applied ->> 'database' <> pg_catalog.current_database()))
            SELECT j.side, j.object, CASE
                     WHEN j.code IS NULL THEN 'unknown'
                     WHEN j.code = 'SUBSCRIPTION_DISABLED' AND NOT j.wanted THEN 'disabled'
                     WHEN j.code IN ('INIT_PREPARED', 'INIT_RUNNING', 'TABLE_NOT_READY') THEN 'copying'
                     WHEN j.code = 'APPLY_WAITS_FOR_LOCK' THEN 'lagging'
                     ELSE 'broken' END,
                   j.code, CASE
                     WHEN j.code IS NOT NULL THEN 'steep explain ' || j.code
                     WHEN j.side = 'subscriber'
                       THEN 'No fault on this node. The publisher knows the slot, the publications and the lag.'
                     ELSE 'No fault on this node. The subscriber knows whether the changes are applied.' END
              FROM judged AS j
             ORDER BY 1, 2, 4;
        END
    $$;
COMMENT ON FUNCTION steep_repl.health() IS 'A row for each end of an edge on this node: broken, lagging, copying, disabled, or unknown where only the other end can tell. The codes are those of steep status; steep explain has their meaning.';

-- The query of steep itself, which writes equal definitions equally.
CREATE OR REPLACE FUNCTION steep_repl.table_definitions(p_schema text DEFAULT NULL, p_table text DEFAULT NULL)
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
   UNION ALL
  SELECT t.typbasetype
   UNION ALL
  SELECT a.atttypid
    FROM pg_catalog.pg_attribute AS a
   WHERE t.typrelid <> 0 AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
   UNION ALL
  SELECT g.rngsubtype FROM pg_catalog.pg_range AS g WHERE g.rngtypid = t.oid
   UNION ALL
  SELECT g.rngtypid FROM pg_catalog.pg_range AS g WHERE g.rngmultitypid = t.oid) AS inner_type (oid)
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
  used_collations (table_oid, collation_oid) AS (
    SELECT d.objid, d.refobjid
      FROM pg_catalog.pg_depend AS d
      JOIN relations AS r ON r.oid = d.objid
     WHERE d.refclassid = 'pg_catalog.pg_collation'::pg_catalog.regclass AND d.refobjid >= 16384
       AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
     UNION
    SELECT u.table_oid, d.refobjid
      FROM used_types AS u
      JOIN pg_catalog.pg_type AS t ON t.oid = u.type_oid
      JOIN pg_catalog.pg_depend AS d
        ON (d.classid, d.objid) IN (('pg_catalog.pg_type'::pg_catalog.regclass, t.oid),
                                    ('pg_catalog.pg_class'::pg_catalog.regclass, t.typrelid))
     WHERE d.refclassid = 'pg_catalog.pg_collation'::pg_catalog.regclass AND d.refobjid >= 16384
  ),
  table_types AS (
    SELECT p.table_oid, pg_catalog.json_agg(p.definition ORDER BY p.nspname, p.name, p.rank) AS types
      FROM (SELECT u.table_oid, d.nspname, d.typname AS name, 1 AS rank, d.definition
              FROM used_types AS u
              JOIN defined_types AS d ON d.oid = u.type_oid
             UNION ALL
            SELECT u.table_oid, n.nspname, l.collname, 2,
                   pg_catalog.json_build_array(n.nspname, l.collname, 'l', (
        SELECT pg_catalog.json_build_array(
                 CASE l.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
                 CASE WHEN l.collprovider = 'i' THEN pg_catalog.replace(c.locale, '_', '-') ELSE c.locale END,
                 CASE WHEN l.collprovider = 'c' THEN l.collctype::text END,
                 l.collisdeterministic, c.fields ->> 'collicurules')
          FROM (SELECT f.fields, COALESCE(f.fields ->> 'colllocale', f.fields ->> 'colliculocale', f.fields ->> 'collcollate')
                  FROM (SELECT pg_catalog.to_jsonb(l)) AS f (fields)) AS c (fields, locale)))
              FROM used_collations AS u
              JOIN pg_catalog.pg_collation AS l ON l.oid = u.collation_oid
              JOIN pg_catalog.pg_namespace AS n ON n.oid = l.collnamespace) AS p
     GROUP BY p.table_oid
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
         CASE WHEN pg_catalog.strpos(d.strict, ' NO INDENT)') + pg_catalog.strpos(d.strict, '''::character varying') + pg_catalog.strpos(d.strict, 'fillfactor=') = 0 THEN d.strict ELSE 
              pg_catalog.regexp_replace(pg_catalog.regexp_replace(
              pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace(d.strict,
                '( AS (text|bpchar|character|character varying)([(]\d+[)])?) NO INDENT[)]', '\1)', 'g'),
                '[(](E?''([^'']|'''')*''::character varying)[)]::text', '\1', 'g'),
                '[(](ARRAY[[](E?''([^'']|'''')*''::character varying(, )?)+[]])[)]::text[[][]]', '\1', 'g'),
                ', fillfactor=''?\d+''?| WITH [(]fillfactor=''?\d+''?[)]', '', 'g'),
                '( WITH [(])fillfactor=''?\d+''?, ', '\1', 'g') END, 'UTF8')), 'hex') AS strict,
         pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
         CASE WHEN pg_catalog.strpos(d.replication, ' NO INDENT)') + pg_catalog.strpos(d.replication, '''::character varying') = 0 THEN d.replication ELSE 
              pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace(d.replication,
                '( AS (text|bpchar|character|character varying)([(]\d+[)])?) NO INDENT[)]', '\1)', 'g'),
                '[(](E?''([^'']|'''')*''::character varying)[)]::text', '\1', 'g'),
                '[(](ARRAY[[](E?''([^'']|'''')*''::character varying(, )?)+[]])[)]::text[[][]]', '\1', 'g') END, 'UTF8')), 'hex') AS replication,
         
         CASE WHEN pg_catalog.strpos(d.definition, ' NO INDENT)') + pg_catalog.strpos(d.definition, '''::character varying') = 0 THEN d.definition ELSE 
              pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace(d.definition,
                '( AS (text|bpchar|character|character varying)([(]\d+[)])?) NO INDENT[)]', '\1)', 'g'),
                '[(](E?''([^'']|'''')*''::character varying)[)]::text', '\1', 'g'),
                '[(](ARRAY[[](E?''([^'']|'''')*''::character varying(, )?)+[]])[)]::text[[][]]', '\1', 'g') END::json AS definition
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
