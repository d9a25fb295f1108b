// A run that could not start, stopped midway or has not converged.

import type { ErrorExplanation } from '../explanation.ts';

export const runErrors = {
  METADATA_IN_USE: {
    severity: 'error',
    title: 'The metadata of a node is still needed',
    meaning:
      'The schema was not dropped: it still says that something is managed, or an object outside of it depends on it. All that came before is done.',
    cause:
      'Another run wrote to it meanwhile, another node uses the same schema, or somebody made a view or a function on its tables.',
    cure: 'Drop or move what the message names, and run the same command again: only this step is left.',
    commands: ['SELECT address FROM steep_repl.objects;'],
  },
  RUN_LOCKED: {
    severity: 'error',
    title: 'Another run holds the lock',
    meaning: 'Two runs must not change the same node at once. Nothing was changed.',
    cause:
      'Another apply works on one of the nodes. Its lock ends with its session, so it cannot be left over. The message names the session: process id, role and since when as the server knows them, and the application name as the session gave it.',
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
      'The session that held the run lock of a node has ended, or was ended because its server did not answer. Another run may take the node from then on, so this run cancels what it executes, starts no further step and commits nothing more. What was committed before is in the report and stays. A run whose steps were all done ends as not converged: it no longer watches replication.',
    cause:
      'The session was terminated, the server was restarted or failed over, or a proxy or firewall between steep and the server dropped the connection.',
    cure: 'Run the same command again: it takes the lock, and continues from what is there.',
    commands: ['steep apply'],
  },
  RUN_REPLACED: {
    severity: 'error',
    title: 'Another run has taken over the run lock',
    meaning:
      'Before each COMMIT, a run checks in the same transaction that it is still the one that took the run lock of the node last. It was not, so the transaction was rolled back: the rows and the changes of the other run are not touched.',
    cause:
      'The session that held the run lock ended without this run hearing of it, and another run was started meanwhile.',
    cure: 'Wait for the other run to end, and run the same command again.',
    commands: ['SELECT run_id, claimed_at FROM steep_repl.run_lock;', 'steep apply'],
  },
  INIT_CANCELLED: {
    severity: 'error',
    title: 'An initial copy was cancelled',
    meaning:
      'What the copy had written is gone again, and so are its slot and its state; indexes and constraints are as they were. Nothing else was changed.',
    cause: 'Somebody ran steep init cancel, or asked for it in steep_repl.subscriptions_init.',
    cure: 'Apply again when the copy shall be made: it begins anew.',
    commands: ['steep apply'],
  },
  SNAPSHOT_LOST: {
    severity: 'error',
    title: 'The exported snapshot of an initial copy no longer exists',
    meaning:
      'The connection that kept it was lost. The slot, and every table that was complete, are kept.',
    cause: 'A server went away, or somebody ended the connection.',
    cure: 'Run the same command again: finished tables are kept, and PostgreSQL copies the others.',
    commands: ['steep apply'],
  },
  SLOT_TIMEOUT: {
    severity: 'error',
    title: 'The slot could not be created in time',
    meaning:
      'The creation of a slot waits for every open write transaction of the cluster, and they did not end. No slot is left behind.',
    cause:
      'A transaction that has written is open for a long time, in any database of the cluster.',
    cure: 'End the transaction that the message names, or wait longer, and run the same command again.',
    commands: ['steep apply --slot-timeout 10min'],
  },
  TABLES_NOT_EMPTY: {
    severity: 'error',
    title: 'Tables that must be empty hold rows',
    meaning:
      'A pair is filled from its first node. Rows that stand on the second node before its slot does would never reach the first one, so the run stopped before anything was copied.',
    cause:
      'Somebody wrote to the second node between the plan and the slot, or emptied the tables after the slot was made.',
    cure: 'Keep writers away from the second node, empty the tables there, and run the same command again.',
    commands: ['steep apply'],
  },
  COPY_FAILED: {
    severity: 'error',
    title: 'An initial copy failed',
    meaning:
      'A table could not be copied. PostgreSQL keeps trying, and the slot keeps WAL meanwhile.',
    cause:
      'The rows collide with rows that are there already, the definitions differ, or a right is missing on the subscriber.',
    cure: 'Read the log of the subscriber, put the cause right, and run the same command again.',
    commands: ['steep status'],
  },
  INIT_TRANSITION: {
    severity: 'error',
    title: 'An initial copy cannot change to this state',
    meaning:
      'The state of a first copy changes along fixed ways only, and this is none of them. Nothing was changed.',
    cause:
      'Another run, or somebody by hand, moved the copy meanwhile; or what was asked for is not possible in its state.',
    cure: 'See which state it has, and go on from there.',
    commands: ['steep status', 'SELECT * FROM steep_repl.subscriptions_init;'],
  },
  NOT_CONVERGED: {
    severity: 'error',
    title: 'Replication has not converged in time',
    meaning:
      'All steps are done, and a table is not ready yet or the lag is above policy.max_lag. Replication goes on by itself.',
    cause:
      'The copy takes longer than --converge-timeout, or the publisher writes faster than the subscriber applies, or apply is stuck.',
    cure: 'Look at the state. If it moves, wait; if it does not, follow the cure that status names.',
    commands: ['steep status', 'steep apply --converge-timeout 6h'],
  },
  INTERRUPTED: {
    severity: 'error',
    title: 'The run was interrupted',
    meaning: 'The run was stopped after the statement in flight. The report says what was done.',
    cause: 'SIGINT or SIGTERM arrived.',
    cure: 'Run the same command again to go on.',
    commands: ['steep apply'],
  },
  METADATA_NEWER: {
    severity: 'error',
    title: 'The metadata of a node is newer than this steep',
    meaning:
      'The schema steep_repl of the node was upgraded by a newer steep, and this one does not know what it means.',
    cause: 'Different versions of steep work on the same node.',
    cure: 'Use at least the version of steep that upgraded the node.',
    commands: ['SELECT max(version) FROM steep_repl.schema_version;', 'steep --version'],
  },
  METADATA_NOT_TRUSTED: {
    severity: 'error',
    title: 'The metadata of a node is not trusted',
    meaning:
      'The schema steep_repl of the node belongs to another role, lets other roles write to it, or is not made of what steep installs. Triggers, views, rules, policies and defaults in it would run with the rights of steep, so that steep has looked at the catalogs only. Nothing was changed.',
    cause:
      'A role with CREATE on the database made the schema first; or it was given to another role; or its tables were changed by hand, or by a dump.',
    cure: 'See what the message names. An owner that you trust with everything that steep may do goes into steep.yaml as metadata_owner; rights of others are revoked; a schema that is not of steep is dropped.',
    commands: ['nodes: { NODE: { metadata_owner: ROLE } }', 'DROP SCHEMA steep_repl CASCADE;'],
  },
  APPLY_ROLE: {
    severity: 'error',
    title: 'Connected as another role than apply_role',
    meaning:
      'steep.yaml names the role that applies (apply_role), and this command, which changes nodes, is connected as another role. Nothing was changed.',
    cause:
      'The connection is that of a role that only plans, or of an administrator. What such a role creates would belong to it, and the rights that the plan judged are those of the other role.',
    cure: 'Connect as the role that steep.yaml names, or name another one there and plan again.',
    commands: ['nodes: { NODE: { apply_role: ROLE } }', 'SELECT current_user;'],
  },
  METADATA_EMPTY: {
    severity: 'error',
    title: 'A node has a steep_repl that steep did not install there',
    meaning:
      'The schema steep_repl is there without the rows that say which version it has. Nothing was changed.',
    cause:
      'A dump of the definitions of another database, as pg_dump --schema-only makes it, was loaded with the schema steep_repl in it.',
    cure: 'Drop the schema in this database, and leave it out of the next dump.',
    commands: [
      'DROP SCHEMA steep_repl CASCADE;',
      'pg_dump --schema-only --exclude-schema=steep_repl DATABASE',
    ],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
