-- steep_repl, version 3: first copies that steep makes itself: the ledger, what was put off, and how far each is.
-- Runs in one transaction with its row in schema_version. Names are qualified: search_path is empty.

ALTER TABLE steep_repl.subscriptions_init
    ADD COLUMN publications_digest text,
    ADD COLUMN cancel_requested_at timestamptz;
COMMENT ON COLUMN steep_repl.subscriptions_init.publications_digest IS 'Of the publications as they were when the slot was made: a copy is only gone on with while they are the same.';
COMMENT ON COLUMN steep_repl.subscriptions_init.cancel_requested_at IS 'Somebody asked for the end of this copy: whoever runs it takes back what it made.';

CREATE TABLE steep_repl.copy_chunks (
    subscription text NOT NULL,
    table_schema text NOT NULL,
    table_name   text NOT NULL,
    chunk        integer NOT NULL CHECK (chunk >= 0),
    chunks       integer NOT NULL CHECK (chunks > chunk),
    range        text NOT NULL,
    rows         bigint NOT NULL,
    bytes        bigint NOT NULL,
    sha256       text NOT NULL,
    run_id       text NOT NULL,
    finished_at  timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    PRIMARY KEY (subscription, table_schema, table_name, chunk)
);
COMMENT ON TABLE steep_repl.copy_chunks IS 'The ledger of first copies: a row commits together with the rows of its chunk.';
COMMENT ON COLUMN steep_repl.copy_chunks.chunks IS 'How many chunks the table has: with so many rows it is complete.';
COMMENT ON COLUMN steep_repl.copy_chunks.range IS 'Blocks of the table on the source: [from, to).';
COMMENT ON COLUMN steep_repl.copy_chunks.sha256 IS 'Of the data as COPY sent it.';

CREATE TABLE steep_repl.copy_postponed (
    subscription text NOT NULL,
    id           integer NOT NULL,
    table_schema text NOT NULL,
    table_name   text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('index', 'constraint', 'foreign key')),
    name         text NOT NULL,
    statements   text[] NOT NULL,
    PRIMARY KEY (subscription, id)
);
COMMENT ON TABLE steep_repl.copy_postponed IS 'Indexes and constraints that were dropped for a first copy, with the statements that make them again.';

CREATE TABLE steep_repl.init_progress (
    node_id               text NOT NULL,
    subscription          text NOT NULL,
    run_id                text NOT NULL,
    phase                 text NOT NULL CHECK (phase IN ('preparing', 'copying', 'indexing', 'finishing', 'catching_up',
                                                        'done', 'failed', 'cancelled')),
    overall_percent       numeric(5, 2) NOT NULL DEFAULT 0 CHECK (overall_percent BETWEEN 0 AND 100),
    tables_total          integer NOT NULL DEFAULT 0,
    tables_completed      integer NOT NULL DEFAULT 0,
    current_table         text,
    current_table_percent numeric(5, 2),
    rows_copied           bigint NOT NULL DEFAULT 0,
    bytes_copied          bigint NOT NULL DEFAULT 0,
    bytes_total           bigint,
    throughput_rows_sec   bigint,
    throughput_bytes_sec  bigint,
    workers               integer NOT NULL DEFAULT 0,
    eta_seconds           bigint,
    lag_bytes             bigint,
    tables                jsonb NOT NULL DEFAULT '[]',
    started_at            timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    updated_at            timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    PRIMARY KEY (node_id, subscription)
);
COMMENT ON TABLE steep_repl.init_progress IS 'How far the first copy of each subscription is; written at most once a second.';
COMMENT ON COLUMN steep_repl.init_progress.phase IS 'The row stays when the copy has ended: done, failed or cancelled.';
COMMENT ON COLUMN steep_repl.init_progress.lag_bytes IS 'WAL that the subscription has still to apply; null before it streams.';
COMMENT ON COLUMN steep_repl.init_progress.tables IS 'The tables that are copied right now: rows, bytes, percent, rates, time left.';

CREATE TABLE steep_repl.init_slots (
    slot_name    text PRIMARY KEY,
    node_id      text NOT NULL,
    subscription text NOT NULL,
    lsn          pg_lsn NOT NULL,
    run_id       text NOT NULL,
    published    jsonb NOT NULL,
    evidence     jsonb,
    created_at   timestamptz NOT NULL DEFAULT pg_catalog.now(),
    expires_at   timestamptz NOT NULL
);
COMMENT ON TABLE steep_repl.init_slots IS 'Slots that were made here for the manual initialization of another node.';
COMMENT ON COLUMN steep_repl.init_slots.node_id IS 'The node that will be initialized.';
COMMENT ON COLUMN steep_repl.init_slots.run_id IS 'Unique: a server that holds this row too is a physical copy, made after the slot.';
COMMENT ON COLUMN steep_repl.init_slots.published IS 'What the publications of the subscription sent when the slot was made.';
COMMENT ON COLUMN steep_repl.init_slots.evidence IS 'Rows of each table at the position of the slot, and their hashes; null: nobody counted.';

CREATE FUNCTION steep_repl.get_progress() RETURNS SETOF steep_repl.init_progress
    LANGUAGE sql STABLE SET search_path = ''
    AS $$ SELECT p.* FROM steep_repl.init_progress AS p ORDER BY p.node_id, p.subscription $$;
COMMENT ON FUNCTION steep_repl.get_progress() IS 'How far every first copy into this node is.';

CREATE FUNCTION steep_repl.init_progress(p_node_id text) RETURNS SETOF steep_repl.init_progress
    LANGUAGE sql STABLE SET search_path = ''
    AS $$ SELECT p.* FROM steep_repl.init_progress AS p WHERE p.node_id = p_node_id ORDER BY p.subscription $$;
COMMENT ON FUNCTION steep_repl.init_progress(text) IS 'How far the first copies into one node are.';

CREATE FUNCTION steep_repl.is_operation_active() RETURNS boolean
    LANGUAGE sql STABLE SET search_path = ''
    AS $$
        SELECT EXISTS (SELECT FROM steep_repl.init_progress AS p
                        WHERE p.phase NOT IN ('done', 'failed', 'cancelled')
                          AND p.updated_at > pg_catalog.clock_timestamp() - interval '1 minute')
    $$;
COMMENT ON FUNCTION steep_repl.is_operation_active() IS 'Whether a first copy has said within the last minute that it goes on.';

-- One steep_repl may serve several nodes of a cluster: each has its own first copies.
ALTER TABLE steep_repl.subscriptions_init ADD COLUMN node_id text;
UPDATE steep_repl.subscriptions_init AS i
   SET node_id = COALESCE((SELECT pg_catalog.min(pg_catalog.split_part(o.address, '/', 1)) FROM steep_repl.objects AS o
                            WHERE o.kind = 'subscription'
                              AND pg_catalog.split_part(o.address, '/subscription.', 2)
                                  IN (i.subscription, pg_catalog.quote_ident(i.subscription))),
                          (SELECT pg_catalog.min(n.node_id) FROM steep_repl.nodes AS n)),
       method = CASE i.method WHEN 'snapshot' THEN 'native' ELSE i.method END;
DELETE FROM steep_repl.subscriptions_init WHERE node_id IS NULL;
ALTER TABLE steep_repl.subscriptions_init
    DROP CONSTRAINT subscriptions_init_pkey,
    ADD PRIMARY KEY (node_id, subscription);

CREATE FUNCTION steep_repl.refresh_node_state(p_node_id text) RETURNS text
    LANGUAGE sql SET search_path = ''
    AS $$
        UPDATE steep_repl.nodes AS n
           SET init_state = COALESCE(worst.state, 'uninitialized'),
               init_source_node = worst.source_node,
               init_started_at = worst.started_at,
               init_completed_at = worst.completed_at
          FROM (SELECT) AS one
          LEFT JOIN LATERAL (
                SELECT i.state, i.source_node, i.started_at, i.completed_at
                  FROM steep_repl.subscriptions_init AS i
                 WHERE i.node_id = p_node_id
                 ORDER BY pg_catalog.array_position(
                              ARRAY['failed', 'diverged', 'reinitializing', 'preparing', 'copying', 'catching_up',
                                    'synchronized', 'uninitialized'], i.state),
                          i.started_at, i.subscription
                 LIMIT 1) AS worst ON true
         WHERE n.node_id = p_node_id
        RETURNING n.init_state
    $$;
COMMENT ON FUNCTION steep_repl.refresh_node_state(text) IS 'Brings the state of a node in line with the worst of its subscriptions; null: no such node.';

SELECT steep_repl.refresh_node_state(n.node_id) FROM steep_repl.nodes AS n;
