// What drift finds, beside the hazards that it shares with plans: SLOT_LOST, SLOT_MISSING, ORPHAN_SLOT.

import type { ErrorExplanation } from '../explanation.ts';

export const driftErrors = {
  DRIFT_CHANGED: {
    severity: 'warning',
    title: 'A managed object was changed',
    meaning:
      'A publication, slot or subscription differs from what steep last applied: somebody, or something, changed it on the server.',
    cause:
      'An ALTER by hand or by another tool; or a table that was dropped left its publications.',
    cure: 'Let a plan put it back, or write the change into steep.yaml to keep it: what the file asks for is no drift.',
    commands: ['steep plan'],
  },
  DRIFT_GONE: {
    severity: 'warning',
    title: 'A managed object no longer exists',
    meaning: 'steep applied a publication, slot or subscription that is not on its node any more.',
    cause: 'It was dropped or renamed by hand, or the database was restored from before.',
    cure: 'Let a plan create it again, and read its hazards: what was written meanwhile may be missing. If it is not wanted any more, remove it from steep.yaml.',
    commands: ['steep plan'],
  },
  SCHEMA_CHANGED: {
    severity: 'warning',
    title: 'A table changed after steep last applied',
    meaning:
      'A table that an edge sends or fills was altered since its definition went on record. Names of constraints and indexes do not count.',
    cause:
      'An ALTER TABLE by a migration, by hand or by another tool; or the table was dropped, or made anew.',
    cure: 'If it is meant to be so, on every node that holds the table, take note of it. Otherwise put it back.',
    commands: ['steep schema capture', 'steep schema diff --node PUBLISHER --peer SUBSCRIBER'],
  },
  SCHEMA_DIFFERS: {
    severity: 'warning',
    title: 'The two ends of an edge differ',
    meaning:
      'A table, as the publisher sends it, differs from that of the subscriber in a way that stops apply, leaves other data there, or makes it slow. What differed already when steep last applied does not count, unless the subscriber has no room for what is sent.',
    cause: 'One of the two was altered, and the other was not, or otherwise.',
    cure: 'Alter the other one too, on the subscriber first where something is added, on the publisher first where something goes. With schema_sync: auto a plan does it.',
    commands: ['steep schema diff --node PUBLISHER --peer SUBSCRIBER', 'steep plan'],
  },
  OWNERSHIP_LOST: {
    severity: 'warning',
    title: 'The ownership record is missing',
    meaning:
      'The audit log of the node says that steep applied the object, and its row in steep_repl.objects is missing: steep does not manage or protect it any more.',
    cause: 'Somebody deleted the row, or restored the table from before.',
    cure: 'Apply again: an object that matches steep.yaml is taken over as it is.',
    commands: ['steep plan'],
  },
  METADATA_LOST: {
    severity: 'warning',
    title: 'The schema steep_repl is missing',
    meaning:
      'Another node was applied to work with this one, and this one has no steep_repl: what was applied to it is not known, so that its drift is not either.',
    cause: 'The schema was dropped, or the database was restored from before steep was used.',
    cure: 'Apply again: the schema is installed, and what matches steep.yaml is taken over as it is.',
    commands: ['steep plan'],
  },
  WORKER_DOWN: {
    severity: 'warning',
    title: 'No apply worker is running',
    meaning:
      'The subscription is enabled, and no worker was seen for it, twice within some seconds: nothing is replicated.',
    cause:
      'The worker cannot connect to the publisher, ends with an error, or waits for a free place in max_logical_replication_workers.',
    cure: 'The log of the subscriber says why the worker ends.',
    commands: ['SELECT subname, pid FROM pg_stat_subscription;'],
  },
  APPLY_FAILING: {
    severity: 'warning',
    title: 'Apply fails repeatedly',
    meaning: 'The error counters of the subscription rose while steep looked.',
    cause:
      'A change cannot be applied, such as a duplicate key or a missing column, or the copy of a table fails.',
    cure: 'The log of the subscriber names the change or the table. Put the cause right, and apply goes on by itself.',
    commands: ['SELECT * FROM pg_stat_subscription_stats;'],
    versions: 'The counters came with PostgreSQL 15.',
  },
  DISABLED_BY_ERROR: {
    severity: 'warning',
    title: 'The subscription was disabled by an error',
    meaning: 'disable_on_error is on, and a change could not be applied: nothing is replicated.',
    cause:
      'A duplicate key, a missing column, a right that is missing: the log of the subscriber says it.',
    cure: 'Put the cause right, and enable the subscription again; the slot has kept what was written meanwhile.',
    commands: ['ALTER SUBSCRIPTION NAME ENABLE;'],
    versions: 'disable_on_error came with PostgreSQL 15.',
  },
  TABLE_NOT_READY: {
    severity: 'warning',
    title: 'A table is not ready',
    meaning:
      'The first copy of a table is under way, or fails again and again; its changes do not arrive yet.',
    cause: 'A copy takes its time, or the table on the subscriber cannot take the rows.',
    cure: 'See how far it is; if it does not move, the log of the subscriber names the table.',
    commands: ['steep status'],
  },
  LAG_ABOVE_POLICY: {
    severity: 'warning',
    title: 'A subscriber is too far behind',
    meaning: 'More WAL than policy.max_lag waits in the slot of the subscription.',
    cause:
      'A large transaction, a slow or stopped subscriber, or a bound that is too narrow for this load.',
    cure: 'See whether it shrinks. If it does not, look for what holds up the apply worker.',
    commands: ['steep status'],
  },
  RUN_IN_PROGRESS: {
    severity: 'warning',
    title: 'A run is changing this node',
    meaning:
      'Another steep holds the run lock of the node: what it has begun and not finished can look like drift.',
    cause: 'steep apply is running, here or elsewhere.',
    cure: 'Look again when it has ended.',
    commands: ['steep drift'],
  },
  DRIFT_RULE_EXPIRED: {
    severity: 'warning',
    title: 'A rule of drift.ignore has expired',
    meaning: 'Its last day has passed, so that what it silenced is reported again.',
    cause: 'The date in until was the day by which the drift should have been put right.',
    cure: 'Put the drift right and remove the rule, or give it a later date.',
    commands: ['steep drift'],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
