-- steep_repl, version 1: what steep must remember on a node. Everything here can be read and called from psql.
-- Runs in one transaction with its row in schema_version. Names are qualified: search_path is empty.

CREATE SCHEMA steep_repl;
COMMENT ON SCHEMA steep_repl IS 'steep: declarative logical replication. Installed and upgraded by steep apply.';

CREATE TABLE steep_repl.schema_version (
    version       integer PRIMARY KEY,
    applied_at    timestamptz NOT NULL DEFAULT pg_catalog.now(),
    steep_version text NOT NULL
);
COMMENT ON TABLE steep_repl.schema_version IS 'One row per migration that ran; the highest is the version of this schema.';

CREATE FUNCTION steep_repl.is_init_state(state text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = ''
    AS $$ SELECT state IN ('uninitialized', 'preparing', 'copying', 'catching_up',
                           'synchronized', 'diverged', 'failed', 'reinitializing') $$;
COMMENT ON FUNCTION steep_repl.is_init_state(text) IS 'Whether this is one of the eight initialization states.';

CREATE FUNCTION steep_repl.can_transition(from_state text, to_state text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = ''
    AS $$ SELECT (from_state, to_state) IN (
        ('uninitialized', 'preparing'),
        ('preparing', 'copying'), ('preparing', 'failed'), ('preparing', 'uninitialized'),
        ('copying', 'catching_up'), ('copying', 'failed'), ('copying', 'uninitialized'),
        ('catching_up', 'synchronized'), ('catching_up', 'failed'), ('catching_up', 'uninitialized'),
        ('synchronized', 'diverged'), ('synchronized', 'reinitializing'),
        ('diverged', 'reinitializing'),
        ('failed', 'reinitializing'), ('failed', 'uninitialized'),
        ('reinitializing', 'copying'), ('reinitializing', 'failed'), ('reinitializing', 'uninitialized')) $$;
COMMENT ON FUNCTION steep_repl.can_transition(text, text) IS 'Whether the state machine has this transition.';

CREATE TABLE steep_repl.nodes (
    node_id           text PRIMARY KEY,
    node_name         text NOT NULL,
    host              text,
    port              integer CHECK (port BETWEEN 1 AND 65535),
    priority          integer NOT NULL DEFAULT 50 CHECK (priority BETWEEN 1 AND 100),
    status            text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive')),
    last_seen         timestamptz NOT NULL DEFAULT pg_catalog.now(),
    init_state        text NOT NULL DEFAULT 'uninitialized' CHECK (steep_repl.is_init_state(init_state)),
    init_source_node  text,
    init_started_at   timestamptz,
    init_completed_at timestamptz
);
COMMENT ON TABLE steep_repl.nodes IS 'The nodes this node knows; one row is itself.';

CREATE TABLE steep_repl.objects (
    address    text PRIMARY KEY,
    kind       text NOT NULL,
    applied    jsonb NOT NULL,
    protect    boolean NOT NULL DEFAULT false,
    run_id     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE steep_repl.objects IS 'What steep manages on this node: what it last applied (never a secret), and its protection.';

CREATE TABLE steep_repl.subscriptions_init (
    subscription   text PRIMARY KEY,
    source_node    text,
    method         text NOT NULL,
    state          text NOT NULL CHECK (steep_repl.is_init_state(state)),
    slot_name      text,
    consistent_lsn pg_lsn,
    error          text,
    run_id         text NOT NULL,
    started_at     timestamptz NOT NULL DEFAULT pg_catalog.now(),
    updated_at     timestamptz NOT NULL DEFAULT pg_catalog.now(),
    completed_at   timestamptz
);
COMMENT ON TABLE steep_repl.subscriptions_init IS 'How far the first copy of each subscription is.';

CREATE TABLE steep_repl.audit_log (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    run_id     text,
    actor      text NOT NULL DEFAULT CURRENT_USER,
    event      text NOT NULL,
    subject    text NOT NULL,
    from_state text,
    to_state   text,
    detail     jsonb
);
COMMENT ON TABLE steep_repl.audit_log IS 'Every transition, append-only.';

CREATE FUNCTION steep_repl.refuse_change() RETURNS trigger
    LANGUAGE plpgsql SET search_path = ''
    AS $$ BEGIN RAISE EXCEPTION 'steep_repl.audit_log is append-only'; END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON steep_repl.audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION steep_repl.refuse_change();

CREATE FUNCTION steep_repl.register_node(
    p_node_id text, p_node_name text, p_host text DEFAULT NULL, p_port integer DEFAULT NULL, p_priority integer DEFAULT 50
) RETURNS steep_repl.nodes
    LANGUAGE sql SET search_path = ''
    AS $$
        INSERT INTO steep_repl.nodes AS n (node_id, node_name, host, port, priority)
        VALUES (p_node_id, p_node_name, p_host, p_port, p_priority)
        ON CONFLICT (node_id) DO UPDATE
            SET node_name = EXCLUDED.node_name,
                host = COALESCE(EXCLUDED.host, n.host),
                port = COALESCE(EXCLUDED.port, n.port),
                priority = EXCLUDED.priority,
                status = 'active',
                last_seen = pg_catalog.now()
        RETURNING n.*
    $$;
COMMENT ON FUNCTION steep_repl.register_node(text, text, text, integer, integer) IS 'Registers a node, or updates what is known of it.';

CREATE FUNCTION steep_repl.heartbeat(p_node_id text) RETURNS boolean
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        BEGIN
            UPDATE steep_repl.nodes SET last_seen = pg_catalog.now(), status = 'active' WHERE node_id = p_node_id;
            RETURN FOUND;
        END
    $$;
COMMENT ON FUNCTION steep_repl.heartbeat(text) IS 'Notes that a node was seen now; false: no such node.';

CREATE FUNCTION steep_repl.node_status(p_node_id text DEFAULT NULL) RETURNS TABLE (
    node_id text, node_name text, status text, seconds_since_seen double precision, priority integer,
    init_state text, init_source_node text, init_started_at timestamptz, init_completed_at timestamptz)
    LANGUAGE sql STABLE SET search_path = ''
    AS $$
        SELECT n.node_id, n.node_name, n.status,
               pg_catalog.date_part('epoch', pg_catalog.now() - n.last_seen), n.priority,
               n.init_state, n.init_source_node, n.init_started_at, n.init_completed_at
          FROM steep_repl.nodes AS n
         WHERE p_node_id IS NULL OR n.node_id = p_node_id
         ORDER BY n.node_id
    $$;
COMMENT ON FUNCTION steep_repl.node_status(text) IS 'State of one node, or of all.';

CREATE FUNCTION steep_repl.list_nodes() RETURNS SETOF steep_repl.nodes
    LANGUAGE sql STABLE SET search_path = ''
    AS $$ SELECT n.* FROM steep_repl.nodes AS n ORDER BY n.priority DESC, n.node_id $$;
COMMENT ON FUNCTION steep_repl.list_nodes() IS 'All nodes this node knows, highest priority first.';

CREATE FUNCTION steep_repl.remove_node(p_node_id text) RETURNS boolean
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        BEGIN
            DELETE FROM steep_repl.nodes WHERE node_id = p_node_id;
            RETURN FOUND;
        END
    $$;
COMMENT ON FUNCTION steep_repl.remove_node(text) IS 'Forgets a node; false: no such node.';

CREATE FUNCTION steep_repl.update_node_state(p_node_id text, p_state text) RETURNS boolean
    LANGUAGE plpgsql SET search_path = ''
    AS $$
        DECLARE
            before text;
        BEGIN
            SELECT n.init_state INTO before FROM steep_repl.nodes AS n WHERE n.node_id = p_node_id FOR UPDATE;
            IF NOT FOUND THEN RETURN false; END IF;
            IF before = p_state THEN RETURN true; END IF;
            IF NOT steep_repl.can_transition(before, p_state) THEN
                RAISE EXCEPTION 'node "%" cannot go from % to %', p_node_id, before, p_state
                    USING ERRCODE = 'check_violation';
            END IF;
            UPDATE steep_repl.nodes AS n
               SET init_state = p_state,
                   init_started_at = CASE WHEN p_state IN ('preparing', 'reinitializing') THEN pg_catalog.now() ELSE n.init_started_at END,
                   init_completed_at = CASE WHEN p_state = 'synchronized' THEN pg_catalog.now() ELSE n.init_completed_at END
             WHERE n.node_id = p_node_id;
            INSERT INTO steep_repl.audit_log (event, subject, from_state, to_state)
            VALUES ('init.state_change', p_node_id, before, p_state);
            PERFORM pg_catalog.pg_notify('steep_repl_progress', pg_catalog.jsonb_build_object(
                'event', 'init.state_change', 'node_id', p_node_id, 'from_state', before, 'to_state', p_state)::text);
            RETURN true;
        END
    $$;
COMMENT ON FUNCTION steep_repl.update_node_state(text, text) IS 'Moves a node to another initialization state; refuses a transition that does not exist.';

CREATE FUNCTION steep_repl.health() RETURNS TABLE (
    version integer, nodes bigint, objects bigint, subscriptions bigint, not_ready_tables bigint,
    disabled_subscriptions bigint, inactive_slots bigint, healthy boolean)
    LANGUAGE sql STABLE SET search_path = ''
    AS $$
        WITH facts AS (
            SELECT (SELECT pg_catalog.max(v.version) FROM steep_repl.schema_version AS v) AS version,
                   (SELECT pg_catalog.count(*) FROM steep_repl.nodes) AS nodes,
                   (SELECT pg_catalog.count(*) FROM steep_repl.objects) AS objects,
                   (SELECT pg_catalog.count(*) FROM pg_catalog.pg_subscription AS s
                     JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid
                    WHERE d.datname = pg_catalog.current_database()) AS subscriptions,
                   (SELECT pg_catalog.count(*) FROM pg_catalog.pg_subscription_rel AS r
                    WHERE r.srsubstate <> 'r') AS not_ready_tables,
                   (SELECT pg_catalog.count(*) FROM pg_catalog.pg_subscription AS s
                     JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid
                    WHERE d.datname = pg_catalog.current_database() AND NOT s.subenabled) AS disabled_subscriptions,
                   (SELECT pg_catalog.count(*) FROM pg_catalog.pg_replication_slots AS p
                     JOIN steep_repl.objects AS o ON o.kind = 'slot' AND pg_catalog.split_part(o.address, '/slot.', 2) = p.slot_name
                    WHERE NOT p.active) AS inactive_slots)
        SELECT f.version, f.nodes, f.objects, f.subscriptions, f.not_ready_tables, f.disabled_subscriptions,
               f.inactive_slots, f.not_ready_tables = 0 AND f.disabled_subscriptions = 0 AND f.inactive_slots = 0
          FROM facts AS f
    $$;
COMMENT ON FUNCTION steep_repl.health() IS 'One row: is everything on this node replicating?';
