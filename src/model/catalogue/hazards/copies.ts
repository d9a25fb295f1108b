// Hazards of the initial copy: rows that are there already, rows that never come, and the estimate.

import type { HazardExplanation } from '../explanation.ts';

export const copyHazards = {
  COPY_INTO_NONEMPTY: {
    severity: 'danger',
    title: 'Copies into a table that has rows',
    meaning:
      'The copy inserts into a table that already has rows. With a primary key it fails on duplicate keys and starts again and again, while its slot keeps WAL on the publisher; without a primary key the rows are duplicated.',
    cause:
      'The table on the subscriber is not empty, or another subscription fills it too, and the plan copies it.',
    cure: 'Empty the table first, with --force as a step of the plan, or by hand (ONLY keeps the rows of tables that inherit from it; a partitioned table is emptied without ONLY); or skip the copy if both sides are known to hold the same rows. Where two subscriptions fill one table, let PostgreSQL copy for both (copy: native). It is a block where steep itself copies, and in a pair, where rows of the second node would never reach the first.',
    commands: ['steep plan --force', 'TRUNCATE ONLY SCHEMA.TABLE;', 'init: { method: none }'],
  },
  RUNS_FOREIGN_CODE: {
    severity: 'danger',
    title: 'Code of a role that is not trusted would run',
    meaning:
      'Filling a table runs code that belongs to it: triggers that are ENABLE ALWAYS or REPLICA, checks, defaults of columns that get no value, generated columns, domains, functions of index expressions, of operator classes and of partition keys. Planning a query on a table can run functions of its index expressions and extended statistics. Altering a table checks and converts its rows: checks, generated columns, domains, indexes and casts. All of it runs with the rights of the role that connects, and a function can use those rights for whatever its owner wants; SET ROLE does not prevent that. steep trusts its own role on the node, and superusers. The message names each function of another role, its owner and what calls it; and each built-in function, or function of an extension, that can act with the rights of its caller (run SQL, read files, end sessions), if a role that is not trusted wrote the expression. On a node: statements of the plan that create, alter or drop something fire event triggers, which run such functions; an event trigger on login (17 and later) runs whenever steep connects, before anything can be examined. As a warning on a subscription: PostgreSQL itself would run the code with the rights of the owner of the subscription.',
    cause:
      'The plan copies, loads, empties or alters a table, or reads it on the source, and what is attached to the table calls a function that another role owns, or a built-in function that does more than compute. Whoever owns a function can replace its body at any time.',
    cure: 'For a copy, from PostgreSQL 16 on, let PostgreSQL copy the table: its table synchronization runs such code with the rights of the owner of the table, unless the subscription has run_as_owner. Or drop what calls the function, or give the function to a trusted role. Allow the hazard for this address if you trust the owner with all that steep may do there: the run then accepts the functions that the plan names, and no others.',
    commands: [
      'init: { method: snapshot, copy: native }',
      'ALTER FUNCTION SCHEMA.NAME(TYPES) OWNER TO ROLE;',
      'ALTER EVENT TRIGGER NAME DISABLE;',
      'steep apply --allow-hazard RUNS_FOREIGN_CODE=NODE/copy.SUBSCRIPTION:SCHEMA.TABLE',
    ],
    versions:
      'Before PostgreSQL 16, and with run_as_owner, table synchronization and apply run such code with the rights of the owner of the subscription.',
  },
  NATIVE_COPY_UNCHECKED: {
    severity: 'notice',
    title: 'What PostgreSQL copies is not checked',
    meaning:
      'The initial copy of the subscription is made by PostgreSQL, and an earlier run was interrupted. Tables that are ready are taken as they are. A copy by steep records which transactions stored its rows, and proves that they are still there; PostgreSQL records nothing of the kind. Nor does it record which partitions a table had when it was copied: rows of those that are attached or detached until the copy is done may be missing, or too many.',
    cause:
      'PostgreSQL copies, and a run continues an initial copy of which some tables are ready, or a table has partitions.',
    cure: 'Keep applications away from the tables of the subscriber, and attach and detach no partitions. If another session has done so, copy the table again when the copy is done.',
    commands: ['steep apply --reinit NODE/copy.SUBSCRIPTION:SCHEMA.TABLE'],
  },
  INIT_MANUAL: {
    severity: 'notice',
    title: 'The initial copy is done by hand',
    meaning:
      'The subscription has init: manual. `steep init prepare` creates its slot; you take a backup and restore it on the subscriber; `steep init complete` checks that no row is missing, and creates the subscription. Until then nothing of the subscription is planned. As a block: the subscription would have to be created again, and its rows were not restored.',
    cause: 'init.method is manual, and the subscription does not exist yet.',
    cure: 'Run the command that the plan names. Or let steep copy the rows: init: { method: snapshot }.',
    commands: ['steep init prepare NODE --from SOURCE', 'steep init complete NODE --from SOURCE'],
  },
  SNAPSHOT_UNUSABLE: {
    severity: 'block',
    title: 'A snapshot on storage cannot fill this subscription',
    meaning:
      'A snapshot has the rows of the source at one position, and its slot has every change after that position. If one of the two does not match the subscription, rows would be missing or wrong. The message names every reason.',
    cause:
      'Its files cannot be read, or are of another cluster, timeline, database or encoding. Its slot is gone, lost, or was read. Publications or tables were changed after it was made. Or the subscriber cannot store copy checkpoints for it.',
    cure: 'Do what the message says. In most cases: generate a new snapshot of the publications as they are now.',
    commands: ['steep snapshot generate --node SOURCE --output DIR', 'init: { method: snapshot }'],
  },
  INIT_BY_HAND: {
    severity: 'warning',
    title: 'A table is too large for steep to copy: its rows are copied by hand',
    meaning:
      'The subscription has large_table_method: basebackup, and a table of it is large. steep copies none of its tables: you take a physical backup of the source, from which the subscriber starts. As with init: manual, nothing of the subscription is planned until `steep init complete` has proven that no row is missing.',
    cause:
      'The tables that the message names reach large_table_threshold on the source, and the subscription does not exist yet.',
    cure: 'Run the commands that the message lists, in their order. Or let steep copy large tables like all others, or with pg_dump.',
    commands: [
      'steep init prepare NODE --from SOURCE --no-hold',
      'steep init complete NODE --from SOURCE',
      'init: { large_table_method: copy }',
    ],
  },
  PG_DUMP_MISSING: {
    severity: 'block',
    title: 'pg_dump is not installed on this machine',
    meaning:
      'Large tables of an initial copy should be read with pg_dump, which must be installed on the machine that runs steep. Nothing was changed.',
    cause:
      'init.large_table_method is pg_dump, a table reaches large_table_threshold, and pg_dump is not in PATH, or the program that STEEP_PG_DUMP names cannot be run.',
    cure: 'Install the client programs of PostgreSQL, of the major version of the source or newer; or set STEEP_PG_DUMP to the program. Or copy large tables like all others.',
    commands: [
      'STEEP_PG_DUMP=/usr/lib/postgresql/18/bin/pg_dump steep plan',
      'init: { large_table_method: copy }',
    ],
  },
  PG_DUMP_TOO_OLD: {
    severity: 'block',
    title: 'This pg_dump is older than the server',
    meaning:
      'pg_dump refuses servers of a newer major version than its own, so the copy would fail midway. Nothing was changed.',
    cause:
      'init.large_table_method is pg_dump, a table reaches large_table_threshold, and pg_dump on this machine has an older major version than the source.',
    cure: 'Install the client programs of a version that is not older than the source; if there are several, set STEEP_PG_DUMP to the one to use.',
    commands: [
      'pg_dump --version',
      'STEEP_PG_DUMP=/usr/lib/postgresql/18/bin/pg_dump steep plan',
      'init: { large_table_method: copy }',
    ],
  },
  PG_DUMP_NOT_USED: {
    severity: 'notice',
    title: 'A large table is copied without pg_dump',
    meaning:
      'pg_dump copies whole tables: it supports neither row filters nor column lists, and leaves generated columns out. steep copies such tables like all others, in chunks.',
    cause:
      'init.large_table_method is pg_dump, and a table that reaches large_table_threshold has a row filter or a column list, publishes generated columns, or has no columns; or a database uses SQL_ASCII.',
    cure: 'Nothing needs to be done.',
  },
  COPY_SKIPPED_GAP: {
    severity: 'danger',
    title: 'Subscribes without a copy',
    meaning:
      'Replication starts at the position of the slot. Rows that were written before it, and that the subscriber does not hold, never arrive.',
    cause:
      'The plan subscribes with copy_data = false, and nothing proves that the rows on the subscriber are those of the position of the slot.',
    cure: 'Let steep copy the tables, or restore the subscriber from a backup that belongs to the slot. Allow the hazard for this address if nothing was written in between.',
    commands: ['init: { method: snapshot }'],
  },
  TARGET_TRUNCATE: {
    severity: 'danger',
    title: 'Empties a table on the subscriber',
    meaning:
      'All rows of the table are removed before the copy. If other tables reference it by foreign keys, the step may fail, or these tables must be emptied too.',
    cause:
      'An initial copy, or a repeated one, starts with an empty table; or an interrupted copy is rolled back in a table that another subscription also fills.',
    cure: 'Save rows that exist only on this node. Allow the hazard for this address if the publisher has all rows that matter.',
  },
  TARGET_REFERENCED: {
    severity: 'block',
    title: 'Foreign keys reference a table that would be emptied',
    meaning:
      'PostgreSQL refuses to TRUNCATE a table that another table references by a foreign key, unless the other table is emptied in the same statement. steep never uses CASCADE. Tables that inherit from the table keep their rows.',
    cause:
      'The plan empties a table on the subscriber, but not the tables that the message names, which hold rows, or which steep may not read. Empty ones are no reason: the statement names them too.',
    cure: 'Copy these tables again too, if the subscription sends them. Otherwise drop the foreign key on the subscriber, and create it again when the copy is done: replicated rows are not checked by it anyway.',
    commands: [
      'steep plan --reinit NODE/copy.SUBSCRIPTION:SCHEMA.TABLE --reinit NODE/copy.SUBSCRIPTION:SCHEMA.OTHER',
      'ALTER TABLE SCHEMA.OTHER DROP CONSTRAINT NAME;',
    ],
  },
  TARGET_SENT_ON: {
    severity: 'block',
    title: 'A table that would be emptied is also published',
    meaning:
      'TRUNCATE is replicated, and so are the rows that the copy inserts. The subscribers of this node would lose their rows and receive them again. In a pair, the node that the rows come from would be emptied.',
    cause:
      'The plan empties a table on a node that publishes it itself, and that has a replication slot.',
    cure: 'Take the table out of that publication, initialize it again, and put it back: its subscribers then copy it too.',
  },
  REINIT_BLOCKED: {
    severity: 'block',
    title: 'Tables cannot be re-initialized now',
    meaning:
      'To copy a table again, steep removes it from its subscription and adds it back while the other tables continue. That is safe only if nothing else changes at the same time.',
    cause:
      'steep.yaml also changes the subscription or one of its publications, has init: none, or disables the subscription; or other tables of the subscription are already being copied again; or changes of all its tables are lost (INIT_DIVERGED, PUBLISHER_SET_BACK), so that the others would still lack them. Once such a copy has begun, what other sessions change in a publication is put back by the plan, but a publication that they have dropped must be created by hand.',
    cure: 'Apply without --reinit until there are no changes, then use --reinit again. Where changes of all tables are lost, copy the whole subscription again.',
    commands: [
      'steep apply',
      'steep init reset NODE --tables SCHEMA.TABLE',
      'steep apply --reinit NODE/subscription.NAME',
    ],
  },
  REINIT_UNDER_WAY: {
    severity: 'notice',
    title: 'The copy is already running',
    meaning:
      'The initial copy of the subscription is still running. Re-initializing it would throw away the rows that are already copied, so the copy continues instead.',
    cause:
      '--reinit names the whole subscription, and its state is preparing, copying, catching_up or reinitializing.',
    cure: 'Wait until it ends. To start over, cancel it first.',
    commands: ['steep init cancel NODE', 'steep init reset NODE --full'],
  },
  COPY_CANCELLED: {
    severity: 'warning',
    title: 'An initial copy is cancelled',
    meaning:
      'The subscription and its slot are dropped, and its state is uninitialized again. Rows that steep copied are removed again; rows that PostgreSQL copied stay, because they cannot be distinguished from rows that existed before. Of an initialization by hand, the prepared slot is dropped: a backup that was made for it is of no use then. Of a merge, no row was written on either node.',
    cause: 'steep init cancel was run for this copy, or steep merge cancel for this pair.',
    cure: 'Nothing needs to be done. The next apply starts the copy over.',
    commands: ['steep init auto NODE'],
  },
  COPY_UNFINISHED: {
    severity: 'block',
    title: 'A copy was begun, and steep.yaml does not continue it',
    meaning:
      'An initial copy by steep was interrupted. Its tables may hold a part of the rows, and lack indexes, keys and constraints that steep makes after the rows. A subscription that was created beside it would leave them so.',
    cause:
      'A run ended before the copy was done, and init of the subscription was changed afterwards (copy: native, method: none or manual), or its tables are published on the subscriber now, or it is disabled. Or the subscription is no longer in steep.yaml: a block where another one takes its tables, as under a new name, otherwise a warning.',
    cure: 'Remove what the copy has left, its rows included, with steep init cancel, and apply again. Or write the subscription as it was: apply continues the copy.',
    commands: ['steep init cancel NODE', 'steep apply'],
  },
  CANCEL_BLOCKED: {
    severity: 'block',
    title: 'A re-initialization or a merge cannot be cancelled',
    meaning:
      'Tables that are copied again are emptied first. If the copy were cancelled, they would stay empty or incomplete while the other tables continue. A merge whose first node has committed is not rolled back: applications may have used its rows since.',
    cause:
      'steep init cancel names a subscription of which single tables are being copied again, or steep merge cancel a pair of which a node has the merged rows.',
    cure: 'Wait until the copy has ended; finish the merge.',
    commands: ['steep apply', 'steep merge start PAIR'],
  },
  COPY_NATIVE: {
    severity: 'notice',
    title: 'PostgreSQL copies the tables, not steep',
    meaning:
      'The tables are copied by the table synchronization of PostgreSQL. The result is the same, but each table is copied in one stream and with all indexes in place, which takes longer.',
    cause:
      'steep can copy only with a slot that the same run creates, and with its copy checkpoints in the database of the tables. Here the slot already exists, or metadata_database puts steep_repl into another database.',
    cure: 'Nothing needs to be done. If it is intended, set it in steep.yaml.',
    commands: ['init: { copy: native }'],
  },
  COPY_RESTARTS_TABLE: {
    severity: 'notice',
    title: 'The copy of a large table may start again',
    meaning:
      'steep reads tables of more than 128 MB in ranges of their file, each in a transaction of its own, so that it holds no table for hours. VACUUM FULL, CLUSTER and TRUNCATE give a table another file, for which these ranges are not valid. Then the rows of this table that were copied so far are removed from the subscriber, and the table is copied again, at most five times. No row is lost or copied twice. pg_repack writes rows that the snapshot of the copy cannot see, so it ends the copy.',
    cause:
      'The plan copies a table of more than 128 MB, and does not hold its tables (init.hold_tables).',
    cure: 'Suspend jobs that rewrite tables until the copy has ended. Or lock the tables with init.hold_tables, so that such statements wait until the rows are read.',
    commands: ['steep explain COPY_REWRITTEN', 'init: { hold_tables: true }'],
  },
  HOLDS_TABLES: {
    severity: 'warning',
    title: 'The copy locks its tables until the last row is read',
    meaning:
      'Every session that reads rows locks all tables of the copy in ACCESS SHARE mode before it reads the first row, as pg_dump does, and keeps these locks until the last row of all tables is read. Reads and writes of the tables continue. A statement that needs an ACCESS EXCLUSIVE lock (ALTER TABLE, VACUUM FULL, CLUSTER, TRUNCATE, DROP TABLE, pg_repack) waits until then; REINDEX and DROP INDEX may wait too. While it waits, every later statement on the same table waits behind it, SELECT and INSERT too. In return, no table can be rewritten during the copy, so no table must be copied twice.',
    cause: 'init.hold_tables is true, or --hold-tables was given.',
    cure: 'Do not run such statements on the tables until the copy has ended, or run them with a lock_timeout, so that they give up before others wait for long. If a statement must not wait, end the copy with Ctrl-C: its locks end with it, and the same command starts the copy over later. Or copy without these locks.',
    commands: [
      "SET lock_timeout = '2s';",
      'SELECT pid, query FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0;',
      'init: { hold_tables: false }',
      'steep apply --no-hold-tables',
    ],
  },
  RESYNC_COPY: {
    severity: 'warning',
    title: 'Tables are copied',
    meaning:
      'The rows shown are read on the publisher and written on the subscriber. The slot keeps WAL on the publisher until the copy is done. The time is an estimate: the size by policy.copy_rate, or by the rate of the latest copies into that subscriber which steep measured; the WAL is what the publisher writes in that time, at its average rate.',
    cause: 'A subscription is new, or reads additional tables.',
    cure: 'Check the size and the time that the plan shows. Above policy.copy_confirm_above the hazard is a danger, to be allowed for this address. Where the time is unknown, policy.copy_rate says how many bytes a copy moves in a second.',
    commands: ['policy: { copy_confirm_above: 100GB, copy_rate: 100MB }'],
  },
} satisfies Readonly<Record<string, HazardExplanation>>;
