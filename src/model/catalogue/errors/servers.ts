// What a server answers to a statement: rights, locks, limits, and all the rest.

import type { ErrorExplanation } from '../explanation.ts';

export const serverErrors = {
  PRIVILEGE: {
    severity: 'error',
    title: 'A right is missing',
    meaning: 'The role that steep connects as may not run a statement.',
    cause: 'A grant, an ownership or a role attribute is missing.',
    cure: 'Let the doctor print every statement that an administrator has to run.',
    commands: ['steep doctor --grants'],
    versions:
      'CREATE SUBSCRIPTION needs a superuser on 14 and 15, and pg_create_subscription from 16.',
  },
  LOCK_TIMEOUT: {
    severity: 'error',
    title: 'A lock was not granted in time',
    meaning:
      'Another session holds a lock on the table. steep gives up early, because all other sessions would wait behind it; a command that only reads waits for 30 s, for the definition of a locked table.',
    cause: 'A long transaction, a VACUUM or other DDL works on the table.',
    cure: 'Wait for the session that the message names, or end it, and run the same command again. Or let steep wait longer. An initial copy that stopped because of a lock keeps its slot and the tables that it has finished.',
    commands: [
      'steep apply --lock-timeout 5s --lock-retries 30',
      'SELECT pg_catalog.pg_terminate_backend(PID);',
    ],
  },
  STATEMENT_CANCELLED: {
    severity: 'error',
    title: 'A statement was cancelled',
    meaning: 'The server cancelled the statement before it was done, and rolled it back.',
    cause:
      'A timeout of the server or of steep expired, or another session cancelled the statement.',
    cure: 'Run the same command again. If statement_timeout is set for the role, set it higher or to 0.',
    commands: ['ALTER ROLE NAME SET statement_timeout = 0;'],
  },
  DISK_FULL: {
    severity: 'error',
    title: 'The disk of the server is full',
    meaning: 'The server could not write. Slots that keep WAL make this worse over time.',
    cause: 'Data, WAL or temporary files have used up the disk.',
    cure: 'Free disk space first. Look for slots that keep WAL and that nobody reads any more.',
    commands: [
      'SELECT slot_name, active, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) FROM pg_replication_slots;',
    ],
  },
  SLOT_ACTIVE: {
    severity: 'error',
    title: 'The slot is in use',
    meaning: 'A slot can be read by one session at a time, and cannot be dropped while it is read.',
    cause:
      'A walsender still serves a subscriber, perhaps one whose connection broke and was not noticed yet.',
    cure: 'Disable the subscription that uses the slot, and run the same command again. A walsender whose client is gone ends after wal_sender_timeout.',
    commands: ["SELECT active_pid FROM pg_replication_slots WHERE slot_name = 'NAME';"],
  },
  CONFIGURATION_LIMIT: {
    severity: 'error',
    title: 'A limit of the server is reached',
    meaning: 'The server cannot create one more slot, worker, origin or lock.',
    cause:
      'A setting such as max_replication_slots, max_wal_senders, max_worker_processes or max_locks_per_transaction is too low.',
    cure: 'Raise the setting that the message names, and restart the server. The doctor says which limits are tight, and how far to raise each.',
    commands: ['steep doctor', 'ALTER SYSTEM SET max_replication_slots = 20;'],
  },
  ALREADY_EXISTS: {
    severity: 'error',
    title: 'The object already exists',
    meaning: 'The server has an object of this name, which did not exist when the plan was made.',
    cause: 'It was created in the meantime, or it belongs to another database of the same cluster.',
    cure: 'Plan again: steep then compares steep.yaml with the existing object.',
    commands: ['steep plan'],
  },
  PUBLICATIONS_CONFLICT: {
    severity: 'error',
    title: 'One table is published with different definitions',
    meaning:
      'A subscription can receive a table with one column list only, and a publication can have one row filter for a table. Here PostgreSQL finds several and refuses the statement, which changed nothing.',
    cause:
      'The publications of a subscription have different columns for the same table; or a publication lists a table with a row filter or a column list, and a table that inherits from it, which PostgreSQL adds by itself, with another one.',
    cure: 'Give the table the same columns in all publications of the subscription, or list it in one of them only. Inside one publication, do not list tables that inherit from one with a filter or a list. Then plan again.',
    commands: ['steep plan'],
  },
  SERVER_ERROR: {
    severity: 'error',
    title: 'The server reported an error',
    meaning: 'The server refused a statement for a reason that steep has no advice for.',
    cause: "The message holds the server's own words and its SQLSTATE.",
    cure: "Follow the server's message and hint; its log has more. Then run the same command again.",
    commands: ['steep apply'],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
