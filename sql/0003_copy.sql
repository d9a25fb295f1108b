-- steep_repl, version 3: first copies that steep makes itself: the ledger, what was put off, how far each is; and
-- the snapshots that were made of this node.
-- Runs in one transaction with its row in schema_version. Names are qualified: search_path is empty.

ALTER TABLE steep_repl.subscriptions_init
    ADD COLUMN publications_digest text,
    ADD COLUMN ledger text,
    ADD COLUMN cancel_requested_at timestamptz;
COMMENT ON COLUMN steep_repl.subscriptions_init.publications_digest IS 'Of the publications as they were when the slot was made: a copy is only gone on with while they are the same.';
COMMENT ON COLUMN steep_repl.subscriptions_init.ledger IS 'Under which copy_chunks has the rows of a snapshot that is loaded; null: under the name of the subscription.';
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

CREATE TABLE steep_repl.snapshots (
    snapshot_id      text PRIMARY KEY,
    source_node      text NOT NULL,
    slot_name        text,
    lsn              pg_lsn,
    storage_path     text NOT NULL,
    status           text NOT NULL DEFAULT 'generating'
                     CHECK (status IN ('generating', 'complete', 'failed', 'deleted')),
    phase            text,
    tables_total     integer NOT NULL DEFAULT 0,
    tables_completed integer NOT NULL DEFAULT 0,
    rows             bigint NOT NULL DEFAULT 0,
    bytes_total      bigint,
    bytes_done       bigint NOT NULL DEFAULT 0,
    stored_bytes     bigint NOT NULL DEFAULT 0,
    compression      text NOT NULL,
    publications     text[] NOT NULL DEFAULT '{}',
    manifest         jsonb,
    run_id           text NOT NULL,
    started_at       timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    updated_at       timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    completed_at     timestamptz,
    error            text
);
COMMENT ON TABLE steep_repl.snapshots IS 'Snapshots that were made of this node: where they are, what they hold, and the slot that waits for them.';
COMMENT ON COLUMN steep_repl.snapshots.slot_name IS 'Holds the WAL since lsn until the snapshot is deleted; nobody reads it: each subscription gets a copy of it. Null: none.';
COMMENT ON COLUMN steep_repl.snapshots.lsn IS 'The rows are those that were committed before it. Null: the slot is being made.';
COMMENT ON COLUMN steep_repl.snapshots.storage_path IS 'A directory of the machine that made it, or s3://bucket/prefix. Without credentials.';
COMMENT ON COLUMN steep_repl.snapshots.bytes_done IS 'Of the tables, as COPY sent them.';
COMMENT ON COLUMN steep_repl.snapshots.stored_bytes IS 'The same, compressed.';
COMMENT ON COLUMN steep_repl.snapshots.manifest IS 'A summary: the tables with their rows and bytes. The whole is in manifest.json of the snapshot.';
COMMENT ON COLUMN steep_repl.snapshots.updated_at IS 'While it is made: at most a minute ago, or nobody makes it any more.';

CREATE FUNCTION steep_repl.snapshot_progress(p_snapshot_id text) RETURNS TABLE (
    snapshot_id text, status text, phase text, percent numeric, tables_total integer, tables_completed integer,
    rows bigint, bytes_done bigint, bytes_total bigint, stored_bytes bigint, started_at timestamptz,
    updated_at timestamptz, eta interval, error text
)
    LANGUAGE sql STABLE SET search_path = ''
    AS $$
        SELECT s.snapshot_id, s.status, s.phase,
               CASE WHEN s.status = 'complete' THEN 100
                    WHEN s.bytes_total > 0
                    THEN pg_catalog.round(LEAST(100, 100.0 * s.bytes_done / s.bytes_total), 2)
               END,
               s.tables_total, s.tables_completed, s.rows, s.bytes_done, s.bytes_total, s.stored_bytes, s.started_at,
               s.updated_at,
               CASE WHEN s.status = 'generating' AND s.bytes_done BETWEEN 1 AND s.bytes_total
                    THEN (s.updated_at - s.started_at) * ((s.bytes_total - s.bytes_done)::float8 / s.bytes_done)
               END,
               s.error
          FROM steep_repl.snapshots AS s
         WHERE s.snapshot_id = p_snapshot_id
    $$;
COMMENT ON FUNCTION steep_repl.snapshot_progress(text) IS 'How far a snapshot is; no row: there is none of this name.';

CREATE FUNCTION steep_repl.wait_snapshot(p_snapshot_id text, p_timeout interval) RETURNS text
    LANGUAGE plpgsql VOLATILE SET search_path = ''
    AS $$
        DECLARE
            until_when CONSTANT timestamptz := pg_catalog.clock_timestamp() + p_timeout;
            found_status text;
        BEGIN
            -- There, every look would see what the first one saw.
            IF pg_catalog.current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
                RAISE EXCEPTION 'steep_repl.wait_snapshot() sees nothing new in a transaction that is %',
                    pg_catalog.current_setting('transaction_isolation')
                    USING ERRCODE = 'invalid_transaction_state', HINT = 'Call it in a READ COMMITTED transaction.';
            END IF;
            LOOP
                SELECT s.status INTO found_status FROM steep_repl.snapshots AS s WHERE s.snapshot_id = p_snapshot_id;
                IF NOT FOUND THEN
                    RAISE EXCEPTION 'there is no snapshot %', p_snapshot_id USING ERRCODE = 'no_data_found';
                END IF;
                IF found_status <> 'generating' OR pg_catalog.clock_timestamp() >= until_when THEN
                    RETURN found_status;
                END IF;
                PERFORM pg_catalog.pg_sleep(LEAST(0.5, GREATEST(0,
                    EXTRACT(epoch FROM until_when - pg_catalog.clock_timestamp())::float8)));
            END LOOP;
        END
    $$;
COMMENT ON FUNCTION steep_repl.wait_snapshot(text, interval) IS 'Waits until a snapshot is no longer generated, and says what became of it: complete, failed or deleted; generating: the time is over. Keeps a transaction open for so long.';

CREATE FUNCTION steep_repl.is_operation_active() RETURNS boolean
    LANGUAGE sql STABLE SET search_path = ''
    AS $$
        SELECT EXISTS (SELECT FROM steep_repl.init_progress AS p
                        WHERE p.phase NOT IN ('done', 'failed', 'cancelled')
                          AND p.updated_at > pg_catalog.clock_timestamp() - interval '1 minute')
            OR EXISTS (SELECT FROM steep_repl.snapshots AS s
                        WHERE s.status = 'generating'
                          AND s.updated_at > pg_catalog.clock_timestamp() - interval '1 minute')
    $$;
COMMENT ON FUNCTION steep_repl.is_operation_active() IS 'Whether a first copy or a snapshot has said within the last minute that it goes on.';
