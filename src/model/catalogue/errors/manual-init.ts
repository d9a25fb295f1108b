// Initial copies manually: what cannot be prepared, and what is not proven.

import type { ErrorExplanation } from '../explanation.ts';

export const manualInitErrors = {
  INIT_NO_EDGE: {
    severity: 'error',
    title: 'No such subscription in steep.yaml',
    meaning:
      'steep.yaml has no subscription, or more than one, that matches the command. Nothing was changed.',
    cause:
      'A node or a subscription is misspelled, there are several subscriptions between the two nodes, or the slot has another name.',
    cure: 'Name the nodes as steep.yaml does, and the subscription with --subscription.',
    commands: ['steep init prepare NODE --from SOURCE --subscription NAME'],
  },
  INIT_NOT_MANUAL: {
    severity: 'error',
    title: 'The subscription has no manual initialization',
    meaning:
      'According to steep.yaml, the next apply would copy the rows, in addition to the rows that you restore by hand. Nothing was changed.',
    cause: 'init.method of the subscription is not manual.',
    cure: 'Set init: { method: manual } on the subscription, or let steep apply fill it.',
    commands: ['init: { method: manual }'],
  },
  INIT_NEEDS_FILE: {
    severity: 'error',
    title: 'A physical copy is completed with steep.yaml',
    meaning:
      'The node is a physical copy of its source, with the steep_repl of its source. Whose objects these records mean is known from steep.yaml alone. Nothing was changed.',
    cause: 'steep init complete was called with connections, without steep.yaml.',
    cure: 'Declare both nodes and the subscription with init: { method: manual } in steep.yaml, and run steep init complete NODE --from SOURCE.',
    commands: ['steep import --node primary=URL --node reporting=URL', 'steep init complete'],
  },
  INIT_NOT_APPLIED: {
    severity: 'error',
    title: 'The source does not publish yet',
    meaning:
      'A slot decodes changes with the publications that existed when the slot was created, so the publications must come first. No slot was created.',
    cause:
      'The publications of the subscription, or the metadata of the source, differ from steep.yaml.',
    cure: 'Apply that part first, with the command that the message names. It does not need the node that will be filled.',
    commands: ["steep apply --target 'NODE/publication.NAME'"],
  },
  INIT_PREPARED: {
    severity: 'error',
    title: 'The initialization is already prepared',
    meaning: 'The slot exists, and keeps all changes since its position. It was not changed.',
    cause: 'steep init prepare ran before, possibly started by another person.',
    cure: 'Continue with the prepared slot, keep it for longer, or start over with --renew. That drops the slot, so a backup that belongs to it becomes useless.',
    commands: ['steep init prepare NODE --from SOURCE --renew'],
  },
  INIT_NOT_PREPARED: {
    severity: 'error',
    title: 'The initialization was not prepared',
    meaning:
      'Without a slot that is older than the backup, changes are lost between the two. Nothing was changed.',
    cause:
      'steep init prepare did not run for this subscription, was interrupted, or its slot was dropped.',
    cure: 'Run steep init prepare, and take the backup after that.',
    commands: ['steep init prepare NODE --from SOURCE'],
  },
  INIT_SNAPSHOT_LOST: {
    severity: 'error',
    title: 'The exported snapshot no longer exists',
    meaning:
      'An exported snapshot exists as long as the connection that exported it. A dump that has not started yet can no longer use it. The slot still exists.',
    cause: 'The source was restarted, the connection broke, or the session was terminated.',
    cure: 'Take a physical backup, which needs no snapshot, or start over with --renew.',
    commands: ['steep init prepare NODE --from SOURCE --renew'],
  },
  INIT_EXPIRED: {
    severity: 'error',
    title: 'The prepared initialization has expired',
    meaning:
      'The slot is older than --expires allows. Nothing was changed, and the slot still exists.',
    cause: 'The time of --expires is over.',
    cure: 'If you restored the right backup, keep the slot for longer. Otherwise start over with --renew.',
    commands: ['steep init prepare NODE --from SOURCE --extend 24h'],
  },
  INIT_SLOT_LOST: {
    severity: 'error',
    title: 'WAL needed after the backup is lost',
    meaning:
      'The slot does not have all changes since the backup, so some would never arrive. Nothing was changed.',
    cause:
      'The slot was invalidated by max_slot_wal_keep_size or idle_replication_slot_timeout, was dropped, or was read by another session.',
    cure: 'Start over with --renew and a new backup.',
    commands: ['steep init prepare NODE --from SOURCE --renew'],
  },
  INIT_PUBLISHED_CHANGED: {
    severity: 'error',
    title: 'The publications changed after the preparation',
    meaning:
      'Changes written before the change of a publication are decoded with its old definition, so they do not match steep.yaml. Nothing was changed.',
    cause:
      'A table, a filter, a column list or an option of a publication changed after steep init prepare.',
    cure: 'Undo the change of the publication. Or start over with --renew and a new backup.',
    commands: ['steep init prepare NODE --from SOURCE --renew'],
  },
  INIT_WRONG_NODE: {
    severity: 'error',
    title: 'The node was not restored from a backup of its source',
    meaning:
      'The node is the source itself, a copy of another server, or a copy that was not promoted to a timeline of its own. Nothing was changed.',
    cause:
      'A connection leads to the wrong server, or a physical copy was started without recovery.signal.',
    cure: 'Check the connections. Recover a physical copy with recovery.signal, so that it ends on a new timeline, which tells up to which position it has the changes.',
    commands: ['touch DIRECTORY/recovery.signal', "restore_command = 'false'"],
  },
  INIT_POSITION: {
    severity: 'error',
    title: 'The position of the backup does not match the slot',
    meaning:
      'The backup ends before the position of the slot, after the end of WAL of the source, or at another position than --source-lsn says. Nothing was changed.',
    cause:
      'The backup is older than the slot and was not recovered past it, belongs to another server, or the value is mistyped.',
    cure: 'Recover the backup further, or leave --source-lsn out if the node itself tells its position. Otherwise start over with steep init prepare --renew.',
    commands: ['steep init complete NODE --from SOURCE'],
  },
  INIT_COPY_UNFIT: {
    severity: 'error',
    title: 'A physical copy still acts like its source',
    meaning:
      'Subscriptions in the copy would read the slots of the source, and prepared transactions in it would block replication. Nothing was changed.',
    cause: 'The copy contains subscriptions or prepared transactions of the source.',
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
      'Tables of the node have other rows than the source had at the position of the slot: rows are missing, or were written later. Nothing was changed.',
    cause:
      'The dump was taken without the snapshot, was not restored completely, or another session wrote to the node. Or a table was replaced, rewritten, or got other partitions after it was compared: then the same command compares all rows again.',
    cure: 'Empty the tables that the message names, and restore them from a dump that was taken with the snapshot. If there is no such dump, start over with --renew.',
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
      'To hash a value, the server converts it to text with the output function of its type. For this type that function is neither built in nor written in C, so it could be code of any role, and would run with the rights of steep. No row was read.',
    cause: 'The type was made with an output function in a procedural language.',
    cure: 'Compare the number of rows only, or leave the table out.',
    commands: ['steep init prepare NODE --from SOURCE --evidence counts'],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
