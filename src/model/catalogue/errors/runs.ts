// A run that could not start, stopped midway or has not converged.

import type { ErrorExplanation } from '../explanation.ts';

export const runErrors = {
  METADATA_IN_USE: {
    severity: 'error',
    title: 'The metadata of a node is still needed',
    meaning:
      'The schema was not dropped: it still records managed objects, or an object outside the schema depends on it. All earlier steps are done.',
    cause:
      'Another run wrote to it in the meantime, another node uses the same schema, or a view or function was created on its tables.',
    cure: 'Drop or move what the message names, and run the same command again: only this step is left.',
    commands: ['SELECT address FROM steep_repl.objects;'],
  },
  RUN_LOCKED: {
    severity: 'error',
    title: 'Another run holds the lock',
    meaning: 'Two runs must not change the same node at once. Nothing was changed.',
    cause:
      'Another apply works on one of the nodes. Its lock ends with its session, so it cannot be left over. The message names the session: its process id, role and start time come from the server, its application name from the session itself.',
    cure: 'Wait for the run that the message names, or let steep wait. A session that is no run of steep can be ended with pg_terminate_backend.',
    commands: [
      'steep apply --wait-for-lock 30s',
      "SELECT pid, mode, granted FROM pg_locks WHERE relation = 'steep_repl.run_lock'::regclass;",
    ],
  },
  RUN_LOCK_LOST: {
    severity: 'error',
    title: 'The run lock was lost',
    meaning:
      'The session that held the run lock of a node ended, or was closed because its server did not answer. Another run may now change the node, so this run cancels its running statements, starts no further step and commits nothing more. What was committed before is in the report and remains. If all steps were done, the run ends as not converged, because it no longer watches replication.',
    cause:
      'The session was terminated, the server was restarted or failed over, or a proxy or firewall between steep and the server dropped the connection.',
    cure: 'Run the same command again: it takes the lock and continues.',
    commands: ['steep apply'],
  },
  RUN_REPLACED: {
    severity: 'error',
    title: 'Another run has taken over the run lock',
    meaning:
      'Before each COMMIT, a run checks in the same transaction that no other run has taken the run lock of the node since. Another run had taken it, so the transaction was rolled back. The rows and changes of the other run are not affected.',
    cause:
      'The session that held the run lock ended without this run noticing, and another run was started in the meantime.',
    cure: 'Wait for the other run to end, and run the same command again.',
    commands: ['SELECT run_id, claimed_at FROM steep_repl.run_lock;', 'steep apply'],
  },
  METADATA_HAS_WORKERS: {
    severity: 'error',
    title: 'Workers of an older version of steep serve the queue',
    meaning:
      'steep_repl of the node is of an older version, and would be upgraded now. A steep worker of that version is connected, which would continue to read and write it as it was. Nothing was changed.',
    cause: 'steep was updated where the command runs, and the workers were not ended yet.',
    cure: 'End the workers that the message names with SIGTERM (what they run goes back into the queue), run the same command again, and start workers of the new version.',
    commands: ['SELECT id, worker, status FROM steep_repl.list_operations();', 'steep apply'],
  },
  INIT_CANCELLED: {
    severity: 'error',
    title: 'An initial copy was cancelled',
    meaning:
      'The rows of the copy, its slot and its state were removed; indexes and constraints are as they were before. Nothing else was changed.',
    cause:
      'steep init cancel was run, or the cancellation was requested in steep_repl.subscriptions_init.',
    cure: 'To make the copy after all, apply again: it starts over.',
    commands: ['steep apply'],
  },
  SNAPSHOT_LOST: {
    severity: 'error',
    title: 'The exported snapshot of an initial copy no longer exists',
    meaning:
      'The connection that kept it open was lost. The slot, and every complete table, are kept.',
    cause: 'A server stopped, or the connection was terminated.',
    cure: 'Run the same command again: finished tables are kept, and PostgreSQL copies the others.',
    commands: ['steep apply'],
  },
  SLOT_TIMEOUT: {
    severity: 'error',
    title: 'The slot could not be created in time',
    meaning:
      'Creating a slot waits for every open write transaction of the cluster, and not all of them ended in time. No slot is left behind.',
    cause: 'A write transaction has been open for a long time, in any database of the cluster.',
    cure: 'End the transaction that the message names, or wait longer, and run the same command again.',
    commands: ['steep apply --slot-timeout 10min'],
  },
  TABLES_NOT_EMPTY: {
    severity: 'error',
    title: 'Tables that must be empty hold rows',
    meaning:
      'A pair is filled from its first node. Rows that are on the second node before its slot is created would never reach the first node, so the run stopped before anything was copied. Or tables were to be emptied, and tables that refer to them by foreign keys with them, which were empty when the plan was made: now they hold rows, and nothing was emptied.',
    cause:
      'Another session wrote to the second node before the slot was created, or emptied the tables after it was created; or it wrote to a table with a foreign key to one that is copied again.',
    cure: 'Stop writes to the second node, empty the tables there, and run the same command again. Where tables are copied again, run the same command again: its plan says what refers to them.',
    commands: ['steep apply'],
  },
  TABLES_STILL_SUBSCRIBED: {
    severity: 'error',
    title: 'A table that would be emptied still receives changes',
    meaning:
      'Before tables are copied again, their subscription forgets them and its workers stop. Shortly before they were to be emptied, the subscription had these tables again: their rows would have been deleted without being copied again. Nothing was emptied.',
    cause:
      'Another session ran ALTER SUBSCRIPTION … SET PUBLICATION or REFRESH PUBLICATION during the run.',
    cure: 'Do not change the subscription while its tables are copied again, and run the same command again.',
    commands: ['steep apply'],
  },
  COPY_FAILED: {
    severity: 'error',
    title: 'An initial copy failed',
    meaning:
      'A table could not be copied. PostgreSQL keeps trying, and the slot keeps WAL in the meantime.',
    cause:
      'The rows conflict with existing rows, the definitions differ, or a right is missing on the subscriber.',
    cure: 'The message names tables that held rows before the copy: empty them if their rows are not needed. For any other reason read the log of the subscriber. Correct the cause, and run the same command again.',
    commands: ['steep status', 'TRUNCATE TABLE SCHEMA.TABLE;'],
  },
  INIT_TRANSITION: {
    severity: 'error',
    title: 'An initial copy cannot change to this state',
    meaning:
      'Only certain changes of the state of an initial copy are possible, and this is not one of them. Nothing was changed.',
    cause:
      'Another run or a manual change moved the copy to another state; or the request is not possible in its state.',
    cure: 'Check its state with steep init status, and continue from there.',
    commands: ['steep status', 'SELECT * FROM steep_repl.subscriptions_init;'],
  },
  NOT_CONVERGED: {
    severity: 'error',
    title: 'Replication has not converged in time',
    meaning:
      'All steps are done, but a table is not ready yet or the lag is above policy.max_lag. Replication continues by itself.',
    cause:
      'The copy takes longer than --converge-timeout, or the publisher writes faster than the subscriber applies, or apply is stuck.',
    cure: 'Check steep status. If there is progress, wait; if there is none, follow the advice of steep status.',
    commands: ['steep status', 'steep apply --converge-timeout 6h'],
  },
  INTERRUPTED: {
    severity: 'error',
    title: 'The run was interrupted',
    meaning: 'The run was stopped after the running statement. The report says what was done.',
    cause: 'SIGINT or SIGTERM arrived.',
    cure: 'Run the same command again to continue.',
    commands: ['steep apply'],
  },
  METADATA_NEWER: {
    severity: 'error',
    title: 'The metadata of a node is newer than this steep',
    meaning:
      'The schema steep_repl of the node was upgraded by a newer version of steep, which this version does not understand.',
    cause: 'Different versions of steep work on the same node.',
    cure: 'Use at least the version of steep that upgraded the node.',
    commands: ['SELECT max(version) FROM steep_repl.schema_version;', 'steep --version'],
  },
  METADATA_NOT_TRUSTED: {
    severity: 'error',
    title: 'The metadata of a node is not trusted',
    meaning:
      'The schema steep_repl of the node belongs to another role, lets other roles write to it, or is not made of what steep installs. Triggers, views, rules, policies and defaults in it would run with the rights of steep, so steep has read the system catalogs only. Nothing was changed.',
    cause:
      'Another role with CREATE on the database created the schema; or it was given to another role; or its tables were changed by hand, or by restoring a dump.',
    cure: 'Check what the message names. Name an owner that you trust with all rights of steep in steep.yaml as metadata_owner. Revoke the rights of other roles. Drop a schema that steep did not create.',
    commands: ['nodes: { NODE: { metadata_owner: ROLE } }', 'DROP SCHEMA steep_repl CASCADE;'],
  },
  APPLY_ROLE: {
    severity: 'error',
    title: 'Connected as another role than apply_role',
    meaning:
      'steep.yaml names the role that applies (apply_role), and this command, which changes nodes, is connected as another role. Nothing was changed.',
    cause:
      'The connection uses a role that only plans, or an administrator. Objects that it creates would belong to it, and the plan checked the rights of apply_role instead.',
    cure: 'Connect as the role that steep.yaml names, or name another one there and plan again.',
    commands: ['nodes: { NODE: { apply_role: ROLE } }', 'SELECT current_user;'],
  },
  METADATA_EMPTY: {
    severity: 'error',
    title: 'A node has a steep_repl that steep did not install there',
    meaning:
      'The schema steep_repl exists, but the rows that record its version are missing. Nothing was changed.',
    cause:
      'A dump of the definitions of another database, as pg_dump --schema-only makes it, was loaded with the schema steep_repl in it.',
    cure: 'Drop the schema in this database, and leave it out of the next dump.',
    commands: [
      'DROP SCHEMA steep_repl CASCADE;',
      'pg_dump --schema-only --exclude-schema=steep_repl DATABASE',
    ],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
