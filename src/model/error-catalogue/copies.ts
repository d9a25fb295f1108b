// What stops a first copy that steep makes itself, before it starts or midway.

import type { ErrorExplanation } from '../explanation.ts';

export const copyErrors = {
  SNAPSHOT_LOST: {
    severity: 'error',
    title: 'The snapshot of a first copy is gone',
    meaning:
      'The rows of a first copy are read as they were when its slot was made. The connection that kept this view open ended, so no more rows can be read at that point. The slot, and every table that was copied wholly, are still good.',
    cause:
      'The walsender of the copy was ended, the source was restarted, or the network between steep and the source broke.',
    cure: 'Run the same command again: tables that are complete are kept, and the rest is copied anew.',
    commands: ['steep apply'],
  },
  COPY_SLOT_LOST: {
    severity: 'error',
    title: 'The slot of a first copy was invalidated',
    meaning:
      'The source has removed WAL that the subscription would need after the copy, so the copy was stopped rather than finished in vain.',
    cause:
      'The copy kept more WAL than max_slot_wal_keep_size allows, the slot was idle for longer than idle_replication_slot_timeout (18), or somebody dropped it.',
    cure: 'Raise the limit that the message names on the source, and run the same command again.',
    commands: ['SHOW max_slot_wal_keep_size;', 'SHOW idle_replication_slot_timeout;'],
  },
  COPY_TARGET_NOT_EMPTY: {
    severity: 'error',
    title: 'A first copy would go into tables that hold rows',
    meaning:
      'The rows of the source would be added to rows that are there, as duplicates or as conflicts. Nothing was changed.',
    cause: 'Somebody wrote to the subscriber between the plan and the copy.',
    cure: 'Keep writers away from the subscriber, empty the tables that the message names if their rows are not needed, and run the same command again.',
    commands: ['TRUNCATE NAME;'],
  },
  COPY_BEGUN: {
    severity: 'error',
    title: 'A first copy of the subscription was begun before',
    meaning:
      'The ledger of the subscriber has rows of an earlier copy of this subscription. A new snapshot cannot go on with an old one, so nothing was copied.',
    cause: 'An earlier run stopped midway, and what it left was not settled.',
    cure: 'Run apply again: it settles the earlier copy first.',
    commands: ['steep apply', 'SELECT * FROM steep_repl.copy_chunks;'],
  },
  COPY_UNFIT: {
    severity: 'error',
    title: 'A table cannot take a first copy',
    meaning: 'A published table and its counterpart do not fit together. Nothing was copied.',
    cause:
      'The table of the subscriber is missing, lacks or generates a column that is published, is unlogged or is not a table; or publications of the subscription disagree about columns.',
    cure: 'Put the table right as the message says, and run the same command again.',
    commands: ['steep schema compare'],
  },
  COPY_TRIGGERS: {
    severity: 'error',
    title: 'Triggers would fire on the rows of a first copy',
    meaning:
      'Replication does not fire ordinary triggers and does not check foreign keys, and a copy must not either. The role may not switch them off, so nothing was copied.',
    cause:
      'session_replication_role may be set by superusers, and from 15 by roles that were granted it.',
    cure: 'Grant the right, or disable the triggers and drop the foreign keys that the message names until the copy is done.',
    commands: ['GRANT SET ON PARAMETER session_replication_role TO ROLE_NAME;'],
    versions: 'On 14 there is no such grant: connect as a superuser, or disable the triggers.',
  },
  COPY_REWRITTEN: {
    severity: 'error',
    title: 'A table was rewritten while it was copied',
    meaning:
      'ALTER TABLE wrote the table of the source anew. PostgreSQL hides the rows of such a table from older snapshots, so the copy would have missed them. What was not complete is not used.',
    cause: 'Somebody changed the type of a column, or something like it, during the copy.',
    cure: 'Make the same change on the subscriber if it needs it, and run the same command again.',
    commands: ['steep apply'],
  },
  COPY_MISCOUNTED: {
    severity: 'error',
    title: 'A first copy stored other rows than were sent',
    meaning:
      'The numbers of rows that the source sent and the subscriber stored differ. The rows of this part were rolled back.',
    cause:
      'A trigger that fires on replicas too, or a rule of the table, left rows out on the subscriber.',
    cure: 'Look at the triggers of the table that the message names, and run the same command again.',
    commands: ["SELECT tgname FROM pg_trigger WHERE tgenabled IN ('R', 'A');"],
  },
  PG_DUMP_FAILED: {
    severity: 'error',
    title: 'A pg_dump of a large table failed',
    meaning:
      'A table of large_table_threshold or more was to come by pg_dump, which failed, was ended, or printed something else than the rows of this table. Nothing of the table was stored; the message has the last words of pg_dump.',
    cause:
      'The role may not read the table, pg_dump is older than the server or cannot be run, its connection or its process was ended, or the table belongs to an extension, whose rows pg_dump leaves out.',
    cure: 'Put right what pg_dump says, and run the same command again: tables that are complete are kept. Or let steep copy large tables as all others.',
    commands: ['pg_dump --version', 'init: { large_table_method: copy }'],
  },
  COPY_INCOMPLETE: {
    severity: 'error',
    title: 'Parts of a first copy are gone',
    meaning:
      'The subscriber had confirmed rows that are not there at the end of the copy, so the copy is not taken for complete.',
    cause:
      'During the copy the server of the subscriber was replaced by a standby that had not received everything, or was restored.',
    cure: 'Run the same command again: tables that are complete are kept, and the rest is copied anew.',
    commands: ['steep apply'],
  },
  SNAPSHOT_REPLACED: {
    severity: 'error',
    title: 'Another snapshot is there than was planned',
    meaning:
      'Between the plan and the run, the files at this location were replaced by those of another snapshot. Nothing was loaded from them.',
    cause: 'A new snapshot was written to the same place, or another folder is mounted there.',
    cure: 'Plan again, and look at it. A location of its own for each snapshot avoids this.',
    commands: ['steep plan'],
  },
  SNAPSHOT_SLOT_MOVED: {
    severity: 'error',
    title: 'The slot of a snapshot was read meanwhile',
    meaning:
      'A subscription begins at the position of its snapshot. The slot that keeps it stands elsewhere by now, so that changes would be missing; the copy of it was dropped.',
    cause: 'Somebody read or advanced the slot between the plan and the run.',
    cure: 'Make a new snapshot, and leave its slot alone: each subscription gets a copy of it.',
    commands: ['steep snapshot generate --node SOURCE --output DIR'],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
