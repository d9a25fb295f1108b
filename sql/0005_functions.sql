-- steep_repl, version 5: publications, subscriptions, slots, origins and nodes from any SQL client.
-- Runs in one transaction with its row in schema_version. Names are qualified: search_path is empty.
-- Every function runs with the rights of its caller. What PostgreSQL does not do inside of a function is refused with
-- the command and the statement that do it.

-- Rows that lose

CREATE TABLE steep_repl.merge_runs (
    run_id      text PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('repair', 'merge')),
    address     text NOT NULL,
    state       text NOT NULL CHECK (state IN ('running', 'completed', 'partial', 'interrupted', 'decided', 'written')),
    tables      text[] NOT NULL,
    overwritten bigint NOT NULL DEFAULT 0,
    inserted    bigint NOT NULL DEFAULT 0,
    deleted     bigint NOT NULL DEFAULT 0,
    started_at  timestamptz NOT NULL DEFAULT pg_catalog.now(),
    ended_at    timestamptz
);
COMMENT ON TABLE steep_repl.merge_runs IS 'Runs that wrote rows of this node so that they are those of another one. What each of them overwrote or deleted is in merge_audit_log.';
COMMENT ON COLUMN steep_repl.merge_runs.state IS 'running: under way, or its process was ended; interrupted: a later run found it so. Of a merge, decided: no row is written; written: the rows of this node are committed; completed: those of both are, and both subscriptions begin after them.';
COMMENT ON COLUMN steep_repl.merge_runs.inserted IS 'Rows that were missing here. Like overwritten and deleted, it counts what was committed.';

CREATE TABLE steep_repl.merge_audit_log (
    run_id     text,
    entry      bigint GENERATED ALWAYS AS IDENTITY,
    table_name text NOT NULL,
    key        jsonb,
    losing     jsonb NOT NULL,
    winner     text NOT NULL,
    rule       text NOT NULL,
    at         timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (run_id, entry)
);
-- Without a policy: only its owner, and roles that are members of it, see rows, whoever has SELECT on all tables of the schema.
ALTER TABLE steep_repl.merge_audit_log ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE steep_repl.merge_audit_log IS 'Each row that was overwritten or deleted, written in the transaction that did it. It holds values of rows, so that only its owner, and members of that role, see them.';
COMMENT ON COLUMN steep_repl.merge_audit_log.key IS 'By column, as text; null: the table has no key.';
COMMENT ON COLUMN steep_repl.merge_audit_log.losing IS 'The whole row before, each value as PostgreSQL prints it as text.';
COMMENT ON COLUMN steep_repl.merge_audit_log.winner IS 'The node whose row is there now, or which has no such row.';
COMMENT ON COLUMN steep_repl.merge_audit_log.rule IS 'Why: repair overwrites and repair deletes what the publisher does not have.';

CREATE FUNCTION steep_repl.note_managed(p_kind text, p_name text, p_drop boolean) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = ''
    AS $$
        DECLARE
            protected boolean;
        BEGIN
            SELECT o.protect INTO protected FROM steep_repl.objects AS o
             WHERE o.kind = p_kind
               AND pg_catalog.substr(o.address, pg_catalog.strpos(o.address, '/') + pg_catalog.length(o.kind) + 2) = p_name;
            IF NOT FOUND THEN RETURN; END IF;
            IF p_drop AND protected THEN
                RAISE EXCEPTION '% "%" is protected', p_kind, p_name
                    USING ERRCODE = 'object_not_in_prerequisite_state',
                          HINT = 'Remove "protect: true" from steep.yaml and run steep apply; then drop it.';
            END IF;
            RAISE NOTICE '% "%" is managed by steep.yaml: the next steep plan shows this change and proposes to undo it',
                         p_kind, p_name;
        END
    $$;
COMMENT ON FUNCTION steep_repl.note_managed(text, text, boolean) IS 'Says whether steep.yaml manages an object, and refuses to drop a protected one. Called by the functions that change one.';

CREATE FUNCTION steep_repl.refuse_in_function(p_what text, p_command text, p_statement text) RETURNS void
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        BEGIN
            RAISE EXCEPTION 'PostgreSQL does not % inside of a function', p_what
                USING ERRCODE = 'active_sql_transaction', HINT = pg_catalog.format('From a shell: steep replication sub %s. Or send it as a statement of its own: %s', p_command, p_statement);
        END
    $$;
COMMENT ON FUNCTION steep_repl.refuse_in_function(text, text, text) IS 'Raises the error that names the command of steep and the statement for what cannot run in a transaction block.';

-- Nodes

DROP FUNCTION steep_repl.node_status(text);
CREATE FUNCTION steep_repl.node_status(p_node_id text DEFAULT NULL) RETURNS TABLE (
    node_id text, node_name text, host text, port integer, priority integer, status text, last_seen timestamptz,
    seconds_since_seen double precision, is_healthy boolean,
    init_state text, init_source_node text, init_started_at timestamptz, init_completed_at timestamptz)
    LANGUAGE sql STABLE SET search_path = ''
    AS $$
        SELECT n.node_id, n.node_name, n.host, n.port, n.priority, n.status, n.last_seen,
               pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - n.last_seen),
               n.status = 'active' AND n.last_seen > pg_catalog.clock_timestamp() - interval '30 s',
               n.init_state, n.init_source_node, n.init_started_at, n.init_completed_at
          FROM steep_repl.nodes AS n
         WHERE p_node_id IS NULL OR n.node_id = p_node_id
         ORDER BY n.priority DESC, n.node_id
    $$;
COMMENT ON FUNCTION steep_repl.node_status(text) IS 'One node, or all: when steep last worked on it, and whether that was within 30 seconds (is_healthy). Whether it replicates is what health() says.';

-- Publications

CREATE FUNCTION steep_repl.create_publication(p_name text, p_tables text[]) RETURNS text
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        BEGIN
            IF COALESCE(pg_catalog.cardinality(p_tables), 0) = 0 THEN
                RAISE EXCEPTION 'publication "%" needs at least one table', p_name
                    USING ERRCODE = 'invalid_parameter_value',
                          HINT = 'Name them with their schemas, as in ARRAY[''public.orders''].';
            END IF;
            EXECUTE pg_catalog.format('CREATE PUBLICATION %I FOR TABLE %s', p_name, (
                SELECT pg_catalog.string_agg(DISTINCT t.name::pg_catalog.regclass::text, ', ')
                  FROM pg_catalog.unnest(p_tables) AS t (name)));
            RETURN p_name;
        END
    $$;
COMMENT ON FUNCTION steep_repl.create_publication(text, text[]) IS 'Creates a publication of these tables, named with their schemas and quoted as in SQL; returns its name.';

CREATE FUNCTION steep_repl.drop_publication(p_name text) RETURNS boolean
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_catalog.pg_publication AS p WHERE p.pubname = p_name) THEN RETURN false; END IF;
            PERFORM steep_repl.note_managed('publication', p_name, true);
            EXECUTE pg_catalog.format('DROP PUBLICATION %I', p_name);
            RETURN true;
        END
    $$;
COMMENT ON FUNCTION steep_repl.drop_publication(text) IS 'Drops a publication; false: there is none of that name. Subscriptions that name it stop with an error.';

CREATE FUNCTION steep_repl.list_publications() RETURNS TABLE (
    publication text, owner text, all_tables boolean, operations text[], via_partition_root boolean, tables text[])
    LANGUAGE sql STABLE SET search_path = ''
    AS $$
        SELECT p.pubname::text, pg_catalog.pg_get_userbyid(p.pubowner)::text, p.puballtables,
               pg_catalog.array_remove(ARRAY[CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                 CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END], NULL),
               p.pubviaroot,
               ARRAY(SELECT pg_catalog.format('%I.%I', t.schemaname, t.tablename)
                       FROM pg_catalog.pg_publication_tables AS t WHERE t.pubname = p.pubname ORDER BY 1)
          FROM pg_catalog.pg_publication AS p
         ORDER BY p.pubname
    $$;
COMMENT ON FUNCTION steep_repl.list_publications() IS 'The publications of this database and the tables that they publish now.';

CREATE FUNCTION steep_repl.add_publication_tables(p_name text, p_tables text[]) RETURNS integer
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        DECLARE
            added text[] := ARRAY(
                SELECT DISTINCT t.name::pg_catalog.regclass::text
                  FROM pg_catalog.unnest(p_tables) AS t (name)
                 WHERE t.name::pg_catalog.regclass NOT IN (
                         SELECT r.prrelid FROM pg_catalog.pg_publication_rel AS r
                           JOIN pg_catalog.pg_publication AS p ON p.oid = r.prpubid WHERE p.pubname = p_name)
                 ORDER BY 1);
        BEGIN
            PERFORM steep_repl.note_managed('publication', p_name, false);
            IF pg_catalog.cardinality(added) > 0 THEN
                EXECUTE pg_catalog.format('ALTER PUBLICATION %I ADD TABLE %s', p_name,
                                          pg_catalog.array_to_string(added, ', '));
            END IF;
            RETURN pg_catalog.cardinality(added);
        END
    $$;
COMMENT ON FUNCTION steep_repl.add_publication_tables(text, text[]) IS 'Adds tables to a publication; returns how many were not in it yet. Subscribers receive them after a refresh.';

CREATE FUNCTION steep_repl.remove_publication_tables(p_name text, p_tables text[]) RETURNS integer
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        DECLARE
            removed text[] := ARRAY(
                SELECT r.prrelid::pg_catalog.regclass::text
                  FROM pg_catalog.pg_publication_rel AS r
                  JOIN pg_catalog.pg_publication AS p ON p.oid = r.prpubid
                 WHERE p.pubname = p_name
                   AND r.prrelid IN (SELECT t.name::pg_catalog.regclass FROM pg_catalog.unnest(p_tables) AS t (name))
                 ORDER BY 1);
        BEGIN
            PERFORM steep_repl.note_managed('publication', p_name, false);
            IF pg_catalog.cardinality(removed) > 0 THEN
                EXECUTE pg_catalog.format('ALTER PUBLICATION %I DROP TABLE %s', p_name,
                                          pg_catalog.array_to_string(removed, ', '));
            END IF;
            RETURN pg_catalog.cardinality(removed);
        END
    $$;
COMMENT ON FUNCTION steep_repl.remove_publication_tables(text, text[]) IS 'Takes tables out of a publication; returns how many were in it. Their changes are not sent from then on: a table that is added again needs a new copy.';

-- Subscriptions

CREATE FUNCTION steep_repl.create_subscription(
    p_name text, p_conninfo text, p_publication text, p_slot text DEFAULT NULL,
    p_copy_data boolean DEFAULT true, p_enabled boolean DEFAULT true
) RETURNS text
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        DECLARE
            detail text;
            hint   text;
        BEGIN
            IF p_slot IS NULL THEN
                PERFORM steep_repl.refuse_in_function('create a subscription together with its slot',
                    pg_catalog.format('create %s --publication %s', p_name, p_publication), pg_catalog.format(
                    'CREATE SUBSCRIPTION %I CONNECTION ... PUBLICATION %I. Or create the slot on the publisher and name it here',
                    p_name, p_publication));
            END IF;
            BEGIN
                EXECUTE pg_catalog.format(
                    'CREATE SUBSCRIPTION %I CONNECTION %L PUBLICATION %I WITH (create_slot = false, slot_name = %L, copy_data = %s, enabled = %s)',
                    p_name, p_conninfo, p_publication, p_slot, p_copy_data::text, p_enabled::text);
            EXCEPTION WHEN query_canceled OR OTHERS THEN
                -- The error itself quotes the statement, with the password, to the client and in the log of the server.
                GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
                RAISE EXCEPTION USING ERRCODE = SQLSTATE,
                      MESSAGE = pg_catalog.concat_ws(' ', SQLERRM, NULLIF(detail, ''), NULLIF(hint, ''));
            END;
            RETURN p_name;
        END
    $$;
COMMENT ON FUNCTION steep_repl.create_subscription(text, text, text, text, boolean, boolean) IS 'Creates a subscription on a slot that the publisher has already; returns its name. The log of the server may hold the call: leave a password to the passfile of the server, or give it as a parameter of a prepared statement.';

CREATE FUNCTION steep_repl.drop_subscription(p_name text) RETURNS boolean
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        DECLARE
            slot name;
        BEGIN
            SELECT s.subslotname INTO slot
              FROM pg_catalog.pg_subscription AS s
              JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = pg_catalog.current_database()
             WHERE s.subname = p_name;
            IF NOT FOUND THEN RETURN false; END IF;
            PERFORM steep_repl.note_managed('subscription', p_name, true);
            IF slot IS NOT NULL THEN
                PERFORM steep_repl.refuse_in_function(
                    pg_catalog.format('drop subscription "%s" together with its slot "%s"', p_name, slot),
                    pg_catalog.format('drop %s', p_name), pg_catalog.format('DROP SUBSCRIPTION %I', p_name));
            END IF;
            EXECUTE pg_catalog.format('DROP SUBSCRIPTION %I', p_name);
            RETURN true;
        END
    $$;
COMMENT ON FUNCTION steep_repl.drop_subscription(text) IS 'Drops a subscription that has no slot (slot_name = NONE); false: there is none of that name. One with a slot is dropped by steep replication sub drop, or by DROP SUBSCRIPTION, which is not possible inside of a function.';

CREATE FUNCTION steep_repl.switch_subscription(p_name text, p_enabled boolean) RETURNS boolean
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        BEGIN
            IF NOT EXISTS (SELECT FROM steep_repl.list_subscriptions() AS s WHERE s.subscription = p_name) THEN
                RETURN false;
            END IF;
            PERFORM steep_repl.note_managed('subscription', p_name, false);
            EXECUTE pg_catalog.format('ALTER SUBSCRIPTION %I %s', p_name,
                                      CASE WHEN p_enabled THEN 'ENABLE' ELSE 'DISABLE' END);
            RETURN true;
        END
    $$;
COMMENT ON FUNCTION steep_repl.switch_subscription(text, boolean) IS 'Enables or disables a subscription. Called by enable_subscription() and disable_subscription().';

CREATE FUNCTION steep_repl.list_subscriptions() RETURNS TABLE (
    subscription text, owner text, enabled boolean, slot text, publications text[])
    LANGUAGE sql STABLE SET search_path = ''
    AS $$
        SELECT s.subname::text, pg_catalog.pg_get_userbyid(s.subowner)::text, s.subenabled, s.subslotname::text,
               s.subpublications
          FROM pg_catalog.pg_subscription AS s
          JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = pg_catalog.current_database()
         ORDER BY s.subname
    $$;
COMMENT ON FUNCTION steep_repl.list_subscriptions() IS 'The subscriptions of this database. Connections are left out: they may hold passwords.';

CREATE FUNCTION steep_repl.enable_subscription(p_name text) RETURNS boolean
    LANGUAGE sql SET search_path = ''
    AS $$ SELECT steep_repl.switch_subscription(p_name, true) $$;
COMMENT ON FUNCTION steep_repl.enable_subscription(text) IS 'Enables a subscription; false: there is none of that name.';

CREATE FUNCTION steep_repl.disable_subscription(p_name text) RETURNS boolean
    LANGUAGE sql SET search_path = ''
    AS $$ SELECT steep_repl.switch_subscription(p_name, false) $$;
COMMENT ON FUNCTION steep_repl.disable_subscription(text) IS 'Disables a subscription; false: there is none of that name. Its slot keeps WAL on the publisher until it is enabled again.';

CREATE FUNCTION steep_repl.refresh_subscription(p_name text, p_copy_data boolean DEFAULT true) RETURNS boolean
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        BEGIN
            PERFORM steep_repl.refuse_in_function(
                pg_catalog.format('refresh subscription "%s"', p_name),
                pg_catalog.format('refresh %s%s', p_name, CASE WHEN p_copy_data THEN '' ELSE ' --no-copy-data' END),
                pg_catalog.format('ALTER SUBSCRIPTION %I REFRESH PUBLICATION%s', p_name,
                                  CASE WHEN p_copy_data THEN '' ELSE ' WITH (copy_data = false)' END));
        END
    $$;
COMMENT ON FUNCTION steep_repl.refresh_subscription(text, boolean) IS 'Always an error, which names the command of steep and the statement: PostgreSQL does not refresh a subscription inside of a function.';

CREATE FUNCTION steep_repl.subscription_status(p_name text DEFAULT NULL) RETURNS TABLE (
    subscription text, enabled boolean, pid integer, relation text, received_lsn pg_lsn,
    last_msg_send_time timestamptz, last_msg_receipt_time timestamptz, latest_end_lsn pg_lsn, latest_end_time timestamptz,
    tables_ready bigint, tables bigint)
    LANGUAGE sql STABLE SET search_path = ''
    AS $$
        SELECT s.subscription, s.enabled, w.pid, w.relid::pg_catalog.regclass::text, w.received_lsn,
               w.last_msg_send_time, w.last_msg_receipt_time, w.latest_end_lsn, w.latest_end_time, r.ready, r.tables
          FROM steep_repl.list_subscriptions() AS s
          JOIN pg_catalog.pg_subscription AS o ON o.subname = s.subscription
          JOIN pg_catalog.pg_database AS d ON d.oid = o.subdbid AND d.datname = pg_catalog.current_database()
          LEFT JOIN pg_catalog.pg_stat_subscription AS w ON w.subid = o.oid
         CROSS JOIN LATERAL (
               SELECT pg_catalog.count(*) FILTER (WHERE t.srsubstate = 'r') AS ready, pg_catalog.count(*) AS tables
                 FROM pg_catalog.pg_subscription_rel AS t WHERE t.srsubid = o.oid) AS r
         WHERE p_name IS NULL OR s.subscription = p_name
         ORDER BY s.subscription, w.relid NULLS FIRST, w.pid
    $$;
COMMENT ON FUNCTION steep_repl.subscription_status(text) IS 'A row for each worker of one subscription, or of all; one without a pid where none runs. relation: the table that a worker copies.';

-- Slots

CREATE FUNCTION steep_repl.create_replication_slot(p_name text, p_plugin text DEFAULT 'pgoutput')
    RETURNS TABLE (slot_name text, lsn pg_lsn)
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        DECLARE
            created record;
        BEGIN
            -- No query: PostgreSQL forgets its resource owner when it decodes the end of a transaction with DDL. A query of a
            -- function would end with "snapshot reference is not owned by resource owner", and the slot would stay.
            created := pg_catalog.pg_create_logical_replication_slot(p_name, p_plugin);
            slot_name := created.slot_name;
            lsn := created.lsn;
            RETURN NEXT;
        END
    $$;
COMMENT ON FUNCTION steep_repl.create_replication_slot(text, text) IS 'Creates a logical slot; returns its name and the position that it starts at. It waits for transactions that write, and keeps WAL from then on.';

CREATE FUNCTION steep_repl.drop_replication_slot(p_name text) RETURNS boolean
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots AS s WHERE s.slot_name = p_name) THEN
                RETURN false;
            END IF;
            PERFORM steep_repl.note_managed('slot', p_name, true);
            PERFORM pg_catalog.pg_drop_replication_slot(p_name);
            RETURN true;
        END
    $$;
COMMENT ON FUNCTION steep_repl.drop_replication_slot(text) IS 'Drops a slot that no session uses; false: there is none of that name. Changes that its subscriber has not received are lost to it.';

CREATE FUNCTION steep_repl.list_replication_slots() RETURNS TABLE (
    slot_name text, plugin text, slot_type text, active boolean, restart_lsn pg_lsn, confirmed_flush_lsn pg_lsn,
    wal_status text)
    LANGUAGE sql STABLE SET search_path = ''
    AS $$
        SELECT s.slot_name::text, s.plugin::text, s.slot_type, s.active, s.restart_lsn, s.confirmed_flush_lsn, s.wal_status
          FROM pg_catalog.pg_replication_slots AS s
         WHERE s.database IS NULL OR s.database = pg_catalog.current_database()
         ORDER BY s.slot_name
    $$;
COMMENT ON FUNCTION steep_repl.list_replication_slots() IS 'The logical slots of this database and the physical slots of the server.';

CREATE FUNCTION steep_repl.slot_lag(p_name text DEFAULT NULL) RETURNS TABLE (
    slot_name text, lag_bytes bigint, lag_pretty text, kept_bytes bigint)
    LANGUAGE sql STABLE SET search_path = ''
    AS $$
        SELECT s.slot_name, pg_catalog.pg_wal_lsn_diff(w.lsn, s.confirmed_flush_lsn)::bigint,
               pg_catalog.pg_size_pretty(pg_catalog.pg_wal_lsn_diff(w.lsn, s.confirmed_flush_lsn)),
               pg_catalog.pg_wal_lsn_diff(w.lsn, s.restart_lsn)::bigint
          FROM steep_repl.list_replication_slots() AS s
         CROSS JOIN (SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
                                 ELSE pg_catalog.pg_current_wal_lsn() END) AS w (lsn)
         WHERE p_name IS NULL OR s.slot_name = p_name
         ORDER BY s.slot_name
    $$;
COMMENT ON FUNCTION steep_repl.slot_lag(text) IS 'How far a slot, or each, is behind: WAL that its reader has not confirmed (lag_bytes; null for a physical slot), and WAL that the server keeps for it (kept_bytes).';

-- Replication origins

CREATE FUNCTION steep_repl.create_replication_origin(p_name text) RETURNS oid
    LANGUAGE sql SET search_path = ''
    AS $$ SELECT pg_catalog.pg_replication_origin_create(p_name) $$;
COMMENT ON FUNCTION steep_repl.create_replication_origin(text) IS 'Creates a replication origin; returns its identifier.';

CREATE FUNCTION steep_repl.origin_subscription(p_origin text) RETURNS text
    LANGUAGE sql STABLE SET search_path = ''
    AS $$ SELECT s.subname::text FROM pg_catalog.pg_subscription AS s
           WHERE p_origin = 'pg_' || s.oid OR p_origin LIKE 'pg\_' || s.oid || '\_%' $$;
COMMENT ON FUNCTION steep_repl.origin_subscription(text) IS 'The subscription whose position an origin holds; null: none.';

CREATE FUNCTION steep_repl.drop_replication_origin(p_name text) RETURNS boolean
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        DECLARE
            owner text := steep_repl.origin_subscription(p_name);
        BEGIN
            IF owner IS NOT NULL THEN
                RAISE EXCEPTION 'origin "%" holds the position of subscription "%"', p_name, owner
                    USING ERRCODE = 'object_in_use', HINT = 'It is dropped with its subscription.';
            END IF;
            IF NOT EXISTS (SELECT FROM pg_catalog.pg_replication_origin AS o WHERE o.roname = p_name) THEN
                RETURN false;
            END IF;
            PERFORM pg_catalog.pg_replication_origin_drop(p_name);
            RETURN true;
        END
    $$;
COMMENT ON FUNCTION steep_repl.drop_replication_origin(text) IS 'Drops an origin that belongs to no subscription; false: there is none of that name.';

CREATE FUNCTION steep_repl.list_replication_origins() RETURNS TABLE (
    roident oid, roname text, subscription text, remote_lsn pg_lsn, local_lsn pg_lsn)
    LANGUAGE sql STABLE SET search_path = ''
    AS $$
        SELECT o.roident, o.roname, steep_repl.origin_subscription(o.roname), s.remote_lsn, s.local_lsn
          FROM pg_catalog.pg_replication_origin AS o
          LEFT JOIN pg_catalog.pg_replication_origin_status AS s ON s.local_id = o.roident
         ORDER BY o.roname
    $$;
COMMENT ON FUNCTION steep_repl.list_replication_origins() IS 'The replication origins of the server, the subscriptions that they belong to, and their positions.';

CREATE FUNCTION steep_repl.advance_origin(p_name text, p_lsn pg_lsn) RETURNS boolean
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        DECLARE
            present pg_lsn;
            owner   text := steep_repl.origin_subscription(p_name);
        BEGIN
            IF owner IS NOT NULL THEN
                RAISE EXCEPTION 'origin "%" holds the position of subscription "%"', p_name, owner
                    USING ERRCODE = 'object_in_use',
                          HINT = pg_catalog.format('To skip one transaction, use: ALTER SUBSCRIPTION %I SKIP (lsn = ...), from PostgreSQL 15 on.', owner);
            END IF;
            SELECT s.remote_lsn INTO present
              FROM pg_catalog.pg_replication_origin AS o
              LEFT JOIN pg_catalog.pg_replication_origin_status AS s ON s.local_id = o.roident
             WHERE o.roname = p_name;
            IF NOT FOUND THEN RETURN false; END IF;
            IF p_lsn < present THEN
                RAISE EXCEPTION 'origin "%" is at % already: it does not move back to %', p_name, present, p_lsn
                    USING ERRCODE = 'object_not_in_prerequisite_state';
            END IF;
            PERFORM pg_catalog.pg_replication_origin_advance(p_name, p_lsn);
            RETURN true;
        END
    $$;
COMMENT ON FUNCTION steep_repl.advance_origin(text, pg_lsn) IS 'Moves an origin that belongs to no subscription forward to a position; false: there is none of that name. It never moves back.';

COMMENT ON FUNCTION steep_repl.get_progress() IS 'How far every initial copy into this node is.';
COMMENT ON FUNCTION steep_repl.init_progress(text) IS 'How far the initial copies into one node are.';
COMMENT ON FUNCTION steep_repl.is_operation_active() IS 'Whether an initial copy or a snapshot has reported progress within the last minute.';

-- Rows compared with those of another node, over a foreign server for dblink that the caller may use

CREATE FUNCTION steep_repl.hold_for_reading(p_table text) RETURNS void
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        DECLARE
            wanted   pg_catalog.oid := p_table::pg_catalog.regclass::pg_catalog.oid;
            is_table boolean;
            exposed  boolean;
            found    text;
        BEGIN
            SELECT c.relkind = 'p' OR c.relkind = 'r' AND pg_catalog.pg_relation_filenode(c.oid) IS NOT NULL INTO is_table
              FROM pg_catalog.pg_class AS c WHERE c.oid = wanted;
            IF is_table THEN
                EXECUTE pg_catalog.format('LOCK TABLE %s IN ACCESS SHARE MODE', wanted::pg_catalog.regclass);
            END IF;
            IF is_table IS NOT TRUE OR pg_catalog.to_regclass(p_table)::pg_catalog.oid IS DISTINCT FROM wanted THEN
                RAISE EXCEPTION '% is not a table', p_table
                    USING ERRCODE = 'wrong_object_type',
                          HINT = 'Only tables are read: a view would run functions of its owner with your rights.';
            END IF;
            SELECT pg_catalog.bool_or(true) INTO exposed
              FROM (SELECT wanted UNION SELECT p.relid::pg_catalog.oid FROM pg_catalog.pg_partition_tree(wanted) AS p) AS t (oid)
              JOIN pg_catalog.pg_class AS c ON c.oid = t.oid
              JOIN pg_catalog.pg_roles AS r ON r.oid = c.relowner
             WHERE NOT r.rolsuper AND r.rolname <> CURRENT_USER;
            -- Indexes, statistics and partitions: the functions of new ones would run while a query is planned.
            IF exposed AND NOT pg_catalog.pg_is_in_recovery() AND pg_catalog.has_table_privilege(wanted, 'UPDATE, DELETE, TRUNCATE') THEN
                EXECUTE pg_catalog.format('LOCK TABLE %s IN SHARE UPDATE EXCLUSIVE MODE NOWAIT', wanted::pg_catalog.regclass);
            END IF;
            SELECT pg_catalog.format('function %s of role %I', f.oid::pg_catalog.regprocedure, r.rolname) INTO found
              FROM (SELECT wanted UNION SELECT p.relid::pg_catalog.oid FROM pg_catalog.pg_partition_tree(wanted) AS p) AS t (oid)
             CROSS JOIN LATERAL (
                    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, t.oid
                     UNION ALL
                    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, x.indexrelid FROM pg_catalog.pg_index AS x WHERE x.indrelid = t.oid
                     UNION ALL
                    SELECT 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass, s.oid FROM pg_catalog.pg_statistic_ext AS s
                     WHERE s.stxrelid = t.oid) AS o (class, oid)
              JOIN pg_catalog.pg_depend AS d ON d.classid = o.class AND d.objid = o.oid
              LEFT JOIN pg_catalog.pg_operator AS op
                ON d.refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass AND op.oid = d.refobjid
              JOIN pg_catalog.pg_proc AS f ON f.oid = CASE WHEN d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                                                           THEN d.refobjid ELSE op.oprcode::pg_catalog.oid END
              JOIN pg_catalog.pg_roles AS r ON r.oid = f.proowner AND NOT r.rolsuper AND r.rolname <> CURRENT_USER
             LIMIT 1;
            IF found IS NULL THEN
                SELECT pg_catalog.format('foreign table %s', c.oid::pg_catalog.regclass) INTO found
                  FROM pg_catalog.pg_partition_tree(wanted) AS p
                  JOIN pg_catalog.pg_class AS c ON c.oid = p.relid::pg_catalog.oid AND c.relkind = 'f'
                 LIMIT 1;
            END IF;
            IF found IS NOT NULL THEN
                RAISE EXCEPTION 'reading % would use what belongs to another role, with your rights: %', p_table, found
                    USING ERRCODE = 'insufficient_privilege',
                          HINT = 'Give the function to a role that you trust, or connect as a role with fewer rights.';
            END IF;
        END
    $$;
COMMENT ON FUNCTION steep_repl.hold_for_reading(text) IS 'Locks a table until the transaction ends, so that its name means this table and its owner, a role that is neither the caller nor a superuser, creates no index, statistics or partition; refuses what is no table, and what would run functions of other roles. Called by the functions that compare rows.';

CREATE FUNCTION steep_repl.comparison_key(p_table text) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = ''
    AS $$
        SELECT k.columns
          FROM pg_catalog.pg_index AS x
          JOIN pg_catalog.pg_class AS c ON c.oid = x.indrelid
          JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
         CROSS JOIN LATERAL (
               SELECT pg_catalog.array_agg(a.attname::text ORDER BY n.position) AS columns,
                      pg_catalog.bool_and(a.attnotnull) AS not_null
                 FROM pg_catalog.unnest(x.indkey::pg_catalog.int2[]) WITH ORDINALITY AS n (number, position)
                 JOIN pg_catalog.pg_attribute AS a ON a.attrelid = x.indrelid AND a.attnum = n.number
                WHERE n.position <= x.indnkeyatts) AS k
         WHERE x.indrelid = p_table::pg_catalog.regclass AND x.indisunique AND x.indisvalid
           AND x.indpred IS NULL AND x.indexprs IS NULL AND k.not_null
         ORDER BY (c.relreplident = 'i' AND x.indisreplident) DESC, x.indisprimary DESC, i.relname COLLATE "C"
         LIMIT 1
    $$;
COMMENT ON FUNCTION steep_repl.comparison_key(text) IS 'The columns by which the rows of a table are told apart: of the replica identity, else of the primary key, else of the first unique index without NULLs; null: there is none.';

CREATE FUNCTION steep_repl.comparison_columns(p_table text) RETURNS TABLE (name text, value text)
    LANGUAGE sql STABLE SET search_path = ''
    AS $$
        WITH RECURSIVE bases (number, type) AS (
            SELECT a.attnum, a.atttypid FROM pg_catalog.pg_attribute AS a
             WHERE a.attrelid = p_table::pg_catalog.regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
             UNION ALL
            SELECT b.number, t.typbasetype FROM bases AS b
              JOIN pg_catalog.pg_type AS t ON t.oid = b.type AND t.typtype = 'd')
        SELECT a.attname::text,
               CASE WHEN o.pronamespace <> 'pg_catalog'::pg_catalog.regnamespace
                    THEN pg_catalog.format('pg_catalog.textin(pg_catalog.record_out(ROW(r.%I)))', a.attname)
                    WHEN t.oid = 'pg_catalog.numeric'::pg_catalog.regtype
                    THEN pg_catalog.format('pg_catalog.textin(pg_catalog.numeric_out(pg_catalog.trim_scale(r.%I::pg_catalog.numeric)))', a.attname)
                    ELSE pg_catalog.format('pg_catalog.textin(pg_catalog.%I(r.%I%s))', o.proname, a.attname,
                           CASE WHEN t.oid <> a.atttypid THEN '::' || pg_catalog.format_type(t.oid, NULL) ELSE '' END) END
          FROM bases AS b
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p_table::pg_catalog.regclass AND a.attnum = b.number
          JOIN pg_catalog.pg_type AS t ON t.oid = b.type AND t.typtype <> 'd'
          JOIN pg_catalog.pg_proc AS o ON o.oid = t.typoutput
         ORDER BY a.attname COLLATE "C"
    $$;
COMMENT ON FUNCTION steep_repl.comparison_columns(text) IS 'The columns of a table that are stored, and the expression that prints each as the output function of its type does.';

CREATE FUNCTION steep_repl.comparison_source(p_table text, p_key text[], p_columns text[]) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = ''
    AS $$
        DECLARE
            hashed text;
            keyed  text;
            known  bigint;
        BEGIN
            SELECT pg_catalog.string_agg(c.value || ' COLLATE pg_catalog."C"', ', ' ORDER BY c.name COLLATE "C"),
                   pg_catalog.string_agg(c.value, ', ' ORDER BY pg_catalog.array_position(p_key, c.name))
                     FILTER (WHERE c.name = ANY (p_key)),
                   pg_catalog.count(*)
              INTO hashed, keyed, known
              FROM steep_repl.comparison_columns(p_table) AS c
             WHERE c.name = ANY (p_columns);
            IF known <> pg_catalog.cardinality(p_columns) OR NOT p_key <@ p_columns THEN
                RAISE EXCEPTION 'table % does not have all of the columns %', p_table, p_columns
                    USING ERRCODE = 'undefined_column';
            END IF;
            RETURN pg_catalog.format(
                'SELECT ARRAY[%s]::text[] AS key, pg_catalog.hash_record_extended(ROW(pg_catalog.int8send('
                'pg_catalog.hash_record_extended(ROW(%s), 6148914691236517205))), 6148914691236517205) AS hash FROM %s%s AS r',
                keyed, hashed,
                (SELECT CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END FROM pg_catalog.pg_class AS c
                  WHERE c.oid = p_table::pg_catalog.regclass), p_table::pg_catalog.regclass);
        END
    $$;
COMMENT ON FUNCTION steep_repl.comparison_source(text, text[], text[]) IS 'The query that hashes each row of a table. Called by row_buckets() and row_hashes().';

CREATE FUNCTION steep_repl.row_buckets(p_table text, p_key text[], p_columns text[], p_buckets integer)
    RETURNS TABLE (bucket integer, row_count bigint, hash text)
    LANGUAGE plpgsql SET search_path = '' SET constraint_exclusion = off SET "DateStyle" = 'ISO, MDY' SET "IntervalStyle" = 'postgres'
    SET "TimeZone" = 'UTC' SET extra_float_digits = 1 SET bytea_output = 'hex' SET lc_monetary = 'C' SET xmlbinary = 'base64'
    SET quote_all_identifiers = off SET row_security = off
    AS $$
        BEGIN
            PERFORM steep_repl.hold_for_reading(p_table);
            RETURN QUERY EXECUTE pg_catalog.format(
                'SELECT (pg_catalog.hashtextextended(s.key::text COLLATE pg_catalog."C", 1) & ($1 - 1)::int8)::int4, pg_catalog.count(*), '
                'pg_catalog.sum(s.hash)::text FROM (%s) AS s GROUP BY 1', steep_repl.comparison_source(p_table, p_key, p_columns))
                USING p_buckets;
        END
    $$;
COMMENT ON FUNCTION steep_repl.row_buckets(text, text[], text[], integer) IS 'The rows of a table as so many buckets (a power of two): the number of rows of each, and the sum of their hashes. A node calls it on its peer to compare their rows.';

CREATE FUNCTION steep_repl.row_hashes(p_table text, p_key text[], p_columns text[], p_buckets integer, p_wanted integer[])
    RETURNS TABLE (key text[], hash bigint)
    LANGUAGE plpgsql SET search_path = '' SET constraint_exclusion = off SET "DateStyle" = 'ISO, MDY' SET "IntervalStyle" = 'postgres'
    SET "TimeZone" = 'UTC' SET extra_float_digits = 1 SET bytea_output = 'hex' SET lc_monetary = 'C' SET xmlbinary = 'base64'
    SET quote_all_identifiers = off SET row_security = off
    AS $$
        BEGIN
            PERFORM steep_repl.hold_for_reading(p_table);
            RETURN QUERY EXECUTE pg_catalog.format(
                'SELECT s.key, s.hash FROM (%s) AS s '
                'WHERE (pg_catalog.hashtextextended(s.key::text COLLATE pg_catalog."C", 1) & ($1 - 1)::int8)::int4 = ANY ($2)',
                steep_repl.comparison_source(p_table, p_key, p_columns))
                USING p_buckets, p_wanted;
        END
    $$;
COMMENT ON FUNCTION steep_repl.row_hashes(text, text[], text[], integer, integer[]) IS 'Keys and hashes of the rows of some buckets.';

CREATE FUNCTION steep_repl.ask_peer(p_peer text, p_query text) RETURNS SETOF jsonb
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        DECLARE
            extension_schema name;
        BEGIN
            SELECT n.nspname INTO extension_schema
              FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
             WHERE e.extname = 'dblink';
            IF NOT FOUND THEN
                RAISE EXCEPTION 'the extension dblink is not installed in this database'
                    USING ERRCODE = 'undefined_object', HINT = 'As a superuser, or its owner: CREATE EXTENSION dblink;';
            END IF;
            IF NOT EXISTS (SELECT FROM pg_catalog.pg_foreign_server AS s
                            WHERE s.srvname = p_peer AND pg_catalog.has_server_privilege(s.oid, 'USAGE')) THEN
                RAISE EXCEPTION 'there is no foreign server of this name that you may use'
                    USING ERRCODE = 'undefined_object',
                          HINT = 'CREATE SERVER peer FOREIGN DATA WRAPPER dblink_fdw OPTIONS (host ''...'', dbname ''...''); CREATE USER MAPPING FOR CURRENT_USER SERVER peer OPTIONS (user ''...'', password ''...''); A connection string is not taken, since a password in it would be logged.';
            END IF;
            RETURN QUERY EXECUTE pg_catalog.format('SELECT d.answer FROM %I.dblink(%L, %L) AS d (answer jsonb)', extension_schema,
                p_peer, pg_catalog.format('SELECT pg_catalog.to_jsonb(q) FROM (%s) AS q', p_query));
        END
    $$;
COMMENT ON FUNCTION steep_repl.ask_peer(text, text) IS 'Runs a query on another node, over a foreign server for dblink that the caller may use; one document for each row.';

CREATE FUNCTION steep_repl.compare_table_rows(p_peer text, p_table text) RETURNS TABLE (key jsonb, finding text)
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        DECLARE
            key_columns text[] := steep_repl.comparison_key(p_table);
            columns     text[] := ARRAY(SELECT c.name FROM steep_repl.comparison_columns(p_table) AS c);
            there       text[] := ARRAY(SELECT a.answer ->> 'name' FROM steep_repl.ask_peer(p_peer,
                                        pg_catalog.format('SELECT c.name FROM steep_repl.comparison_columns(%L) AS c', p_table)) AS a (answer));
            common      text[] := ARRAY(SELECT c FROM pg_catalog.unnest(columns) AS c WHERE c = ANY (there));
            buckets     integer;
            differing   integer[];
        BEGIN
            PERFORM steep_repl.hold_for_reading(p_table);
            IF key_columns IS NULL THEN
                RAISE EXCEPTION 'table % has no key by which its rows could be told apart', p_table
                    USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Compare it with steep verify.';
            END IF;
            IF pg_catalog.cardinality(common) < GREATEST(pg_catalog.cardinality(columns), pg_catalog.cardinality(there)) THEN
                RAISE NOTICE 'columns that only one of the nodes has are not compared: %', ARRAY(
                    SELECT c FROM pg_catalog.unnest(columns || there) AS c WHERE NOT c = ANY (common) ORDER BY c);
            END IF;
            buckets := pg_catalog.power(2, LEAST(16, GREATEST(0, pg_catalog.ceil(pg_catalog.log(2.0,
                (1 + pg_catalog.pg_table_size(p_table::pg_catalog.regclass) / 25600)::numeric)))))::integer;
            differing := ARRAY(
                SELECT COALESCE(h.bucket, t.bucket)
                  FROM steep_repl.row_buckets(p_table, key_columns, common, buckets) AS h
                  FULL JOIN (SELECT (a.answer ->> 'bucket')::integer AS bucket, (a.answer ->> 'row_count')::bigint AS row_count,
                                    a.answer ->> 'hash' AS hash
                               FROM steep_repl.ask_peer(p_peer, pg_catalog.format('SELECT * FROM steep_repl.row_buckets(%L, %L, %L, %s)',
                                    p_table, key_columns, common, buckets)) AS a (answer)) AS t USING (bucket)
                 WHERE (h.row_count, h.hash) IS DISTINCT FROM (t.row_count, t.hash));
            RETURN QUERY
            SELECT (SELECT pg_catalog.jsonb_object_agg(k.name, k.value)
                      FROM ROWS FROM (pg_catalog.unnest(key_columns), pg_catalog.unnest(COALESCE(h.key, t.key))) AS k (name, value)),
                   CASE WHEN t.key IS NULL THEN 'only_here' WHEN h.key IS NULL THEN 'only_there' ELSE 'different' END
              FROM steep_repl.row_hashes(p_table, key_columns, common, buckets, differing) AS h
              FULL JOIN (SELECT ARRAY(SELECT pg_catalog.jsonb_array_elements_text(a.answer -> 'key')) AS key,
                                (a.answer ->> 'hash')::bigint AS hash
                           FROM steep_repl.ask_peer(p_peer, pg_catalog.format('SELECT * FROM steep_repl.row_hashes(%L, %L, %L, %s, %L)',
                                p_table, key_columns, common, buckets, differing)) AS a (answer)) AS t ON t.key = h.key
             WHERE h.hash IS DISTINCT FROM t.hash;
        END
    $$;
COMMENT ON FUNCTION steep_repl.compare_table_rows(text, text) IS 'Keys of the rows of a table that are not the same here and on the peer (different, only_here, only_there), as both are now: of rows that are written meanwhile, or that replication has yet to bring, steep verify tells the difference. The table is named with its schema; the peer is a foreign server.';

CREATE FUNCTION steep_repl.compare_table_summary(p_peer text, p_table text) RETURNS TABLE (
    rows_here bigint, rows_there bigint, equal bigint, different bigint, only_here bigint, only_there bigint)
    LANGUAGE plpgsql SET search_path = '' SET constraint_exclusion = off
    AS $$
        BEGIN
            PERFORM steep_repl.hold_for_reading(p_table);
            EXECUTE pg_catalog.format('SELECT pg_catalog.count(*) FROM %s%s',
                (SELECT CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END FROM pg_catalog.pg_class AS c
                  WHERE c.oid = p_table::pg_catalog.regclass), p_table::pg_catalog.regclass) INTO rows_here;
            SELECT pg_catalog.count(*) FILTER (WHERE r.finding = 'different'), pg_catalog.count(*) FILTER (WHERE r.finding = 'only_here'),
                   pg_catalog.count(*) FILTER (WHERE r.finding = 'only_there')
              INTO different, only_here, only_there
              FROM steep_repl.compare_table_rows(p_peer, p_table) AS r;
            equal := rows_here - different - only_here;
            rows_there := equal + different + only_there;
            RETURN NEXT;
        END
    $$;
COMMENT ON FUNCTION steep_repl.compare_table_summary(text, text) IS 'How many rows of a table are the same here and on the peer, and how many are not. As compare_table_rows().';

CREATE FUNCTION steep_repl.analyze_overlap(p_peer text, p_tables text[]) RETURNS TABLE (
    table_name text, matches bigint, conflicts bigint, only_here bigint, only_there bigint)
    LANGUAGE sql SET search_path = ''
    AS $$
        SELECT t.name, s.equal, s.different, s.only_here, s.only_there
          FROM pg_catalog.unnest(p_tables) WITH ORDINALITY AS t (name, position)
         CROSS JOIN LATERAL steep_repl.compare_table_summary(p_peer, t.name) AS s
         ORDER BY t.position
    $$;
COMMENT ON FUNCTION steep_repl.analyze_overlap(text, text[]) IS 'What two nodes that both hold rows have in common: for each table the rows that match, those in conflict (the same key, other values), and those of one node only. Only hashes of buckets and of rows that differ are fetched from the peer.';

CREATE FUNCTION steep_repl.quiesce_writes(p_tables text[]) RETURNS integer
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        DECLARE
            tables pg_catalog.oid[] := ARRAY(SELECT DISTINCT t.name::pg_catalog.regclass::pg_catalog.oid
                                               FROM pg_catalog.unnest(p_tables) AS t (name) ORDER BY 1);
            one    pg_catalog.oid;
        BEGIN
            FOREACH one IN ARRAY tables LOOP
                EXECUTE pg_catalog.format('LOCK TABLE %s IN EXCLUSIVE MODE', one::pg_catalog.regclass);
            END LOOP;
            RAISE NOTICE 'writes to these tables wait until this transaction ends: COMMIT or ROLLBACK releases them; without BEGIN they are released already';
            RETURN pg_catalog.cardinality(tables);
        END
    $$;
COMMENT ON FUNCTION steep_repl.quiesce_writes(text[]) IS 'Lets writes to these tables wait, those of replication too, while reads continue: LOCK ... IN EXCLUSIVE MODE, in one order, within the transaction of the caller. COMMIT or ROLLBACK releases them. lock_timeout limits how long it waits itself. Returns how many tables are locked.';

CREATE FUNCTION steep_repl.release_quiesce() RETURNS integer
    LANGUAGE plpgsql STABLE SET search_path = ''
    AS $$
        DECLARE
            held bigint;
        BEGIN
            SELECT pg_catalog.count(DISTINCT l.relation) INTO held
              FROM pg_catalog.pg_locks AS l
             WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.mode = 'ExclusiveLock' AND l.granted;
            IF held > 0 THEN
                RAISE NOTICE 'this transaction locks % tables: only its end releases them. Send COMMIT, or ROLLBACK', held;
            END IF;
            RETURN held;
        END
    $$;
COMMENT ON FUNCTION steep_repl.release_quiesce() IS 'How many tables this transaction locks against writes. PostgreSQL releases locks when a transaction ends, never before: send COMMIT or ROLLBACK. 0 after that.';

-- The queue

CREATE TABLE steep_repl.work_queue (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operation           text NOT NULL CHECK (operation IN ('snapshot', 'apply', 'init', 'verify', 'merge')),
    node_id             text NOT NULL,
    params              jsonb NOT NULL DEFAULT '{}' CHECK (pg_catalog.jsonb_typeof(params) = 'object'),
    status              text NOT NULL DEFAULT 'pending'
                        CHECK (status IN ('pending', 'running', 'complete', 'failed', 'cancelled')),
    queued_by           text NOT NULL DEFAULT CURRENT_USER,
    queued_at           timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    run_after           timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    attempts            integer NOT NULL DEFAULT 0,
    max_attempts        integer NOT NULL DEFAULT 5 CHECK (max_attempts BETWEEN 1 AND 100),
    worker              text,
    lease               integer,
    run_ids             text[] NOT NULL DEFAULT '{}',
    started_at          timestamptz,
    ended_at            timestamptz,
    cancel_requested_at timestamptz,
    error_code          text,
    error               text,
    cures               text[] NOT NULL DEFAULT '{}'
);
CREATE INDEX work_queue_open ON steep_repl.work_queue (id) WHERE status IN ('pending', 'running');
COMMENT ON TABLE steep_repl.work_queue IS 'Operations that steep worker carries out. They are added by the functions whose names begin with start_, and never hold a secret.';
COMMENT ON COLUMN steep_repl.work_queue.node_id IS 'The node of this steep_repl that is read or changed. Only a worker that serves this node takes the operation.';
COMMENT ON COLUMN steep_repl.work_queue.run_after IS 'Not before: after a failure that passes, an operation waits before it is tried again.';
COMMENT ON COLUMN steep_repl.work_queue.attempts IS 'How often a worker has begun it. What a worker gave back, because it was ended in order, does not count.';
COMMENT ON COLUMN steep_repl.work_queue.lease IS 'The worker that runs it holds the session-level advisory lock (1937007975, lease). It ends with the session: another worker then takes the operation.';
COMMENT ON COLUMN steep_repl.work_queue.run_ids IS 'The runs of all attempts: the audit log has what they did.';

CREATE FUNCTION steep_repl.is_leased(p_lease integer) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = ''
    AS $$
        SELECT EXISTS (
            SELECT FROM pg_catalog.pg_locks AS l
              JOIN pg_catalog.pg_database AS d ON d.oid = l.database AND d.datname = pg_catalog.current_database()
              JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
             WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
               AND l.classid = 1937007975 AND l.objid::int8 = p_lease
               AND pg_catalog.has_table_privilege(a.usesysid, 'steep_repl.work_queue', 'UPDATE'))
    $$;
COMMENT ON FUNCTION steep_repl.is_leased(integer) IS 'Whether a worker still has this lease. A lock of a role that may not change the queue does not count.';

CREATE FUNCTION steep_repl.admit_work() RETURNS trigger
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        DECLARE
            adds CONSTANT oid := (
                SELECT p.oid FROM pg_catalog.pg_proc AS p
                 WHERE p.pronamespace = 'steep_repl'::pg_catalog.regnamespace AND p.proname = 'start_' || NEW.operation);
        BEGIN
            IF adds IS NULL THEN
                RAISE EXCEPTION 'there is no operation "%"', NEW.operation USING ERRCODE = 'invalid_parameter_value';
            END IF;
            IF NOT pg_catalog.has_function_privilege(CURRENT_USER, adds, 'EXECUTE') THEN
                RAISE EXCEPTION 'permission denied to queue operation "%"', NEW.operation
                    USING ERRCODE = 'insufficient_privilege', HINT = pg_catalog.format(
                          'GRANT EXECUTE ON FUNCTION %s TO %I;', adds::pg_catalog.regprocedure, CURRENT_USER);
            END IF;
            IF pg_catalog.octet_length(NEW.params::text) + pg_catalog.octet_length(NEW.node_id) > 1048576 THEN
                RAISE EXCEPTION 'an operation holds at most 1 MB' USING ERRCODE = 'program_limit_exceeded',
                      HINT = 'Name fewer tables, or none: steep.yaml of the worker has them.';
            END IF;
            IF NOT pg_catalog.has_table_privilege(CURRENT_USER, 'steep_repl.work_queue', 'UPDATE') AND 1000 <= (
                SELECT pg_catalog.count(*) FROM steep_repl.work_queue AS q
                 WHERE q.status IN ('pending', 'running') AND q.queued_by = CURRENT_USER) THEN
                RAISE EXCEPTION 'role "%" has 1000 operations in the queue that have not ended', CURRENT_USER
                    USING ERRCODE = 'program_limit_exceeded',
                          HINT = 'Wait for them, or cancel some: SELECT steep_repl.cancel_work(id).';
            END IF;
            IF NEW.params::text ~* '\mpostgres(ql)?://|://[^/"]*@|\m(host|hostaddr|dbname|user|service|passfile|password|sslpassword|sslkey)\s*=' THEN
                RAISE EXCEPTION 'an operation cannot hold a connection string or a password'
                    USING ERRCODE = 'invalid_parameter_value',
                          HINT = 'Name nodes of steep.yaml: the worker has their connections.';
            END IF;
            NEW.status := 'pending';
            NEW.queued_by := CURRENT_USER;
            NEW.queued_at := pg_catalog.clock_timestamp();
            NEW.run_after := NEW.queued_at;
            NEW.attempts := 0;
            NEW.lease := NULL;
            NEW.worker := NULL;
            NEW.run_ids := '{}';
            NEW.cures := '{}';
            NEW.error := NULL;
            NEW.error_code := NULL;
            NEW.started_at := NULL;
            NEW.ended_at := NULL;
            NEW.cancel_requested_at := NULL;
            PERFORM pg_catalog.pg_notify('steep_repl_work', NEW.id::text);
            RETURN NEW;
        END
    $$;
CREATE TRIGGER admit_work BEFORE INSERT ON steep_repl.work_queue
    FOR EACH ROW EXECUTE FUNCTION steep_repl.admit_work();

CREATE FUNCTION steep_repl.admit_cancel() RETURNS trigger
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        BEGIN
            IF NOT pg_catalog.has_table_privilege(CURRENT_USER, 'steep_repl.work_queue', 'UPDATE')
               AND OLD.queued_by <> CURRENT_USER THEN
                RAISE EXCEPTION 'operation % was queued by role "%"', OLD.id, OLD.queued_by
                    USING ERRCODE = 'insufficient_privilege',
                          HINT = 'Cancel it as that role, or as the owner of steep_repl.';
            END IF;
            IF OLD.status NOT IN ('pending', 'running') OR NEW.cancel_requested_at IS NULL THEN
                NEW.cancel_requested_at := OLD.cancel_requested_at;
                RETURN NEW;
            END IF;
            NEW.cancel_requested_at := COALESCE(OLD.cancel_requested_at, pg_catalog.clock_timestamp());
            IF OLD.status = 'pending' OR NOT steep_repl.is_leased(OLD.lease) THEN
                NEW.status := 'cancelled';
                NEW.ended_at := pg_catalog.clock_timestamp();
            END IF;
            PERFORM pg_catalog.pg_notify('steep_repl_work', NEW.id::text);
            RETURN NEW;
        END
    $$;
CREATE TRIGGER admit_cancel BEFORE UPDATE OF cancel_requested_at ON steep_repl.work_queue
    FOR EACH ROW EXECUTE FUNCTION steep_repl.admit_cancel();

CREATE FUNCTION steep_repl.queue_work(p_operation text, p_node text, p_params jsonb, p_max_attempts integer) RETURNS bigint
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        DECLARE
            known CONSTANT text[] := ARRAY(SELECT n.node_id FROM steep_repl.nodes AS n ORDER BY 1);
            added bigint;
        BEGIN
            IF p_node IS NULL AND pg_catalog.cardinality(known) <> 1 THEN
                RAISE EXCEPTION 'steep_repl of this database serves % nodes', pg_catalog.cardinality(known)
                    USING ERRCODE = 'invalid_parameter_value', HINT = 'Name the node: ' || CASE
                          WHEN pg_catalog.cardinality(known) = 0 THEN 'register it with steep node register.'
                          ELSE pg_catalog.array_to_string(known, ', ') || '.' END;
            END IF;
            IF p_node IS NOT NULL AND NOT p_node = ANY (known) THEN
                RAISE EXCEPTION 'node "%" is not registered in this database', p_node
                    USING ERRCODE = 'invalid_parameter_value',
                          HINT = 'An operation is queued on the node that it reads or changes.';
            END IF;
            INSERT INTO steep_repl.work_queue (operation, node_id, params, max_attempts)
            VALUES (p_operation, COALESCE(p_node, known[1]), pg_catalog.jsonb_strip_nulls(p_params), p_max_attempts)
            RETURNING id INTO added;
            RETURN added;
        END
    $$;
COMMENT ON FUNCTION steep_repl.queue_work(text, text, jsonb, integer) IS 'Adds an operation to the queue and returns its number. Called by the functions whose names begin with start_; without a node, it is the only one that is registered here.';

CREATE FUNCTION steep_repl.start_snapshot(
    p_path text, p_compression text DEFAULT 'zstd', p_parallel integer DEFAULT 4,
    p_publications text[] DEFAULT NULL, p_tables text[] DEFAULT NULL, p_node text DEFAULT NULL, p_max_attempts integer DEFAULT 5
) RETURNS bigint
    LANGUAGE sql SET search_path = ''
    AS $$
        SELECT steep_repl.queue_work('snapshot', p_node, pg_catalog.jsonb_build_object(
            'path', p_path, 'compression', p_compression, 'parallel', p_parallel, 'publications', p_publications,
            'tables', p_tables), p_max_attempts)
    $$;
COMMENT ON FUNCTION steep_repl.start_snapshot(text, text, integer, text[], text[], text, integer) IS 'Queues steep snapshot generate of this node: into a directory of the machine of the worker, or s3://bucket/prefix. Returns the number of the operation.';

CREATE FUNCTION steep_repl.start_apply(
    p_path text DEFAULT NULL, p_parallel integer DEFAULT NULL, p_verify boolean DEFAULT true, p_plan_id text DEFAULT NULL,
    p_allow_hazards text[] DEFAULT NULL, p_node text DEFAULT NULL, p_max_attempts integer DEFAULT 5
) RETURNS bigint
    LANGUAGE sql SET search_path = ''
    AS $$
        SELECT steep_repl.queue_work('apply', p_node, pg_catalog.jsonb_build_object(
            'path', p_path, 'parallel', p_parallel, 'verify', p_verify, 'plan_id', p_plan_id,
            'allow_hazards', p_allow_hazards), p_max_attempts)
    $$;
COMMENT ON FUNCTION steep_repl.start_apply(text, integer, boolean, text, text[], text, integer) IS 'Queues steep snapshot apply --create-subscription of the snapshot at p_path to this node; without p_path, steep apply of the steep.yaml that the worker has. With p_plan_id, only that plan is run. Dangers are allowed as CODE=ADDRESS. Returns the number of the operation.';

CREATE FUNCTION steep_repl.start_init(
    p_target text DEFAULT NULL, p_source text DEFAULT NULL, p_method text DEFAULT NULL, p_parallel integer DEFAULT NULL,
    p_allow_hazards text[] DEFAULT NULL, p_max_attempts integer DEFAULT 5
) RETURNS bigint
    LANGUAGE sql SET search_path = ''
    AS $$
        SELECT steep_repl.queue_work('init', p_target, pg_catalog.jsonb_build_object(
            'source', p_source, 'method', p_method, 'parallel', p_parallel, 'allow_hazards', p_allow_hazards),
            p_max_attempts)
    $$;
COMMENT ON FUNCTION steep_repl.start_init(text, text, text, integer, text[], integer) IS 'Queues steep init auto of this node: its subscriptions in the steep.yaml of the worker, or those that read from p_source, are created and their tables copied, by p_method (parallel, native or none) or by the method that the file has. Dangers are allowed as CODE=ADDRESS. Returns the number of the operation.';

CREATE FUNCTION steep_repl.start_merge(
    p_peer text, p_tables text[] DEFAULT NULL, p_strategy text DEFAULT NULL, p_dry_run boolean DEFAULT false,
    p_allow_hazards text[] DEFAULT NULL, p_node text DEFAULT NULL, p_max_attempts integer DEFAULT 5
) RETURNS bigint
    LANGUAGE sql SET search_path = ''
    AS $$
        SELECT steep_repl.queue_work('merge', p_node, pg_catalog.jsonb_build_object(
            'peer', p_peer, 'tables', p_tables, 'strategy', p_strategy, 'dry_run', p_dry_run,
            'allow_hazards', p_allow_hazards), p_max_attempts)
    $$;
COMMENT ON FUNCTION steep_repl.start_merge(text, text[], text, boolean, text[], text, integer) IS 'Queues the merge of this node with a peer: of their pair with init: { method: merge } in the steep.yaml of the worker, which decides how. With p_tables or p_strategy it is refused unless the pair has exactly these. With p_dry_run only its plan is made, whose hazards are then in audit_log (merge.planned). Dangers of this node are allowed as CODE=ADDRESS, those of the peer by the policy of the file. Returns the number of the operation.';

CREATE FUNCTION steep_repl.start_verify(
    p_subscription text DEFAULT NULL, p_tables text[] DEFAULT NULL, p_fast boolean DEFAULT false,
    p_node text DEFAULT NULL, p_max_attempts integer DEFAULT 5
) RETURNS bigint
    LANGUAGE sql SET search_path = ''
    AS $$
        SELECT steep_repl.queue_work('verify', p_node, pg_catalog.jsonb_build_object(
            'subscription', p_subscription, 'tables', p_tables, 'fast', p_fast), p_max_attempts)
    $$;
COMMENT ON FUNCTION steep_repl.start_verify(text, text[], boolean, text, integer) IS 'Queues steep verify of a subscription of this node, or of all. The result is in the table verifications. An operation that found rows that differ has failed with ROWS_DIFFER. Returns the number of the operation.';

CREATE FUNCTION steep_repl.list_operations(p_status text DEFAULT NULL) RETURNS TABLE (
    id bigint, operation text, node_id text, status text, params jsonb, queued_by text, queued_at timestamptz,
    worker text, has_worker boolean, attempts integer, max_attempts integer, run_after timestamptz,
    started_at timestamptz, ended_at timestamptz, cancel_requested boolean, error_code text, error text, cures text[])
    LANGUAGE sql STABLE SET search_path = ''
    AS $$
        SELECT q.id, q.operation, q.node_id, q.status, q.params, q.queued_by, q.queued_at, q.worker,
               q.status = 'running' AND steep_repl.is_leased(q.lease), q.attempts, q.max_attempts, q.run_after,
               q.started_at, q.ended_at, q.cancel_requested_at IS NOT NULL, q.error_code, q.error, q.cures
          FROM steep_repl.work_queue AS q
         WHERE p_status IS NULL OR q.status = p_status
         ORDER BY q.id
    $$;
COMMENT ON FUNCTION steep_repl.list_operations(text) IS 'The operations of the queue, of one status (pending, running, complete, failed, cancelled) or all. An operation that is running without has_worker waits for the next worker, which resumes it.';

CREATE FUNCTION steep_repl.cancel_work(p_id bigint) RETURNS text
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        DECLARE
            after text;
        BEGIN
            UPDATE steep_repl.work_queue AS q SET cancel_requested_at = pg_catalog.clock_timestamp()
             WHERE q.id = p_id RETURNING q.status INTO after;
            RETURN after;
        END
    $$;
COMMENT ON FUNCTION steep_repl.cancel_work(bigint) IS 'Cancels an operation: one that waits is cancelled at once, the worker of one that is running ends it after the statement in flight, as an interrupt would. Returns its status now; complete, failed and cancelled stay. Null: there is none of that number.';

REVOKE EXECUTE ON FUNCTION steep_repl.start_snapshot(text, text, integer, text[], text[], text, integer),
    steep_repl.start_apply(text, integer, boolean, text, text[], text, integer),
    steep_repl.start_init(text, text, text, integer, text[], integer),
    steep_repl.start_merge(text, text[], text, boolean, text[], text, integer),
    steep_repl.start_verify(text, text[], boolean, text, integer),
    steep_repl.cancel_work(bigint) FROM PUBLIC;

-- Names that are held

CREATE FUNCTION steep_repl.hold_names(p_schemas name[], p_domains oid[], p_nowait boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS $$
        BEGIN
            IF p_nowait THEN
                PERFORM FROM pg_catalog.pg_namespace AS n WHERE n.nspname = ANY (p_schemas) ORDER BY n.nspname FOR KEY SHARE NOWAIT;
            ELSE
                PERFORM FROM pg_catalog.pg_namespace AS n WHERE n.nspname = ANY (p_schemas) ORDER BY n.nspname FOR KEY SHARE;
            END IF;
            PERFORM FROM pg_catalog.pg_type AS t WHERE t.oid = ANY (p_domains) ORDER BY t.oid FOR SHARE;
        END
    $$;
COMMENT ON FUNCTION steep_repl.hold_names(name[], oid[], boolean) IS 'Until the transaction ends, these schemas keep their names and these domains their defaults. steep calls it while it stores rows, where its own role is no superuser and this function belongs to one: ALTER FUNCTION steep_repl.hold_names(name[], oid[], boolean) OWNER TO postgres, and GRANT EXECUTE to the role of steep. PostgreSQL permits these locks only to superusers.';
REVOKE EXECUTE ON FUNCTION steep_repl.hold_names(name[], oid[], boolean) FROM PUBLIC;

-- Initial copies that other processes join

CREATE TABLE steep_repl.joinable_copies (
    subscription      text PRIMARY KEY,
    node_id           text NOT NULL,
    run_id            text NOT NULL,
    lease             integer NOT NULL,
    source_node       text NOT NULL,
    system_identifier text NOT NULL,
    database          text NOT NULL,
    snapshot          text NOT NULL,
    replica           boolean NOT NULL,
    offered_at        timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE steep_repl.joinable_copies IS 'Parallel initial copies into this node that run now, and that a steep worker --join may take loads of. Deleted when the rows are there.';
COMMENT ON COLUMN steep_repl.joinable_copies.run_id IS 'The run that makes the copy. What is loaded for it commits only while run_lock names it.';
COMMENT ON COLUMN steep_repl.joinable_copies.lease IS 'The run holds the session-level advisory lock (1937007975, lease) as long as it lives.';
COMMENT ON COLUMN steep_repl.joinable_copies.system_identifier IS 'Of the source, with database: another server that has the name in a steep.yaml is not read.';
COMMENT ON COLUMN steep_repl.joinable_copies.snapshot IS 'As the source has exported it, for SET TRANSACTION SNAPSHOT.';
COMMENT ON COLUMN steep_repl.joinable_copies.replica IS 'Whether sessions that load set session_replication_role to replica.';

CREATE TABLE steep_repl.joined_workers (
    id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription text NOT NULL,
    run_id       text NOT NULL,
    worker       text NOT NULL,
    lease        integer NOT NULL,
    state        text NOT NULL DEFAULT 'idle'
                 CHECK (state IN ('idle', 'given', 'arrived', 'approved', 'refused', 'stored', 'failed')),
    load_number  integer NOT NULL DEFAULT 0,
    load         jsonb,
    arrived      jsonb,
    error        text,
    pid          integer,
    beat         integer NOT NULL DEFAULT 0,
    joined_at    timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE steep_repl.joined_workers IS 'Places of joined workers in running initial copies. A worker adds its row; the run gives it one load after the other. Rows of a load commit with their rows of copy_chunks, and only while this row says approved for this load.';
COMMENT ON COLUMN steep_repl.joined_workers.lease IS 'The worker holds the session-level advisory lock (1937007975, lease). When it ends, the run takes the load back.';
COMMENT ON COLUMN steep_repl.joined_workers.state IS 'The run sets idle, given, approved and refused, the worker arrived (the rows are there, and not committed), stored and failed.';
COMMENT ON COLUMN steep_repl.joined_workers.load IS 'What to read, as data: tables, columns, row filters, ranges and the file numbers in which they are valid. No values of rows.';
COMMENT ON COLUMN steep_repl.joined_workers.pid IS 'The session that stores the rows.';
COMMENT ON COLUMN steep_repl.joined_workers.beat IS 'Raised every few seconds while a load is under way.';

-- Merges: two nodes that both hold rows become a pair

ALTER TABLE steep_repl.merge_runs
    ADD COLUMN peer             text,
    ADD COLUMN subscription_oid oid,
    ADD COLUMN locked_lsn       pg_lsn,
    ADD COLUMN peer_lsn         pg_lsn;
COMMENT ON COLUMN steep_repl.merge_runs.peer IS 'Of a merge: the other node of the pair.';
COMMENT ON COLUMN steep_repl.merge_runs.subscription_oid IS 'Of a merge: the subscription of this node to the other one. Of another subscription the row says nothing.';
COMMENT ON COLUMN steep_repl.merge_runs.locked_lsn IS 'Of a merge: the position of this node while its tables were locked. What was written before is merged; what comes later is replicated.';
COMMENT ON COLUMN steep_repl.merge_runs.peer_lsn IS 'Of a merge: the same of the other node.';

CREATE TABLE steep_repl.merge_decisions (
    run_id     text,
    entry      bigint GENERATED ALWAYS AS IDENTITY,
    table_name text NOT NULL,
    hash       text NOT NULL,
    key        jsonb NOT NULL,
    winner     text NOT NULL CHECK (winner IN ('a', 'b')),
    rule       text NOT NULL,
    PRIMARY KEY (run_id, entry)
);
ALTER TABLE steep_repl.merge_decisions ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE steep_repl.merge_decisions IS 'Of a merge: for each key that is not the same on both nodes, whose row both have in the end. Stored on both nodes before the first row is written.';
COMMENT ON COLUMN steep_repl.merge_decisions.hash IS 'Of the key, as steep hashes it.';
COMMENT ON COLUMN steep_repl.merge_decisions.key IS 'The values of the key as text, in its order.';
COMMENT ON COLUMN steep_repl.merge_decisions.winner IS 'a: the first node of the pair; b: the second.';
COMMENT ON COLUMN steep_repl.merge_decisions.rule IS 'Why: the strategy, or that only this node has a row.';

CREATE FUNCTION steep_repl.log_merge_decision(
    p_run_id text, p_table text, p_key jsonb, p_losing jsonb, p_winner text, p_rule text DEFAULT 'by hand') RETURNS bigint
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        DECLARE
            run   text;
            entry bigint;
        BEGIN
            IF p_losing IS NULL OR pg_catalog.jsonb_typeof(p_losing) <> 'object' THEN
                RAISE EXCEPTION 'the row that loses is missing: a decision is on record with the row that it overwrites'
                    USING ERRCODE = 'invalid_parameter_value', HINT = 'Read it before you overwrite it: to_jsonb(t) of the row.';
            END IF;
            INSERT INTO steep_repl.merge_runs AS r (run_id, kind, address, state, tables, overwritten, ended_at)
            VALUES (p_run_id, 'merge', 'by hand', 'completed', ARRAY[p_table], 1, pg_catalog.now())
                ON CONFLICT (run_id) DO UPDATE SET overwritten = r.overwritten + 1, ended_at = pg_catalog.now(),
                   tables = CASE WHEN p_table = ANY (r.tables) THEN r.tables ELSE pg_catalog.array_append(r.tables, p_table) END
                 WHERE r.address = 'by hand'
            RETURNING r.run_id INTO run;
            IF run IS NULL THEN
                RAISE EXCEPTION 'run % is one of steep, which keeps its own record', p_run_id
                    USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Give your own run a name that is not in steep_repl.merge_runs.';
            END IF;
            INSERT INTO steep_repl.merge_audit_log AS l (run_id, table_name, key, losing, winner, rule)
            VALUES (p_run_id, p_table, p_key, p_losing, p_winner, p_rule)
            RETURNING l.entry INTO entry;
            RETURN entry;
        END
    $$;
COMMENT ON FUNCTION steep_repl.log_merge_decision(text, text, jsonb, jsonb, text, text) IS 'Keeps a row that you are about to overwrite yourself, in the same transaction, as a merge by steep does: the table, its key, the row that loses, the node whose row wins, and why. The run is a name of your own for what belongs together. Returns the number of the entry. A run of steep is refused.';

CREATE FUNCTION steep_repl.get_merge_summary(p_run_id text) RETURNS TABLE (
    table_name text, rule text, winner text, lost bigint)
    LANGUAGE sql STABLE SET search_path = ''
    AS $$
        SELECT l.table_name, l.rule, l.winner, pg_catalog.count(*)
          FROM steep_repl.merge_audit_log AS l
         WHERE l.run_id = p_run_id
         GROUP BY l.table_name, l.rule, l.winner
         ORDER BY l.table_name COLLATE "C", l.rule COLLATE "C", l.winner COLLATE "C"
    $$;
COMMENT ON FUNCTION steep_repl.get_merge_summary(text) IS 'How many rows of this node a merge or a repair has overwritten or deleted, by table, by rule and by the node whose row won. The other node of a merge has its own. Only the owner of steep_repl.merge_audit_log, and members of that role, see them.';

CREATE FUNCTION steep_repl.get_merge_conflicts(p_run_id text, p_table text DEFAULT NULL) RETURNS TABLE (
    table_name text, key jsonb, losing jsonb, winner text, rule text, at timestamptz)
    LANGUAGE sql STABLE SET search_path = ''
    AS $$
        SELECT l.table_name, l.key, l.losing, l.winner, l.rule, l.at
          FROM steep_repl.merge_audit_log AS l
         WHERE l.run_id = p_run_id AND (p_table IS NULL OR l.table_name = p_table)
         ORDER BY l.entry
    $$;
COMMENT ON FUNCTION steep_repl.get_merge_conflicts(text, text) IS 'Each row of this node that a merge or a repair has overwritten or deleted, whole, with the node whose row won and why; of one table, or of all. The other node of a merge has its own. Only the owner of steep_repl.merge_audit_log, and members of that role, see them.';
