// Initial copies manually: what cannot be prepared, and what is not proven.

import type { ErrorExplanation } from '../explanation.ts';

export const manualInitErrors = {
  INIT_NO_EDGE: {
    severity: 'error',
    title: 'There is no such subscription',
    meaning:
      'steep.yaml has no single subscription that the command could mean. Nothing was changed.',
    cause:
      'A node or a subscription is misspelt, there are several between the two nodes, or the slot is another one.',
    cure: 'Name the nodes as steep.yaml does, and the subscription with --subscription.',
    commands: ['steep init prepare NODE --from SOURCE --subscription NAME'],
  },
  INIT_NOT_MANUAL: {
    severity: 'error',
    title: 'The subscription has no manual initialization',
    meaning:
      'By what steep.yaml says, the next apply would copy the rows, on top of those that somebody brings. Nothing was changed.',
    cause: 'init.method of the subscription is not manual.',
    cure: 'Set init: { method: manual } on the subscription, or let steep apply fill it.',
    commands: ['init: { method: manual }'],
  },
  INIT_NOT_APPLIED: {
    severity: 'error',
    title: 'The source does not publish yet',
    meaning:
      'A slot decodes changes with the publications that were there when it was made, so these come first. No slot was made.',
    cause:
      'The publications of the subscription, or the metadata of the source, differ from steep.yaml.',
    cure: 'Apply that part first, with the command that the message names; the node that will be filled is not needed for it.',
    commands: ["steep apply --target 'NODE/publication.NAME'"],
  },
  INIT_PREPARED: {
    severity: 'error',
    title: 'The initialization is already prepared',
    meaning: 'The slot is there, and keeps all changes from its beginning on. It stays as it is.',
    cause: 'steep init prepare ran before, perhaps by somebody else.',
    cure: 'Go on with what was prepared, keep it for longer, or begin anew: that drops the slot, so that a backup which belongs to it is of no use any more.',
    commands: ['steep init prepare NODE --from SOURCE --renew'],
  },
  INIT_NOT_PREPARED: {
    severity: 'error',
    title: 'The initialization was not prepared',
    meaning:
      'Without a slot that is older than the backup, changes are lost between the two. Nothing was changed.',
    cause:
      'steep init prepare did not run for this subscription, was interrupted, or its slot was dropped.',
    cure: 'Prepare it, and take the backup after that.',
    commands: ['steep init prepare NODE --from SOURCE'],
  },
  INIT_SNAPSHOT_LOST: {
    severity: 'error',
    title: 'The exported snapshot no longer exists',
    meaning:
      'A snapshot lives as long as the connection that exported it. A dump that has not begun by now cannot use it. The slot is still there.',
    cause: 'The source was restarted, the connection broke, or somebody ended the session.',
    cure: 'Take a physical backup, which needs no snapshot, or begin anew.',
    commands: ['steep init prepare NODE --from SOURCE --renew'],
  },
  INIT_EXPIRED: {
    severity: 'error',
    title: 'The prepared initialization has expired',
    meaning:
      'The slot is older than it was meant to become. Nothing was changed, and the slot is still there.',
    cause: 'The time of --expires is over.',
    cure: 'If the backup is the one that you mean, keep the slot for longer. Otherwise begin anew.',
    commands: ['steep init prepare NODE --from SOURCE --extend 24h'],
  },
  INIT_SLOT_LOST: {
    severity: 'error',
    title: 'WAL needed after the backup is lost',
    meaning:
      'Changes after the backup are missing from the slot, so that they would never arrive. Nothing was changed.',
    cause:
      'The slot was lost to max_slot_wal_keep_size or idle_replication_slot_timeout, dropped, or somebody has read it.',
    cure: 'Begin anew, with a new backup.',
    commands: ['steep init prepare NODE --from SOURCE --renew'],
  },
  INIT_PUBLISHED_CHANGED: {
    severity: 'error',
    title: 'The publications changed after the preparation',
    meaning:
      'What was written before a publication had its present form is not in the slot as it would have to be. Nothing was changed.',
    cause:
      'A table, a filter, a column list or an option of a publication changed after steep init prepare.',
    cure: 'Put it back as it was; or begin anew, with a new backup.',
    commands: ['steep init prepare NODE --from SOURCE --renew'],
  },
  INIT_WRONG_NODE: {
    severity: 'error',
    title: 'The node does not hold what its backup should have restored',
    meaning:
      'The node is the source itself, a copy of another server, or a copy that was not promoted to a timeline of its own. Nothing was changed.',
    cause:
      'A connection leads to the wrong server, or a physical copy was started without recovery.signal.',
    cure: 'Check the connections. Recover a physical copy with recovery.signal, so that it ends on a new timeline, which tells up to where it holds the changes.',
    commands: ['touch DIRECTORY/recovery.signal', "restore_command = 'false'"],
  },
  INIT_POSITION: {
    severity: 'error',
    title: 'The position of the backup does not fit',
    meaning:
      'The backup ends before the slot begins, after the end of WAL of the source, or elsewhere than --source-lsn says. Nothing was changed.',
    cause:
      'The backup is older than the slot and was not recovered past it, belongs to another server, or the value is mistyped.',
    cure: 'Recover the backup further, or leave --source-lsn out where the node itself tells it. Otherwise begin anew.',
    commands: ['steep init complete NODE --from SOURCE'],
  },
  INIT_COPY_UNFIT: {
    severity: 'error',
    title: 'A physical copy still acts like its source',
    meaning:
      'Subscriptions that came along would read the slots of the source, and prepared transactions would block what is replicated. Nothing was changed.',
    cause:
      'The copy holds subscriptions or prepared transactions of the server that it was made of.',
    cure: 'Run the statements that the message names, on the copy only.',
    commands: [
      'ALTER SUBSCRIPTION NAME DISABLE;',
      'ALTER SUBSCRIPTION NAME SET (slot_name = NONE);',
      'DROP SUBSCRIPTION NAME;',
      "ROLLBACK PREPARED 'GID';",
    ],
  },
  INIT_ROWS_DIFFER: {
    severity: 'error',
    title: 'The rows are not those of the snapshot',
    meaning:
      'Tables of the node hold other rows than the source had where the slot begins: something is missing, or was written since. Nothing was changed.',
    cause:
      'The dump was taken without the snapshot, was not restored in full, or somebody has written to the node.',
    cure: 'Empty the tables that the message names, and restore them from a dump that was taken with the snapshot. Where there is none, begin anew.',
    commands: ['pg_dump --snapshot=NAME …', 'steep init prepare NODE --from SOURCE --renew'],
  },
  INIT_EVIDENCE_VERSION: {
    severity: 'error',
    title: 'The recorded hashes are of another version',
    meaning:
      'steep init prepare recorded a hash of the rows of each table. This version of steep computes that hash in another way, so the two cannot be compared. Nothing was changed.',
    cause:
      'The slot was prepared by an older version of steep, whose hashes could miss rows that had swapped a value or a sign; or the two servers compute hashes differently, as processors of another byte order do.',
    cure: 'Prepare again with this version, which makes a new slot and a new snapshot, and restore a dump that was taken with the new snapshot.',
    commands: ['steep init prepare NODE --from SOURCE --renew'],
  },
  HASH_TYPE_UNTRUSTED: {
    severity: 'error',
    title: 'The values of a type cannot be hashed',
    meaning:
      'To hash a value, the server writes it as text with the output function of its type. That of this type is neither built in nor written in C, so it could be code of any role, and would run with the rights of steep. No row was read.',
    cause: 'The type was made with an output function in a procedural language.',
    cure: 'Compare the number of rows only, or leave the table out.',
    commands: ['steep init prepare NODE --from SOURCE --evidence counts'],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
