// What drift finds, beside the hazards that it shares with plans: SLOT_LOST, SLOT_MISSING, ORPHAN_SLOT.

import type { ErrorExplanation } from '../explanation.ts';

export const driftErrors = {
  DRIFT_CHANGED: {
    severity: 'warning',
    title: 'A managed object was changed',
    meaning:
      'A publication, slot or subscription differs from what steep last applied: it was changed on the server, by hand or by another program.',
    cause:
      'An ALTER by hand or by another tool; or a table was dropped, which also removes it from its publications.',
    cure: 'Let a plan put it back, or write the change into steep.yaml to keep it: what steep.yaml declares is not drift.',
    commands: ['steep plan'],
  },
  DRIFT_GONE: {
    severity: 'warning',
    title: 'A managed object no longer exists',
    meaning: 'steep applied a publication, slot or subscription that no longer exists on its node.',
    cause: 'It was dropped or renamed by hand, or the database was restored from an older backup.',
    cure: 'Let a plan create it again, and read the hazards of the plan: changes written in the meantime may be missing. If it is no longer wanted, remove it from steep.yaml.',
    commands: ['steep plan'],
  },
  SCHEMA_CHANGED: {
    severity: 'warning',
    title: 'A table changed after steep last applied',
    meaning:
      'A table that an edge sends or fills was altered after its definition was recorded. Names of constraints and indexes do not count.',
    cause:
      'An ALTER TABLE by a migration, by hand or by another tool; or the table was dropped, or dropped and created again.',
    cure: 'If the change is intended on every node that has the table, record it with steep schema capture. Otherwise undo it.',
    commands: ['steep schema capture', 'steep schema diff --node PUBLISHER --peer SUBSCRIBER'],
  },
  SEQUENCE_CHANGED: {
    severity: 'warning',
    title: 'A sequence was altered or set back after steep last applied',
    meaning:
      'A sequence that numbers the rows of a table which an edge sends has another increment, minimum, maximum or cycle than when it was recorded, or it has given larger numbers before. Sequences are not replicated: subscribers get nothing of the change, and after a cut-over their numbers may be taken already.',
    cause: 'ALTER SEQUENCE, TRUNCATE … RESTART IDENTITY or setval(), by a migration or by hand.',
    cure: 'If the change is intended, record it with steep schema capture, and alter the sequence of the subscribers in the same way before a cut-over. Otherwise set it back.',
    commands: [
      'steep schema capture',
      "SELECT pg_catalog.setval('SCHEMA.SEQUENCE', max(COLUMN)) FROM SCHEMA.TABLE;",
    ],
  },
  SCHEMA_DIFFERS: {
    severity: 'warning',
    title: 'The two ends of an edge differ',
    meaning:
      'A table differs between publisher and subscriber in a way that stops apply, leads to different data, or makes apply slow. Differences that existed when steep last applied do not count, unless the subscriber has no column or table for what is sent.',
    cause: 'Only one of the two tables was altered, or they were altered in different ways.',
    cure: 'Alter the other one too: to add something, change the subscriber first; to remove something, change the publisher first. With schema_sync: auto a plan does this.',
    commands: ['steep schema diff --node PUBLISHER --peer SUBSCRIBER', 'steep plan'],
  },
  OWNERSHIP_LOST: {
    severity: 'warning',
    title: 'The ownership record is missing',
    meaning:
      'The audit log of the node says that steep applied the object, and its row in steep_repl.objects is missing: steep does not manage or protect it any more.',
    cause: 'The row was deleted, or the table was restored from an older backup.',
    cure: 'Apply again: steep manages an object that matches steep.yaml again, and does not change it.',
    commands: ['steep plan'],
  },
  METADATA_LOST: {
    severity: 'warning',
    title: 'The schema steep_repl is missing',
    meaning:
      'Another node was applied together with this one, but this one has no steep_repl. What steep applied here is not known, so drift cannot be detected.',
    cause: 'The schema was dropped, or the database was restored from before steep was used.',
    cure: 'Apply again: steep installs the schema, and manages objects that match steep.yaml again without changing them.',
    commands: ['steep plan'],
  },
  WORKER_DOWN: {
    severity: 'warning',
    title: 'No apply worker stays running',
    meaning:
      'The subscription is enabled, but several checks within some seconds found no worker for it, or each time one that had just started: nothing is replicated.',
    cause:
      'The worker cannot connect to the publisher, ends with an error, or waits because all max_logical_replication_workers are in use.',
    cure: 'The log of the subscriber says why the worker ends.',
    commands: ['SELECT subname, pid FROM pg_stat_subscription;'],
  },
  APPLY_FAILING: {
    severity: 'warning',
    title: 'Apply fails repeatedly',
    meaning: 'The error counters of the subscription increased while steep was watching.',
    cause:
      'A change cannot be applied, such as a duplicate key or a missing column, or the copy of a table fails.',
    cure: 'The log of the subscriber names the change or the table. Correct the cause, and apply continues by itself.',
    commands: ['SELECT * FROM pg_stat_subscription_stats;'],
    versions: 'The counters came with PostgreSQL 15.',
  },
  DISABLED_BY_ERROR: {
    severity: 'warning',
    title: 'The subscription was disabled by an error',
    meaning: 'disable_on_error is on, and a change could not be applied: nothing is replicated.',
    cause:
      'A duplicate key, a missing column, or a missing right: the log of the subscriber has the details.',
    cure: 'Correct the cause, and enable the subscription again. The slot has kept the changes that were written in the meantime.',
    commands: ['ALTER SUBSCRIPTION NAME ENABLE;'],
    versions: 'disable_on_error came with PostgreSQL 15.',
  },
  TABLE_NOT_READY: {
    severity: 'warning',
    title: 'A table is not ready',
    meaning:
      'The initial copy of a table is running, or fails repeatedly. Changes of the table do not arrive yet.',
    cause: 'A large copy takes time, or the table on the subscriber cannot store the rows.',
    cure: 'Check its progress. If there is none, the log of the subscriber names the table.',
    commands: ['steep status'],
  },
  LAG_ABOVE_POLICY: {
    severity: 'warning',
    title: 'A subscriber is too far behind',
    meaning: 'More WAL than policy.max_lag waits in the slot of the subscription.',
    cause:
      'A large transaction, a slow or stopped subscriber, or a policy.max_lag that is too low for this load.',
    cure: 'Check whether the lag shrinks. If it does not, find out what blocks the apply worker.',
    commands: ['steep status'],
  },
  RUN_IN_PROGRESS: {
    severity: 'warning',
    title: 'A run is changing this node',
    meaning:
      'Another run holds the run lock of the node. What it has begun and not finished can look like drift.',
    cause: 'steep apply is running, on this or another machine.',
    cure: 'Run the command again when that run has ended.',
    commands: ['steep drift'],
  },
  DRIFT_RULE_EXPIRED: {
    severity: 'warning',
    title: 'A rule of drift.ignore has expired',
    meaning: 'Its last day has passed, so the drift that it ignored is reported again.',
    cause: 'The date in until was the deadline for correcting the drift.',
    cure: 'Correct the drift and remove the rule, or give it a later date.',
    commands: ['steep drift'],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
