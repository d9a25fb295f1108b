// Hazards of servers: limits, rights, identity, versions and how they are reached.

import type { HazardExplanation } from '../explanation.ts';

export const serverHazards = {
  METADATA_DROP: {
    severity: 'danger',
    title: 'Drops the steep_repl schema',
    meaning:
      'The schema steep_repl is dropped. It records what steep manages on the node, what it last applied, and the audit log. Replication does not need it, but the history of changes is lost.',
    cause: 'The plan was made with --destroy, and steep no longer manages any object on the node.',
    cure: 'Copy the audit log first if it must be kept, and allow the hazard for this address.',
    commands: [
      '\\copy (SELECT * FROM steep_repl.audit_log ORDER BY id) TO audit.csv CSV HEADER',
      'steep apply --destroy --allow-hazard METADATA_DROP=NODE/metadata.steep_repl',
    ],
  },
  CAPACITY: {
    severity: 'block',
    title: 'A server limit would be exceeded',
    meaning:
      'Creating an object fails, or workers wait indefinitely, because a limit of the server is reached.',
    cause:
      'wal_level is not logical, or one of max_replication_slots, max_wal_senders, max_logical_replication_workers, max_sync_workers_per_subscription and max_worker_processes is too low.',
    cure: 'Raise the setting that the plan names to the value that it names. All but max_sync_workers_per_subscription need a restart of the server.',
    commands: [
      'steep doctor',
      "ALTER SYSTEM SET wal_level = 'logical';",
      'ALTER SYSTEM SET max_replication_slots = 20;',
    ],
    versions:
      'Replication origins count against max_replication_slots up to PostgreSQL 17, and against max_active_replication_origins from 18.',
  },
  PRIVILEGE: {
    severity: 'block',
    title: 'Rights are missing',
    meaning: 'The role that steep connects as may not run a statement of the plan.',
    cause: 'At least one grant or attribute is missing. The hazard lists all of them at once.',
    cure: 'Let an administrator run the statements that the hazard prints. steep doctor --grants prints those of every node, and why each is needed.',
    commands: ['steep doctor --grants'],
    versions:
      'CREATE SUBSCRIPTION needs a superuser on 14 and 15. From 16 it needs membership in pg_create_subscription and CREATE on the database.',
  },
  WORKER_SETTING: {
    severity: 'block',
    title: 'A setting would change replicated values',
    meaning:
      'The workers of a subscription run with the settings of its owner, of the database and of the server. With array_nulls = off an element NULL of an array is stored as the text "NULL"; with a client_encoding other than the encoding of the database, text that PostgreSQL itself copies is converted twice and tables whose names are not ASCII are not found: neither is an error. With xmloption = document or default_transaction_read_only = on, replication stops. The sessions of steep set these settings for themselves; for the workers of PostgreSQL they must be changed on the server.',
    cause:
      'ALTER ROLE … SET, ALTER DATABASE … SET, ALTER SYSTEM or postgresql.conf on the subscriber.',
    cure: 'Set the value for the owner of the subscription in this database, which overrides the other places. As a warning: the subscription already exists and the plan does not change it. Rows replicated since the setting was made may be wrong: compare them, or copy the tables again.',
    commands: [
      'ALTER ROLE owner IN DATABASE app SET array_nulls = on;',
      'SELECT * FROM pg_db_role_setting;',
    ],
  },
  PREPARED_DISABLED: {
    severity: 'block',
    title: 'The subscriber cannot prepare transactions',
    meaning:
      'With two_phase a subscription prepares transactions as the publisher does. Where max_prepared_transactions is 0, which is the default, the first one stops apply.',
    cause:
      'The subscription has two_phase, and its server keeps no room for prepared transactions.',
    cure: 'Set max_prepared_transactions on the subscriber to as many as may be prepared at once, and restart it. Or leave out two_phase.',
    commands: ['ALTER SYSTEM SET max_prepared_transactions = 10;'],
  },
  SLOT_IDLE_TIMEOUT: {
    severity: 'danger',
    title: 'The slot of a disabled subscription would be invalidated',
    meaning:
      'PostgreSQL 18 invalidates a slot that nobody has read for idle_replication_slot_timeout. Its changes are lost then.',
    cause:
      'The plan creates a subscription disabled, or disables it, and its publisher has such a limit.',
    cure: 'Enable the subscription in time, or set the limit to 0 on the publisher.',
    commands: [
      'ALTER SYSTEM SET idle_replication_slot_timeout = 0;',
      'SELECT pg_catalog.pg_reload_conf();',
    ],
    versions: 'PostgreSQL 18 and later.',
  },
  SYNCHRONOUS_SUBSCRIPTION: {
    severity: 'warning',
    title: 'Commits of the publisher wait for a subscription',
    meaning:
      'A subscription is known to its publisher by its name as the application. Where synchronous_standby_names includes that name, or *, commits of the publisher may wait until the subscriber has stored them, and indefinitely while the subscription is disabled or fails, or after it was dropped.',
    cause: 'synchronous_standby_names of the publisher.',
    cure: 'Name only standbys there, unless commits are meant to wait for the subscription.',
    commands: ['SHOW synchronous_standby_names;'],
  },
  STANDBY_SLOT_MISSING: {
    severity: 'block',
    title: 'The publisher waits for a slot that does not exist',
    meaning:
      'A logical slot with failover sends only what the slots in synchronized_standby_slots have confirmed. One of them does not exist, so that nothing is sent.',
    cause:
      'synchronized_standby_slots of the publisher names a slot that was dropped, or was never created.',
    cure: 'Create the physical slot and start its standby, or take it out of the setting.',
    commands: ['SHOW synchronized_standby_slots;'],
    versions: 'PostgreSQL 17 and later.',
  },
  ROLE_TIMEOUT: {
    severity: 'warning',
    title: 'A time limit of a role would end copies or workers',
    meaning:
      'The sessions that PostgreSQL copies tables with have the settings of the role that the subscriber connects as. A COPY that takes longer than its statement_timeout or transaction_timeout is ended, and begins again indefinitely. On the subscriber the workers have the settings of the owner of the subscription: one that waits for a lock longer than lock_timeout, or applies one transaction for longer than transaction_timeout, fails and begins again. The sessions of steep set these limits for themselves.',
    cause:
      'ALTER ROLE … SET or ALTER DATABASE … SET; on the subscriber ALTER SYSTEM … SET and postgresql.conf too.',
    cure: 'Set the limit to 0 for that role.',
    commands: ['ALTER ROLE NAME SET statement_timeout = 0;'],
  },
  MINOR_VERSION: {
    severity: 'warning',
    title: 'This minor release has a known bug',
    meaning:
      'This release of PostgreSQL has a bug in logical replication that a later minor release fixes.',
    cause: 'The server has not been updated to the newest minor release.',
    cure: 'Install the minor release that the hazard names; it needs a restart, and neither a dump nor an upgrade.',
    commands: ['SHOW server_version;'],
  },
  POOLER: {
    severity: 'block',
    title: 'The connection goes through a transaction pooler',
    meaning:
      'The replication protocol, advisory locks, LISTEN and exported snapshots need a session of their own. A pooler in transaction mode may run each transaction in another session.',
    cause: 'The connection leads to a pooler such as PgBouncer in transaction mode.',
    cure: 'Connect to the server itself, on its own port, or to a pooler in session mode.',
  },
} satisfies Readonly<Record<string, HazardExplanation>>;
