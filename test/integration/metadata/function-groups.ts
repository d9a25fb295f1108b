// The functions of steep_repl by the rights that they need: what a role is granted beside USAGE on the schema and SELECT on its
// tables, and calls that succeed then.

import type { TestDatabase } from '../../support/servers/cluster.ts';

interface Caller {
  /** Ends each name, so that two callers do not meet. */
  readonly who: string;
  readonly database: string;
  readonly publisher: TestDatabase;
}

export interface Group {
  /** What the role needs beside USAGE on the schema and SELECT on its tables. */
  readonly rights: (role: string, database: string) => readonly string[];
  /** In this order. */
  readonly calls: (caller: Caller) => readonly string[];
  /** PostgreSQL has no right for it below superuser. */
  readonly superuser?: true;
}

const reads: Group = {
  rights: () => [],
  calls: () => [
    'health()',
    'list_nodes()',
    'node_status()',
    'list_publications()',
    'list_subscriptions()',
    'subscription_status()',
    'list_replication_slots()',
    'slot_lag()',
    `compare_fingerprints('a', 'b')`,
    `compute_fingerprint('public', 'orders')`,
    `table_definitions('public', 'orders')`,
    'get_progress()',
    `init_progress('a')`,
    'is_operation_active()',
    `snapshot_progress('none')`,
    `wait_snapshot('made', '1 ms')`,
    'list_operations()',
    'release_quiesce()',
  ],
};

const nodes: Group = {
  rights: (role) => [
    `GRANT INSERT, UPDATE, DELETE ON steep_repl.nodes TO ${role}`,
    `GRANT INSERT ON steep_repl.audit_log TO ${role}`,
  ],
  calls: ({ who }) => [
    `register_node('n_${who}', 'n')`,
    `heartbeat('n_${who}')`,
    `update_node_state('n_${who}', 'preparing')`,
    `remove_node('n_${who}')`,
  ],
};

const fingerprints: Group = {
  rights: (role) => [`GRANT INSERT, UPDATE, DELETE ON steep_repl.schema_fingerprints TO ${role}`],
  calls: ({ who }) => [`capture_all_fingerprints('n_${who}')`],
};

const publications: Group = {
  rights: (role, database) => [
    `GRANT CREATE ON DATABASE ${database} TO ${role}`,
    `ALTER TABLE public.orders OWNER TO ${role}; ALTER TABLE public."Odd, name" OWNER TO ${role}`,
  ],
  calls: ({ who }) => [
    `create_publication('p_${who}', ARRAY['public.orders'])`,
    `add_publication_tables('p_${who}', ARRAY['public."Odd, name"'])`,
    `remove_publication_tables('p_${who}', ARRAY['public.orders'])`,
    `drop_publication('p_${who}')`,
  ],
};

const slots: Group = {
  rights: (role) => [`ALTER ROLE ${role} REPLICATION`],
  calls: ({ who, database }) => [
    `create_replication_slot('s_${who}_${database}')`,
    `drop_replication_slot('s_${who}_${database}')`,
  ],
};

const origins: Group = {
  rights: (role) => [
    `GRANT EXECUTE ON FUNCTION pg_catalog.pg_replication_origin_create(text), pg_catalog.pg_replication_origin_drop(text),
       pg_catalog.pg_replication_origin_advance(text, pg_lsn), pg_catalog.pg_show_replication_origin_status() TO ${role}`,
    `GRANT SELECT ON pg_catalog.pg_replication_origin_status TO ${role}`,
  ],
  calls: ({ who, database }) => [
    `create_replication_origin('o_${who}_${database}')`,
    `advance_origin('o_${who}_${database}', '0/20')`,
    'list_replication_origins()',
    `drop_replication_origin('o_${who}_${database}')`,
  ],
};

/** A policy lets only the owner of merge_audit_log, and members of that role, write to it: here a superuser. */
const mergeDecisions: Group = {
  rights: (role) => [
    `GRANT INSERT, UPDATE ON steep_repl.merge_runs TO ${role}; GRANT INSERT ON steep_repl.merge_audit_log TO ${role}`,
  ],
  calls: ({ who }) => [
    `log_merge_decision('run_${who}', 'public.orders', '{"id": 1}', '{"id": 1}', 'a')`,
    `get_merge_summary('run_${who}')`,
    `get_merge_conflicts('run_${who}')`,
  ],
  superuser: true,
};

const comparisons: Group = {
  rights: (role) => [
    `GRANT SELECT, UPDATE ON public.orders TO ${role}`,
    `GRANT USAGE ON FOREIGN SERVER peer TO ${role}`,
    `CREATE USER MAPPING FOR ${role} SERVER peer OPTIONS (user '${role}', password 'few')`,
  ],
  calls: () => [
    `quiesce_writes(ARRAY['public.orders'])`,
    `compare_table_rows('peer', 'public.orders')`,
    `compare_table_summary('peer', 'public.orders')`,
    `analyze_overlap('peer', ARRAY['public.orders'])`,
  ],
};

const queue: Group = {
  rights: (role) => [
    `GRANT INSERT ON steep_repl.work_queue TO ${role}`,
    `GRANT UPDATE (cancel_requested_at) ON steep_repl.work_queue TO ${role}`,
    `GRANT EXECUTE ON FUNCTION steep_repl.start_snapshot, steep_repl.start_apply, steep_repl.start_init, steep_repl.start_merge,
       steep_repl.start_verify, steep_repl.cancel_work TO ${role}`,
  ],
  calls: () => [
    `start_snapshot('/backup/a')`,
    `start_apply('/backup/a')`,
    'start_init()',
    `start_merge('b')`,
    'start_verify()',
    'cancel_work((SELECT max(id) FROM steep_repl.work_queue WHERE queued_by = CURRENT_USER))',
  ],
};

/** From 16 on pg_create_subscription and CREATE on the database are enough; a password is required then. */
const subscriptions = (major: number): Group => ({
  rights: (role, database) => [
    `GRANT pg_create_subscription TO ${role}; GRANT CREATE ON DATABASE ${database} TO ${role}`,
  ],
  calls: ({ who, publisher }) => [
    `create_subscription('f_${who}', '${publisher.conninfo.text.replaceAll("'", "''")}', 'none', 'some_slot', false, false)`,
    `enable_subscription('f_${who}')`,
    `disable_subscription('f_${who}')`,
  ],
  ...(major < 16 && { superuser: true }),
});

export const groups = (major: number): readonly Group[] => [
  reads,
  nodes,
  fingerprints,
  slots,
  origins,
  mergeDecisions,
  comparisons,
  queue,
  subscriptions(major),
  // Last: it gives the tables away.
  publications,
];
