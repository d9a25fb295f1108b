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
