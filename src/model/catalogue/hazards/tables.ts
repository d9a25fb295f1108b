// Hazards of tables that let replication or a copy change, hide or leave out rows without an error.

import type { HazardExplanation } from '../explanation.ts';

export const tableHazards = {
  BINARY_OIDS: {
    severity: 'danger',
    title: 'Binary transfer sends OIDs of the publisher',
    meaning:
      'With binary: true, values of regclass, regtype, regproc and the like are sent as the OID of the object on the publisher, also inside arrays, composite types and domains. The subscriber stores the number: it names another object there, or none. There is no error. Only objects that are built in have the same OID everywhere.',
    cause: 'The subscription has the option binary, and a published column has such a type.',
    cure: 'Set binary to false on the subscription: the values are then sent as names. Where rows were replicated before, copy the tables again.',
    commands: ['options: { binary: false }', 'steep apply --reinit NODE/subscription.NAME'],
    versions: 'From PostgreSQL 16 the copy of a table by PostgreSQL is binary too.',
  },
  REPLICA_TRIGGERS: {
    severity: 'danger',
    title: 'Triggers of the subscriber fire for replicated rows',
    meaning:
      'Triggers that are ENABLE ALWAYS or ENABLE REPLICA fire in the workers of subscriptions and in copies by steep. One that is called before each row can change the row, or leave it out by returning NULL: the nodes then hold different rows, without an error. For other triggers it is a warning: they can only write something in addition.',
    cause: 'A table that the subscription fills, or a partition of it, has such a trigger.',
    cure: 'ENABLE TRIGGER lets it fire for sessions of applications only. If it changes nothing that is replicated, allow the hazard.',
    commands: [
      'ALTER TABLE SCHEMA.TABLE ENABLE TRIGGER NAME;',
      "SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE tgenabled IN ('A', 'R');",
    ],
  },
  ROWS_NOT_FOUND: {
    severity: 'danger',
    title: 'A column that is not sent is compared',
    meaning:
      'With REPLICA IDENTITY FULL on the publisher, and no primary key on the subscriber, apply finds the row of an UPDATE or DELETE by comparing whole rows. A column that only the subscriber has, or that is not published, is compared with NULL. A row that has a value there is never found: the UPDATE or DELETE is skipped without an error, and the nodes hold different rows.',
    cause:
      'A table of the subscriber without a primary key has a column that is not sent, for example one with a default.',
    cure: 'Remove the column on the subscriber; or add a primary key of columns that are sent, on both nodes. If the column is NULL in every row, allow the hazard.',
    commands: [
      'ALTER TABLE SCHEMA.TABLE ADD PRIMARY KEY (COLUMN);',
      'steep verify NODE/subscription.NAME',
    ],
    versions:
      'PostgreSQL 18 counts such changes (update_missing and delete_missing); status reports them then.',
  },
  LARGE_OBJECTS_UNSENT: {
    severity: 'warning',
    title: 'Large objects are not replicated',
    meaning:
      'A column of type oid, or lo, may hold the OID of a large object. Logical replication and COPY send the number. The large object is in pg_largeobject, which cannot be published: on the subscriber the number leads to nothing, or to another large object.',
    cause: 'The publisher has large objects, and a table that is sent has such a column.',
    cure: 'Store the contents in a bytea column, or bring the large objects in another way. If the column holds other OIDs, nothing is to be done.',
    commands: ['SELECT count(*) FROM pg_largeobject_metadata;'],
  },
  TABLE_SENT_TWICE: {
    severity: 'danger',
    title: 'Two subscriptions bring the same rows',
    meaning:
      'Two enabled subscriptions of one database get new rows of a table from the same publisher. PostgreSQL does not prevent it. A table without a key has each new row twice, without an error; with a key, apply of one of the two subscriptions fails repeatedly. Two different row filters are not reported, since they may share no row.',
    cause:
      'A second subscription was created, for example in psql with copy_data = false, or a table was added to a second publication.',
    cure: 'Disable or drop one of the two, or take the table out of the publications of one of them. Then compare the rows.',
    commands: [
      'SELECT s.subname, r.srrelid::regclass FROM pg_subscription_rel r JOIN pg_subscription s ON s.oid = r.srsubid;',
      'steep verify NODE/subscription.NAME',
    ],
  },
  CHILDREN_UNSENT: {
    severity: 'danger',
    title: 'Tables that inherit from a published one are not published',
    meaning:
      'A query of a table includes the rows of tables that inherit from it. A table that inherits from a published one only since the publication was created is not published with it: its rows never arrive, without an error.',
    cause:
      'CREATE TABLE … INHERITS or ALTER TABLE … INHERIT on the publisher, after the table was published.',
    cure: 'Create the table on the subscriber, and list it in steep.yaml beside the one that it inherits from.',
    commands: ['SELECT inhrelid::regclass, inhparent::regclass FROM pg_inherits;', 'steep plan'],
  },
  SEARCH_PATH_NEEDED: {
    severity: 'danger',
    title: 'A function of a table fails in workers',
    meaning:
      'Workers of subscriptions run with an empty search_path, so that they find nothing in schemas that others may write to. A function of an index, a check, a generated column, a partition key or a trigger that names a table, a type or another function without its schema works for applications and fails there: the first row that needs it stops apply. From PostgreSQL 17 such a function fails as well where an index is built or a table is analyzed.',
    cause:
      'The body of the function names something without its schema, and the function has no search_path of its own.',
    cure: 'Set the search_path of the function, or write the names with their schemas. The body is read as text: if what it names is never reached for rows that are replicated, allow the hazard.',
    commands: ['ALTER FUNCTION SCHEMA.NAME(TYPES) SET search_path = SCHEMA, pg_temp;'],
  },
  DEFERRABLE_KEY: {
    severity: 'block',
    title: 'Updates and deletes cannot find rows by a deferrable primary key',
    meaning:
      'To apply an UPDATE or DELETE, the worker looks for the row by a unique index that is checked at once. The index of a deferrable primary key is not.',
    cause:
      'The primary key of a table of the subscriber is DEFERRABLE, and the publication sends UPDATE or DELETE.',
    cure: 'Replace it by a key that is not deferrable, on the subscriber. Or add a unique index that is not deferrable, and make it the replica identity of the table there.',
    commands: ['ALTER TABLE SCHEMA.TABLE REPLICA IDENTITY USING INDEX NAME;'],
    versions:
      'On PostgreSQL 18 such changes are skipped without an error. On earlier versions the first one stops apply.',
  },
  CHILDREN_PUBLISHED: {
    severity: 'block',
    title: 'Inheriting tables are published with their parent',
    meaning:
      'FOR TABLE of a table with children by INHERITS publishes the children too, each under its own name. The subscriber needs them as tables, and their rows must be copied as well.',
    cause: 'A publication of steep.yaml lists the parent, and not all of its children.',
    cure: 'List the children beside the parent.',
    commands: ['tables: [SCHEMA.PARENT, SCHEMA.CHILD]'],
  },
  FOREIGN_PARTITION: {
    severity: 'block',
    title: 'A foreign partition is published with its root',
    meaning:
      'The rows of a foreign table are on another server, and their changes are not in WAL of the publisher, so they are never sent. PostgreSQL refuses to publish such a table by itself, but not a partitioned table that has one as a partition: its rows are copied once, and differ from then on without an error.',
    cause: 'A partition of a published table of the publisher is a foreign table.',
    cure: 'Publish the other partitions by their names instead of the partitioned table. Replicate the rows of the foreign table from the server that holds them.',
  },
  UNLOGGED_PARTITION: {
    severity: 'block',
    title: 'An unlogged partition is published with its root',
    meaning:
      'Changes of an unlogged table are not in WAL, so they are never sent. PostgreSQL refuses to publish such a table by itself, but not a partitioned table that has one as a partition: its rows are copied once, and differ from then on without an error.',
    cause: 'A partition of a published table of the publisher is UNLOGGED.',
    cure: 'Make the partition a logged one, which writes all of it once more. Or publish the other partitions by their names instead of the partitioned table.',
    commands: ['ALTER TABLE SCHEMA.PARTITION SET LOGGED;'],
  },
  ROW_SECURITY: {
    severity: 'block',
    title: 'Row security hides rows from the copy, or refuses replicated rows',
    meaning:
      'On the publisher: the copy of a table by PostgreSQL reads the publisher as the role of the connection. Policies of the table apply to it unless it is a superuser, has BYPASSRLS, or owns the table without FORCE ROW LEVEL SECURITY: what they hide is not copied, without an error. Changes are replicated all the same. On the subscriber (from PostgreSQL 15): the apply worker stores rows as the owner of the table (from 16, without run_as_owner) or of the subscription, and fails at every row of a table whose policies apply to that role.',
    cause:
      'A table that PostgreSQL is to copy has row security enabled. Or a table of the subscriber has it, with FORCE where the owner of the table stores the rows.',
    cure: 'Give the role BYPASSRLS, or the table of the subscriber NO FORCE ROW LEVEL SECURITY. A copy by steep reads with its own role, and fails instead of leaving out rows.',
    commands: ['ALTER ROLE NAME BYPASSRLS;', 'ALTER TABLE NAME NO FORCE ROW LEVEL SECURITY;'],
  },
  CASCADE_NOT_FIRED: {
    severity: 'warning',
    title: 'ON DELETE and ON UPDATE of foreign keys do nothing for replicated rows',
    meaning:
      'Apply workers fire no foreign keys. A row that is deleted by replication, or whose key is changed by it, leaves the rows that refer to it as they are, whatever ON DELETE and ON UPDATE say, and without an error.',
    cause:
      'A table of the subscriber refers to a replicated table with CASCADE, SET NULL or SET DEFAULT, and the subscription does not send the referring table with its updates and deletes, or the publisher has no such foreign key.',
    cure: 'Replicate the referring table too, with the same foreign key on the publisher, which then sends what it changes. Otherwise delete such rows on the subscriber yourself.',
  },
  REFERENCED_NOT_SENT: {
    severity: 'warning',
    title: 'A foreign key leads to a table that no subscription fills',
    meaning:
      'Apply and initial copies do not check foreign keys. The subscriber has one from a table that it receives to a table that no subscription of steep.yaml fills: its rows may refer to rows that are not there. PostgreSQL still shows the foreign key as valid, and restoring a dump of the subscriber fails at it.',
    cause: 'The publication sends the referring table, and not the referenced one.',
    cure: 'Publish the referenced table as well, or drop the foreign key on the subscriber.',
    commands: ['ALTER TABLE SCHEMA.TABLE DROP CONSTRAINT NAME;'],
  },
  TRUNCATE_BLOCKED: {
    severity: 'warning',
    title: 'A foreign key of the subscriber would refuse a TRUNCATE',
    meaning:
      'Apply carries out a TRUNCATE without CASCADE. Where a table that it does not empty refers to the table by a foreign key, it fails and is tried again indefinitely.',
    cause:
      'The publication sends truncate, and on the subscriber a table refers to the published one that is not sent, or by a foreign key that the publisher does not have.',
    cure: 'Leave truncate out of publish, or drop the foreign key on the subscriber, or replicate the referring table as well.',
  },
  TABLE_REPLACED: {
    severity: 'danger',
    title: 'The table on the publisher is another one than was copied',
    meaning:
      'The publisher has a table of the same name with another OID. What it held before it got its place was never sent, and rows of the former table are still on the subscriber, which counts the table as copied.',
    cause:
      'The table was dropped and created again, or another one was renamed or moved to its place, while the publication sends all tables of its schema or database.',
    cure: 'Copy the table again with --reinit: it is emptied on the subscriber, and filled with what the publisher has.',
    commands: ['steep apply --reinit NODE/copy.SUBSCRIPTION:SCHEMA.TABLE'],
  },
  PUBLICATION_REPLACED: {
    severity: 'danger',
    title: 'A copied table was not published for a while',
    meaning:
      'By the OIDs of the publisher, the publication that sends the table, or its entry for the table, is another one than at the last apply. Changes written while there was none were not sent, and the subscription counts the table as copied. Or its settings (publish and others) were altered, or the table or a partition of it is or was UNLOGGED, so that some changes were not sent. Or the subscription took the table in without its rows.',
    cause:
      'Another session dropped the publication and created it again, or took the table out of it and put it back, or moved the table out of a published schema and back, or altered the publication with SET, or the table with SET UNLOGGED, and it is not known that nothing was written in between. Or a REFRESH with copy_data = false took the table in: by hand, or one of steep that leaves out other tables at the moment at which this one was published. What steep itself changes in one transaction does not count.',
    cure: 'Copy the table again with --reinit: it is emptied on the subscriber, and filled with what the publisher has.',
    commands: ['steep apply --reinit NODE/copy.SUBSCRIPTION:SCHEMA.TABLE'],
    versions:
      'A publication that was dropped counts on 18 only: before, the changes of that time cannot be decoded, and apply fails.',
  },
  PARTITION_ATTACHED: {
    severity: 'danger',
    title: 'A partition was attached with rows that were never sent',
    meaning:
      'With publish_via_partition_root, changes of partitions are sent as those of the partitioned table. Rows that a table held before ATTACH PARTITION are not sent as changes: the subscriber does not have them, and later UPDATEs of them are ignored there. The same holds for what is written to a partition while it is detached.',
    cause:
      'A table with rows became a partition of a table that was copied before; or a partition was detached and attached again.',
    cure: 'Copy the partitioned table again with --reinit: it is emptied on the subscriber, and filled with what the publisher has.',
    commands: ['steep apply --reinit NODE/copy.SUBSCRIPTION:SCHEMA.TABLE'],
  },
  POSITION_MOVED: {
    severity: 'danger',
    title: 'The position of a subscription was moved by hand',
    meaning:
      'While a subscription is disabled, its slot and its replication origin stay where they are. One of them is further than steep noted, and nothing was read in between: what lies between the two positions is never sent, without an error. Or the subscription reads another slot than steep gave it, which begins at a position of its own.',
    cause:
      'pg_replication_slot_advance on the publisher, or pg_replication_origin_advance on the subscriber, after the last apply; that is not known of a subscription that was enabled since. Or ALTER SUBSCRIPTION … SET (slot_name = …).',
    cure: 'Copy the tables of the subscription again with --reinit, which also gives it a new slot.',
    commands: ['steep apply --reinit NODE/subscription.NAME'],
  },
  SKIP_PENDING: {
    severity: 'danger',
    title: 'A transaction is to be skipped',
    meaning:
      'ALTER SUBSCRIPTION ... SKIP names the end of a transaction. When it arrives, none of its changes are applied on the subscriber, and afterwards only the log of the subscriber mentions it.',
    cause:
      'ALTER SUBSCRIPTION ... SKIP (lsn = ...) by hand, since a change failed again and again.',
    cure: 'Remove it, and correct what makes the change fail. If the transaction has to be skipped, correct the rows afterwards with steep repair.',
    commands: ['ALTER SUBSCRIPTION NAME SKIP (lsn = NONE);', 'steep repair NODE/subscription.NAME'],
    versions: 'PostgreSQL 15 and later.',
  },
  SLOT_REPLACED: {
    severity: 'danger',
    title: 'The slot was dropped and created again',
    meaning:
      'A slot of the same name begins at the position at which it was created. What was written between the last change that the subscriber has got and that position is never sent, without an error.',
    cause:
      'The slot was dropped and created again on the publisher by hand, or by another tool; or the subscription was, with copy_data = false.',
    cure: 'Copy the tables of the subscription again with --reinit, which also gives it a new slot.',
    commands: ['steep apply --reinit NODE/subscription.NAME'],
  },
  SEQUENCE_BEHIND: {
    severity: 'warning',
    title: 'Sequences are not replicated',
    meaning:
      'The replicated rows have their numbers, but the sequence on the subscriber does not advance, and the copy cannot set it. The first INSERT there fails with a duplicate key.',
    cause:
      'A table with a serial or identity column is replicated to a node that takes writes, or will take them, and the role that applies may not read the sequence on the source or set it on the subscriber; or both nodes of a pair use their own.',
    cure: 'Set the sequences on the subscriber above the highest number, before it takes writes. Or grant the rights that the message names: then the copy sets them.',
    commands: [
      "SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence('SCHEMA.TABLE', 'COLUMN'), max(COLUMN)) FROM SCHEMA.TABLE;",
    ],
    versions: 'Up to PostgreSQL 18 logical replication leaves sequences out.',
  },
  SEQUENCES_SET_ONCE: {
    severity: 'notice',
    title: 'Sequences are set once, when the copy ends',
    meaning:
      'When the rows are copied, steep sets the sequences of the tables as far as they are on the source, and never back. Numbers that the source takes after that do not reach the subscriber.',
    cause: 'A table with a serial or identity column is copied.',
    cure: 'Set the sequences again when the source takes no more writes, before the subscriber takes any.',
    commands: [
      "SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence('SCHEMA.TABLE', 'COLUMN'), max(COLUMN)) FROM SCHEMA.TABLE;",
    ],
    versions: 'Up to PostgreSQL 18 logical replication leaves sequences out.',
  },
} satisfies Readonly<Record<string, HazardExplanation>>;
