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
    started_at        timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE steep_repl.copy_attempts IS 'One row for each initial copy whose subscription is not there yet: noted before its slot is created, deleted when the subscription follows or the copy is undone. Progress never updates it.';
COMMENT ON COLUMN steep_repl.copy_attempts.subscription IS 'The one that will follow, also where a snapshot is loaded for it.';
COMMENT ON COLUMN steep_repl.copy_attempts.run_id IS 'The run that noted it, or that took it over last. Which run may commit is in run_lock.';
COMMENT ON COLUMN steep_repl.copy_attempts.system_identifier IS 'Of the source, with timeline and database: where the slot was made.';
COMMENT ON COLUMN steep_repl.copy_attempts.restart_lsn IS 'Of the slot right after its creation, as catalog_xmin: decoding may move both up to the consistent point, and no further before the subscription confirms.';
COMMENT ON COLUMN steep_repl.copy_attempts.publications IS 'OIDs of the publications and of their members, as the snapshot of the slot shows them: one that was dropped and created again has another.';

ALTER TABLE steep_repl.copy_chunks
    ADD COLUMN xid xid8;
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

DROP FUNCTION steep_repl.health();

CREATE FUNCTION steep_repl.health() RETURNS TABLE (side text, object text, health text, code text, reason text)
    LANGUAGE plpgsql STABLE SET search_path = ''
    AS $$
        DECLARE
            failed  oid[] := '{}';
            skipped oid[] := '{}';
        BEGIN
            IF pg_catalog.current_setting('server_version_num')::integer >= 150000 THEN
                EXECUTE 'SELECT COALESCE(pg_catalog.array_agg(s.oid), ''{}'') FROM pg_catalog.pg_subscription AS s
                           JOIN pg_catalog.pg_stat_subscription_stats AS t ON t.subid = s.oid
                          WHERE s.subdisableonerr AND t.apply_error_count + t.sync_error_count > 0' INTO failed;
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
                         WHEN NOT s.enabled AND s.oid = ANY (failed) THEN 'DISABLED_BY_ERROR'
                         WHEN NOT s.enabled THEN 'SUBSCRIPTION_DISABLED'
                         WHEN s.slot IS NULL THEN 'SLOT_MISSING'
                         WHEN NOT s.running THEN 'WORKER_DOWN'
                         WHEN s.copying THEN 'TABLE_NOT_READY'
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
