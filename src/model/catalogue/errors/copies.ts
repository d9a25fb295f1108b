// What stops an initial copy that steep makes itself, before it starts or midway.

import type { ErrorExplanation } from '../explanation.ts';

export const copyErrors = {
  RUNS_FOREIGN_CODE: {
    severity: 'error',
    title: 'Code of a role that is not trusted would run',
    meaning:
      'What is attached to a table calls a function of a role that is neither the role that steep connects as nor a superuser, so using the table would run it with the rights of steep. It was not run. If this happens during a copy, the function was attached to the table after the plan was made. Rows that were already copied are kept, as after any failure.',
    cause:
      'A trigger, a check, a default, a generated column, a domain, an index, extended statistics or a partition key of the table, or an operator class or a type that one of them uses.',
    cure: 'Run the same command again: its plan names each table and how to allow it. Commands without a plan accept it where the policy of steep.yaml does. Or drop what calls the function, or give the function to a role that you trust.',
    commands: [
      'ALTER FUNCTION SCHEMA.NAME(TYPES) OWNER TO ROLE;',
      'policy: { allow_hazards: [RUNS_FOREIGN_CODE] }',
    ],
  },
  SUBSCRIPTION_TABLES: {
    severity: 'error',
    title: 'A REFRESH added or removed other tables of a subscription than planned',
    meaning:
      'Before tables are copied again, their subscription leaves them out by ALTER SUBSCRIPTION … REFRESH PUBLICATION. PostgreSQL left out other tables as well, or took in tables without copying their rows. The run was stopped. Tables that were left out receive no changes; the rows of tables that were taken in are missing.',
    cause:
      'At the moment of the REFRESH, a publication of the subscription was dropped, created again, or changed by another session. PostgreSQL reads its list of tables without a lock.',
    cure: 'See what differs: steep plan. Empty tables that were left out, on the subscriber, and run the same command again: it puts the publications back, and copies these tables. It asks for consent to tables that were taken in, which stay on record: copy them again afterwards.',
    commands: [
      'steep plan',
      'TRUNCATE TABLE SCHEMA.TABLE;',
      'steep apply --reinit NODE/copy.SUBSCRIPTION:TABLE',
    ],
  },
  SNAPSHOT_LOST: {
    severity: 'error',
    title: 'The snapshot of an initial copy no longer exists',
    meaning:
      'The rows of an initial copy are read as they were when its slot was created. The connection that kept this snapshot open ended, so no more rows can be read from it. The slot, and every table that was copied completely, are still valid.',
    cause:
      'The walsender of the copy was ended, the source was restarted, or the network between steep and the source broke.',
    cure: 'Run the same command again: complete tables are kept, and the others are copied again.',
    commands: ['steep apply'],
  },
  COPY_SLOT_LOST: {
    severity: 'error',
    title: 'The slot of an initial copy was invalidated',
    meaning:
      'The source has removed WAL that the subscription would need after the copy, so the copy was stopped: its result would be unusable.',
    cause:
      'The copy kept more WAL than max_slot_wal_keep_size allows, the slot was idle for longer than idle_replication_slot_timeout (18), or it was dropped.',
    cure: 'Raise the limit that the message names on the source, and run the same command again.',
    commands: ['SHOW max_slot_wal_keep_size;', 'SHOW idle_replication_slot_timeout;'],
  },
  COPY_SLOT_CHANGED: {
    severity: 'error',
    title: 'The slot is not the one that the initial copy began with',
    meaning:
      'The rows that were copied are those of one position in the WAL, and the slot of the subscription is no longer at this position, or is another slot. Changes between the two would be missing, so the copy was stopped and the subscription was not created.',
    cause:
      'Another consumer has read the slot, or a session has called pg_replication_slot_advance; the slot was dropped and created again; or the connection leads to another cluster, another database or another timeline than before.',
    cure: 'Run the same command again: the plan says which copy starts over, and asks for consent before it drops a slot that may belong to another consumer. If another consumer uses the slot, give the subscription a slot of its own.',
    commands: [
      'slot: OTHER_NAME',
      'SELECT slot_name, active_pid, confirmed_flush_lsn, restart_lsn FROM pg_replication_slots;',
    ],
  },
  COPY_TABLE_REPLACED: {
    severity: 'error',
    title: 'Tables or their partitions were replaced or altered during the copy',
    meaning:
      'A slot sends changes of rows. It does not send that a partition with rows was attached, that one was detached or dropped, that one was truncated alone, that another table or column took the name of a copied one, or what ALTER TABLE wrote into rows that were there. The rows that were copied and the changes of the slot would therefore differ from the rows on the source. The subscription was not created.',
    cause:
      'ALTER TABLE … ATTACH PARTITION of a table that had rows, DETACH PARTITION, DROP TABLE or TRUNCATE of a partition, DROP TABLE and CREATE TABLE of the same name, ALTER TABLE that renames a column, drops one and adds it again, adds one with a default, alters its type, or rewrites the rows; a table, column or enum label that was renamed, also where it was renamed back; a table that was moved to another schema or SET UNLOGGED for a while; all during the copy or between two runs of it. A table that got another file by VACUUM FULL or CLUSTER counts as rewritten where a column was altered too, and a partition counts as truncated after them where its first 8 MB hold no row from before the copy.',
    cure: 'Run the same command again: the tables that the message names are emptied and copied again, the others are kept. Partitions that are created empty may be added at any time.',
    commands: ['steep apply'],
  },
  COPY_PUBLICATION_CHANGED: {
    severity: 'error',
    title: 'A publication was changed while its tables were copied',
    meaning:
      'A slot sends changes as its publications were when each change was written. A publication that was dropped and created again, or whose tables were changed, since the slot was created sends nothing for some of the changes: rows would be missing. The subscription was not created.',
    cause:
      'A session dropped, created or altered a publication of the subscription on the source during the copy.',
    cure: 'Run the same command again: the copy starts over with a new slot.',
    commands: ['steep apply', 'SELECT oid, pubname FROM pg_publication;'],
  },
  COPY_TARGET_NOT_EMPTY: {
    severity: 'error',
    title: 'An initial copy would write into tables that hold rows',
    meaning:
      'The rows of the source would be added to rows that are there, as duplicates or as conflicts. Nothing was changed.',
    cause: 'Another session wrote to the subscriber between the plan and the copy.',
    cure: 'Stop writes to the subscriber, empty the tables that the message names if their rows are not needed (ONLY keeps the rows of tables that inherit from them; a partitioned table is emptied without ONLY), and run the same command again.',
    commands: ['TRUNCATE ONLY NAME;'],
  },
  COPY_NOT_EMPTIED: {
    severity: 'error',
    title: 'A table still holds rows after its rows were deleted',
    meaning:
      'Rows of an earlier copy must be removed from a table that a foreign key references, so TRUNCATE is not possible. DELETE succeeded but left rows. A new copy would insert these rows a second time, so the DELETE was rolled back.',
    cause:
      'A rule ON DELETE or a trigger of the table keeps rows, or another session writes to the table.',
    cure: 'Disable the rule or the trigger, stop other sessions from writing to the table, and run the same command again.',
    commands: ['ALTER TABLE SCHEMA.TABLE DISABLE RULE NAME;', 'steep apply'],
  },
  SEQUENCE_OF_OTHERS: {
    severity: 'error',
    title: 'A default uses a sequence that the owner of the table may not set',
    meaning:
      'After the rows, steep sets the sequences of copied columns to their values on the source. A default can name a sequence of another role. steep sets it only where the owner of the table may do so too, or where the sequence belongs to the column. All rows were copied.',
    cause:
      'The owner of the table has no UPDATE right on the sequence, and the sequence on the source is ahead of it.',
    cure: 'Check whether the default is right. Give the owner of the table the right, or set the sequence yourself, and run the same command again: the tables that are copied are kept.',
    commands: ['GRANT UPDATE ON SEQUENCE SCHEMA.NAME TO ROLE;', 'steep apply'],
  },
  TABLE_REPLACED: {
    severity: 'error',
    title: 'The table name refers to another object now',
    meaning:
      'Before steep reads, fills or empties a table, it locks the table and checks that the name still refers to a table. Here the name refers to a view, to another object that is not a table, or to a table with another owner than before. Using it could run code of its owner, so it was not used.',
    cause:
      'The table was renamed, and another object with the same name was created, while steep ran.',
    cure: 'Find out who did that. Give the table its name back, and run the same command again.',
    commands: ['steep plan'],
  },
  COPY_BEGUN: {
    severity: 'error',
    title: 'Checkpoints of an earlier initial copy remain',
    meaning:
      'The copy checkpoints on the subscriber (steep_repl.copy_chunks) have rows of an earlier copy of this subscription. A copy with a new snapshot cannot continue one with an old snapshot, so nothing was copied.',
    cause: 'An earlier run stopped midway, and its copy was neither continued nor rolled back.',
    cure: 'Run apply again: it first continues or rolls back the earlier copy.',
    commands: ['steep apply', 'SELECT * FROM steep_repl.copy_chunks;'],
  },
  COPY_RECORD_CHANGED: {
    severity: 'error',
    title: 'A recorded statement was not written by steep',
    meaning:
      'An initial copy keeps the statements that recreate the indexes and constraints that it dropped in steep_repl.copy_postponed. A statement there does more than recreate its index or constraint, so it was not run. The copied rows are there.',
    cause: 'The table was changed by hand, or by a role that owns it.',
    cure: 'Create the index or constraint by hand, delete its row, and run the same command again. Find out who changed the table.',
    commands: ['SELECT * FROM steep_repl.copy_postponed;', 'steep apply'],
  },
  COPY_UNFIT: {
    severity: 'error',
    title: 'A table cannot be filled by an initial copy',
    meaning: 'A published table and the table on the subscriber do not match. Nothing was copied.',
    cause:
      'The table of the subscriber is missing, lacks or generates a column that is published, is unlogged or is not a table; or publications of the subscription disagree about columns.',
    cure: 'Correct the table as the message says, and run the same command again.',
    commands: ['steep schema compare'],
  },
  COPY_TRIGGERS: {
    severity: 'error',
    title: 'Triggers would fire during an initial copy',
    meaning:
      'Replication does not fire ordinary triggers and does not check foreign keys, and a copy must not do so either. The role may not switch them off, so nothing was copied.',
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
      'After the snapshot was made, a table of the source was rewritten, so its rows count as new. PostgreSQL hides new rows from older snapshots, so the copy would have missed them. Incomplete tables are not used.',
    cause:
      'ALTER TABLE changed the type of a column or something like it, or pg_repack or a similar program rewrote the table. A table without a TOAST table that was truncated and filled again looks the same, and is refused as well. After VACUUM FULL, CLUSTER, and TRUNCATE of any other table, the copy continues.',
    cure: 'If the table was rewritten by ALTER TABLE, make the same change on the subscriber. Then run the same command again while nothing rewrites the table. With --hold-tables such statements wait until the rows are read.',
    commands: ['steep apply', 'steep apply --hold-tables'],
  },
  COPY_FILE_REPLACED: {
    severity: 'error',
    title: 'The file of a table was replaced too often while it was copied',
    meaning:
      'Large tables are read in ranges of one file. VACUUM FULL, CLUSTER and TRUNCATE give a table another file: then its rows are removed from the subscriber (or from the snapshot on storage), and the table is read again. After five times the copy fails.',
    cause: 'A scheduled job rewrites or empties the table more often than it can be copied.',
    cure: 'Suspend that job until the copy has ended, and run the same command again. Or let the job wait: with --hold-tables the tables are locked until the rows are read.',
    commands: ['steep apply --hold-tables', 'steep snapshot generate --output DIR --hold-tables'],
  },
  COPY_MISCOUNTED: {
    severity: 'error',
    title: 'The numbers of copied rows and source rows differ',
    meaning:
      'The numbers of rows that the source sent and the subscriber stored differ, or the ranges of a table do not add up to the rows that the source counted at the snapshot. The rows of this part were rolled back, and the table is not complete.',
    cause:
      'A trigger that fires on replicas too, or a rule of the table, dropped rows on the subscriber. If the source counted other rows than it sent, this is a bug in steep: please report it.',
    cure: 'Check the triggers of the table that the message names, and run the same command again.',
    commands: ["SELECT tgname FROM pg_trigger WHERE tgenabled IN ('R', 'A');"],
  },
  PG_DUMP_FAILED: {
    severity: 'error',
    title: 'A pg_dump of a large table failed',
    meaning:
      'A table of at least large_table_threshold should be copied with pg_dump. pg_dump failed, was terminated, or printed something other than the rows of this table. Nothing of the table was stored; the message has the last output of pg_dump.',
    cause:
      'The role may not read the table, pg_dump is older than the server or cannot be run, its connection or its process was ended, or the table belongs to an extension, whose rows pg_dump leaves out.',
    cure: 'Correct what pg_dump reports, and run the same command again: complete tables are kept. Or let steep copy large tables like all others.',
    commands: ['pg_dump --version', 'init: { large_table_method: copy }'],
  },
  COPY_INCOMPLETE: {
    severity: 'error',
    title: 'Parts of an initial copy are missing',
    meaning:
      'The subscriber had confirmed rows that are missing at the end of the copy, so the copy is not complete.',
    cause:
      'During the copy the server of the subscriber was replaced by a standby that had not received everything, or was restored.',
    cure: 'Run the same command again: complete tables are kept, and the others are copied again.',
    commands: ['steep apply'],
  },
  COPY_CHANGED: {
    severity: 'error',
    title: 'Tables do not hold the rows that were copied into them',
    meaning:
      'Before a subscription is enabled, every table that was copied is read once: it must have as many rows as were copied, and each of them must have been stored by the copy. These tables differ, so the copy is not complete, and the subscription was not enabled.',
    cause:
      'Another session inserted, updated or deleted rows, emptied, renamed or recreated a table, attached or detached a partition, or renamed a column or dropped it and added it again, after the copy had filled it. Or a trigger that also fires for replicated rows writes to the tables.',
    cure: 'Stop other sessions from writing, and run the same command again: the tables that differ are emptied and copied again, the others are kept. A trigger that fires on replicas (ENABLE ALWAYS, ENABLE REPLICA) and writes to a copied table is such a session: disable it until the copy is done. If it changes rows on purpose, --no-check skips this check.',
    commands: ['steep apply', 'steep apply --no-check'],
  },
  SNAPSHOT_REPLACED: {
    severity: 'error',
    title: 'The snapshot is not the planned one',
    meaning:
      'Between the plan and the run, the files at this location were replaced by those of another snapshot. Nothing was loaded from them.',
    cause: 'A new snapshot was written to the same place, or another directory is mounted there.',
    cure: 'Plan again, and review the new plan. To avoid this, give each snapshot its own location.',
    commands: ['steep plan'],
  },
  SNAPSHOT_SLOT_MOVED: {
    severity: 'error',
    title: 'The slot of a snapshot was advanced',
    meaning:
      'A subscription begins at the position of its snapshot. The slot that keeps this position has moved past it, so changes would be missing. The copy of the slot was dropped.',
    cause: 'Another session read or advanced the slot between the plan and the run.',
    cure: 'Generate a new snapshot, and do not read its slot: each subscription gets a copy of it.',
    commands: ['steep snapshot generate --node SOURCE --output DIR'],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
