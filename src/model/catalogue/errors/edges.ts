// Why an edge does not replicate, as status, drift and doctor say it, beside the codes that drift and hazards explain.

import type { ErrorExplanation } from '../explanation.ts';

export const edgeErrors = {
  SUBSCRIPTION_MISSING: {
    severity: 'warning',
    title: 'The subscription does not exist',
    meaning: 'steep.yaml has the subscription, and its node does not.',
    cause: 'It was not applied yet, or it was dropped by hand.',
    cure: 'A plan creates it.',
    commands: ['steep plan'],
  },
  INIT_PREPARED: {
    severity: 'warning',
    title: 'An initial copy by hand is prepared',
    meaning:
      'The slot of the subscription exists and keeps WAL. The subscription is created once the rows are restored.',
    cause: 'steep init prepare has run, and steep init complete has not.',
    cure: 'Restore the rows and complete the copy, or cancel it, which drops the slot.',
    commands: ['steep init complete NODE --from SOURCE', 'steep init cancel NODE --from SOURCE'],
  },
  INIT_RUNNING: {
    severity: 'warning',
    title: 'The initial copy is running',
    meaning: 'A run copies the tables; the subscription is created after that.',
    cause: 'steep apply, or another command that copies, is running.',
    cure: 'Wait for its end.',
    commands: ['steep status --follow'],
  },
  INIT_INTERRUPTED: {
    severity: 'error',
    title: 'The initial copy was interrupted',
    meaning: 'No run has written any progress of the copy for a minute. What it copied is kept.',
    cause: 'The run was killed, or lost its connection.',
    cure: 'Apply again: the copy resumes with what is missing.',
    commands: ['steep apply'],
  },
  INIT_FAILED: {
    severity: 'error',
    title: 'The initial copy failed',
    meaning: 'A run could not copy the tables of the subscription.',
    cause: 'A table could not be copied: steep status shows the error.',
    cure: 'Correct the cause, and apply again.',
    commands: ['steep apply'],
  },
  INIT_DIVERGED: {
    severity: 'error',
    title: 'The subscriber lacks changes',
    meaning:
      'After the initial copy the slot was lost, dropped or moved by hand, the publisher was set back, or tables were replaced or not published for a while: changes are lost. An apply has seen it; replication may work again, without them.',
    cause:
      'See SLOT_LOST, SLOT_MISSING, SLOT_REPLACED, POSITION_MOVED, PUBLISHER_SET_BACK, TABLE_REPLACED, PARTITION_ATTACHED and PUBLICATION_REPLACED.',
    cure: 'Copy the tables again.',
    commands: ['steep apply --reinit NODE/subscription.NAME'],
  },
  PUBLISHER_SET_BACK: {
    severity: 'error',
    title: 'The publisher was set back to an earlier state',
    meaning:
      'The slot is ahead of the WAL of its server. Changes written until the WAL reaches the slot are never sent, and there is no error.',
    cause: 'A restore of a backup, or a promotion of a standby that lacked the last transactions.',
    cure: 'Copy the tables of every subscription that reads from this server again.',
    commands: ['steep apply --reinit NODE/subscription.NAME'],
  },
  SUBSCRIPTION_DISABLED: {
    severity: 'warning',
    title: 'The subscription is disabled',
    meaning: 'Nothing is replicated, and the slot keeps WAL.',
    cause: 'It was disabled by ALTER SUBSCRIPTION, or steep.yaml says enabled: false.',
    cure: 'Enable it in steep.yaml, and let a plan apply it.',
    commands: ['steep plan'],
  },
  SUBSCRIBER_UNREAD: {
    severity: 'warning',
    title: 'The subscriber could not be read',
    meaning: 'It is not known whether the subscription is there, enabled and working.',
    cause: 'The server is down or unreachable, or refuses steep.',
    cure: 'steep doctor says why.',
    commands: ['steep doctor'],
  },
  PUBLISHER_UNREAD: {
    severity: 'warning',
    title: 'The publisher could not be read',
    meaning: 'Neither the slot nor the lag of the subscription is known.',
    cause: 'The server is down or unreachable, or refuses steep.',
    cure: 'steep doctor says why.',
    commands: ['steep doctor'],
  },
  PUBLICATION_MISSING: {
    severity: 'error',
    title: 'A publication does not exist',
    meaning:
      'The subscription reads a publication that the publisher does not have. Up to 17 apply fails; 18 skips the changes with a warning in the log of the publisher.',
    cause: 'The publication was dropped or renamed by hand.',
    cure: 'A plan creates it again, and says what is missing.',
    commands: ['steep plan', 'steep explain PUBLICATION_GAP'],
  },
  COPY_FAILING: {
    severity: 'error',
    title: 'The initial copy of a table fails repeatedly',
    meaning: 'PostgreSQL tries the copy again every five seconds, and the errors were counted.',
    cause: 'Rows that are there already, a missing column, a missing right.',
    cure: 'The log of the subscriber names the table and the error. Correct the cause.',
    commands: ['SELECT * FROM pg_stat_subscription_stats;'],
    versions: 'The counters came with PostgreSQL 15.',
  },
  COPY_WITHOUT_WORKER: {
    severity: 'error',
    title: 'No worker copies a table that is not ready',
    meaning: 'Tables wait for their initial copy, and for several seconds no worker was seen.',
    cause:
      'Every place in max_logical_replication_workers or max_worker_processes is taken, or each try fails at once.',
    cure: 'Raise the limits, or read the log of the subscriber.',
    commands: ['steep doctor', 'SELECT * FROM pg_stat_subscription;'],
  },
  READS_ELSEWHERE: {
    severity: 'error',
    title: 'The subscription reads from another server',
    meaning: 'Its worker is running, and no session reads its slot on the node in steep.yaml.',
    cause:
      'The connection of the subscription, a proxy or a name in DNS leads to another server that has a slot of the same name, such as a copy.',
    cure: 'Make the connection lead to the node, and compare the rows of both ends.',
    commands: ['SELECT subname, subconninfo FROM pg_subscription;'],
  },
  TABLE_UNPUBLISHED: {
    severity: 'error',
    title: 'A subscribed table is no longer published',
    meaning: 'Changes of the table do not arrive.',
    cause: 'The table was taken out of the publication, or dropped on the publisher.',
    cure: 'A plan puts it back, or takes it out of the subscription.',
    commands: ['steep plan'],
  },
  TABLE_NOT_SUBSCRIBED: {
    severity: 'error',
    title: 'A published table is not subscribed',
    meaning: 'The subscriber ignores the changes of the table, without an error.',
    cause:
      'The table joined the publication and the subscription was not refreshed, or the table was dropped and created again on the subscriber.',
    cure: 'A plan refreshes the subscription, and copies the table.',
    commands: ['steep plan'],
  },
  TARGET_MISSING: {
    severity: 'error',
    title: 'A published table does not exist on the subscriber',
    meaning: 'Apply stops at the first change of the table.',
    cause: 'The table was dropped on the subscriber, or it was only created on the publisher.',
    cure: 'Create it on the subscriber; then a plan adds it to the subscription.',
    commands: ['steep schema diff --node PUBLISHER --peer SUBSCRIBER', 'steep plan'],
  },
  LAG_UNKNOWN: {
    severity: 'warning',
    title: 'The lag could not be read',
    meaning: 'The slot has no confirmed position.',
    cause: 'The slot is still being created, or was invalidated.',
    cure: 'Run the command again after some seconds.',
    commands: ['steep status'],
  },
  SENDER_WAITS_FOR_STANDBY: {
    severity: 'error',
    title: 'The publisher waits for a standby',
    meaning:
      'synchronized_standby_slots names slots that have not confirmed the WAL: until then, no logical slot with failover sends it.',
    cause: 'A standby is down or behind, or the setting names a slot that does not exist.',
    cure: 'Start the standby, or correct the setting.',
    commands: ['SHOW synchronized_standby_slots;'],
    versions: 'The setting came with PostgreSQL 17.',
  },
  SENDER_STALLED: {
    severity: 'error',
    title: 'The publisher sends nothing',
    meaning:
      'Changes wait, the apply worker waits for them, and nothing was confirmed for five seconds.',
    cause: 'The sending process is stopped or waits for something, or the network loses packets.',
    cure: 'See what the process that reads the slot does. Ending it is safe: the worker connects again.',
    commands: ['SELECT * FROM pg_stat_replication;'],
  },
  APPLY_STALLED: {
    severity: 'warning',
    title: 'The subscriber has confirmed nothing for five seconds',
    meaning:
      'Changes are waiting on the publisher, and the confirmed position did not move between two looks, five seconds apart.',
    cause:
      'A large transaction is applied, which is confirmed at its end, or the worker is stopped.',
    cure: 'Look again. If it does not move, see what the apply worker does.',
    commands: ['SELECT * FROM pg_stat_subscription;'],
  },
  APPLY_WAITS_FOR_LOCK: {
    severity: 'warning',
    title: 'Apply waits for a lock',
    meaning: 'A session on the subscriber holds a lock that the apply worker needs.',
    cause: 'LOCK TABLE, DDL, or a row that was changed in a transaction that is still open.',
    cure: 'End that transaction.',
    commands: ['SELECT pg_catalog.pg_terminate_backend(PID);'],
  },
  CHANGES_SKIPPED: {
    severity: 'error',
    title: 'The subscriber has skipped updates',
    meaning:
      'Updates arrived of rows that the subscriber does not have. PostgreSQL skips them and counts them: the two ends differ.',
    cause:
      'Rows were deleted on the subscriber, or were never copied. Or a table was emptied with TRUNCATE on the publisher while it was copied: then updates from before TRUNCATE are counted, and the ends are equal. The counter does not tell these apart.',
    cure: 'Compare the two ends. Copy the table again if they differ, and reset the counters.',
    commands: [
      'steep apply --reinit NODE/subscription.NAME',
      'SELECT pg_catalog.pg_stat_reset_subscription_stats(OID);',
    ],
    versions: 'The counters came with PostgreSQL 18.',
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
