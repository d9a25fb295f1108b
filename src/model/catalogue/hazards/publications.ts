// Hazards of publications: what they leave out, and what publishing costs.

import type { HazardExplanation } from '../explanation.ts';

export const publicationHazards = {
  RENAME_BLOCKED: {
    severity: 'block',
    title: 'A name cannot be changed now',
    meaning:
      'An entry of renamed cannot be carried out at the moment. A rename creates, in one transaction, a temporary publication with the old name, switches the subscribers to the new name, restarts them, and drops the temporary publication. steep refuses whatever could lose a row on the way.',
    cause:
      'Both names exist, a subscription that reads the publication is disabled, or its initial copy is running.',
    cure: 'Follow the remedy of the block: enable the subscription or wait for its copy, or remove the entry from renamed.',
  },
  PUBLICATION_GAP: {
    severity: 'danger',
    title: 'Changes can be lost while a publication changes',
    meaning:
      'PostgreSQL decodes changes with the catalog as it was when they were written. Changes written while the publication did not exist cannot be decoded for it, even after it has been created again.',
    cause:
      'The plan drops a publication, or drops and re-creates it, while subscriptions on other nodes read it. Or a subscription is sent a table again that it was not sent for a while and that it counts as copied: the table left its publication, or was dropped and created again on the publisher.',
    cure: 'Change it in place with ALTER PUBLICATION instead of dropping it. Otherwise let the subscribers catch up, stop writing, and give them a new copy afterwards: --reinit.',
    commands: ['ALTER PUBLICATION NAME ADD TABLE SCHEMA.TABLE;'],
    versions:
      'On 14 to 17 the apply worker fails repeatedly. On 18 the rows in between are lost, with only a WARNING in the log of the publisher.',
  },
  PUBLICATION_TOO_NEW: {
    severity: 'block',
    title: 'The publication is newer than what the slot has read',
    meaning:
      'A subscription that is switched to a publication created or renamed after its position asks for it at a point of the WAL where it does not exist yet.',
    cause:
      'The plan creates a publication and lets an existing subscription read it, or lets a subscription get tables by one publication that it had by another one, which it gives up. Or a publication was renamed, or dropped and created again, by hand, and its subscription reads it by the new name before it has read what was written earlier.',
    cure: 'A notice needs nothing: the plan waits, before the switch, until the slot has confirmed the WAL that contains the CREATE PUBLICATION; and a slot that is behind already is read by the former names first. A block says why that is impossible: enable the subscription; or name the former name in renamed; or, if neither publication existed for a while, copy the tables again.',
    commands: ['steep plan', 'steep apply --reinit NODE/subscription.NAME'],
    versions:
      'On 14 to 17 the apply worker fails repeatedly at the same position. On 18 the changes until the publication exists are skipped, with only a WARNING in the log of the publisher.',
  },
  FILTER_NO_BACKFILL: {
    severity: 'danger',
    title: 'A wider row filter does not bring existing rows',
    meaning:
      'Rows that were filtered out before are not sent afterwards; a REFRESH does not copy a table that is ready. Later updates of such rows find nothing on the subscriber and are skipped.',
    cause: 'A row filter or a column list of a published table becomes wider.',
    cure: 'Apply the change, then copy the table again with the command that the plan prints: the other tables continue. Allow the hazard for this address if only new rows matter.',
    commands: [
      'steep apply --allow-hazard FILTER_NO_BACKFILL=NODE/publication.NAME',
      'steep init reset NODE --tables SCHEMA.TABLE',
    ],
    versions: 'Row filters and column lists exist from PostgreSQL 15.',
  },
  FILTER_INVALID: {
    severity: 'block',
    title: 'The publisher would refuse a row filter',
    meaning:
      'CREATE PUBLICATION or ALTER PUBLICATION would fail: a row filter cannot be parsed, names a column, a function or a type that does not exist on the publisher, or uses what PostgreSQL does not allow in a row filter. That is: columns of user-defined types (enums and domains too), system columns, subqueries, and functions that are not built in or not immutable. The message has the reason.',
    cause: 'The file has a row filter with a mistake, or the table was changed.',
    cure: 'Correct `where` of that table in the file, and plan again. What an enum says can be kept in a column of type text beside it.',
    commands: ['steep plan'],
    versions: 'Row filters exist from PostgreSQL 15.',
  },
  PUBLISH_NO_BACKFILL: {
    severity: 'danger',
    title: 'Operations that were not published before are not sent later',
    meaning:
      'The publication sends more operations from now on. Earlier operations of that kind never reach the subscribers: rows are missing there, have old values, or were not deleted.',
    cause:
      'The list publish of a publication that has subscribers becomes longer. For truncate alone it is a warning.',
    cure: 'Apply the change, then copy the tables again with the command that the plan prints. Allow the hazard for this address if only what happens from now on matters.',
    commands: ['steep apply --allow-hazard PUBLISH_NO_BACKFILL=NODE/publication.NAME'],
  },
  STALE_ROWS_LEFT: {
    severity: 'warning',
    title: 'Rows that are no longer published stay on the subscriber',
    meaning:
      'Rows that are no longer published stay on the subscriber as they are, and are never updated or deleted again.',
    cause:
      'A row filter becomes narrower, a table leaves a publication, or a partition is detached or dropped on the publisher and still is one on the subscriber.',
    cure: 'Delete the rows on the subscriber after the change, if nobody should read them; detach the partition there too.',
  },
  PARTITION_SENT_TWICE: {
    severity: 'block',
    title: 'Rows of a partition would be copied twice',
    meaning:
      'One publication of the subscription sends the rows of a partitioned table as rows of that table (publish_via_partition_root), another one sends a partition of it. The server lists both for the subscription and copies the rows of the partition with each: they are duplicated, or the copy fails with duplicate keys.',
    cause:
      'The publications of one subscription list a partitioned table and one of its partitions, or list the same partitioned table with and without publish_via_partition_root.',
    cure: 'Remove the partition from its publication: its rows are sent with the partitioned table. Or set publish_via_partition_root to the same value in all publications of the subscription and list the table once.',
    versions:
      'Only if the publisher or the subscriber is PostgreSQL 14 or 15. With 16 or later on both nodes, only the partitioned table is copied.',
  },
  COLUMN_LISTS_DIFFER: {
    severity: 'block',
    title: 'Publications send different columns of one table',
    meaning:
      'PostgreSQL refuses a subscription whose publications have different column lists for the same table. Where the lists change while it runs, its apply worker fails repeatedly.',
    cause:
      'Two publications of one subscription list the table with different columns, one of them without a list, or only one of them publishes its generated columns.',
    cure: 'Give the table the same columns in all publications of the subscription, or list it in one of them only.',
    versions: 'Column lists exist from PostgreSQL 15, published generated columns from 18.',
  },
  FILTERS_COMBINED: {
    severity: 'notice',
    title: 'A subscription receives more rows than one row filter lets pass',
    meaning:
      'A subscription that gets one table through several publications receives each row that passes the filter of at least one of them. A publication without a row filter sends all rows, and so does one that publishes all tables of the schema too.',
    cause:
      'Publications of one subscription list the same table with different row filters, or one publication has a filter for a table and all tables of its schema.',
    cure: 'Nothing needs to be done if that is intended. Otherwise list the table in one publication only.',
    versions: 'Row filters exist from PostgreSQL 15.',
  },
  FILTER_NOT_IMMUTABLE: {
    severity: 'block',
    title: 'PostgreSQL would refuse the row filter',
    meaning:
      'A row filter is evaluated where WAL is decoded, at any later time: it may use columns of the row and immutable built-in functions only. CREATE or ALTER PUBLICATION would fail in the middle of the apply.',
    cause: 'The filter names the time, the session or another function whose value changes.',
    cure: 'Compare columns with constants. Where the time decides, keep it in a column of the table.',
    versions: 'Row filters exist from PostgreSQL 15.',
  },
  REPLICA_IDENTITY_MISSING: {
    severity: 'block',
    title: 'Updates and deletes of a table would fail',
    meaning:
      'As soon as the table is published, the UPDATE and DELETE statements of the application fail on the publisher, because PostgreSQL cannot tell the subscriber which row is meant.',
    cause:
      'The publication publishes updates or deletes, and the table, or a partition of it, has neither a primary key nor another replica identity; or the identity includes what is not published: a column that the column list leaves out, any column list with REPLICA IDENTITY FULL, or a generated column (18). Or the row filter reads a column that the identity does not include.',
    cure: 'Add a primary key, or use a unique index over columns that are NOT NULL, or set the identity to full, or publish inserts only. For a column list: add the columns of the identity to it. For a row filter: use only columns of the identity in it, or choose an identity that includes its columns.',
    commands: [
      'ALTER TABLE SCHEMA.TABLE ADD PRIMARY KEY (COLUMN);',
      'ALTER TABLE SCHEMA.TABLE REPLICA IDENTITY USING INDEX INDEX_NAME;',
      'ALTER TABLE SCHEMA.TABLE REPLICA IDENTITY FULL;',
    ],
  },
  IDENTITY_FULL_COST: {
    severity: 'warning',
    title: 'REPLICA IDENTITY FULL is expensive',
    meaning:
      'Each UPDATE and DELETE writes the whole old row to the WAL, and the subscriber may have to scan the table to find it.',
    cause: 'The table is published with REPLICA IDENTITY FULL.',
    cure: 'Prefer a primary key or a unique index over columns that are NOT NULL.',
    commands: ['ALTER TABLE SCHEMA.TABLE REPLICA IDENTITY USING INDEX INDEX_NAME;'],
    versions:
      'From PostgreSQL 16 the subscriber can use any btree index that starts with a column of the table; before, it always scans.',
  },
  LOCK_ACCESS_EXCLUSIVE: {
    severity: 'warning',
    title: 'Takes an ACCESS EXCLUSIVE lock',
    meaning:
      'The lock conflicts with reads and writes. While it waits behind a long query, every later query on the table waits behind it.',
    cause: 'The step changes the table itself, such as its replica identity or its columns.',
    cure: 'Run the plan when no long transaction works on the table. steep waits at most --lock-timeout for the lock and tries again --lock-retries times, so that readers get through in between.',
  },
  LOCK_SHARE_UPDATE: {
    severity: 'notice',
    title: 'Takes a SHARE UPDATE EXCLUSIVE lock',
    meaning:
      'Reads and writes continue. VACUUM, ANALYZE, CREATE INDEX CONCURRENTLY and other DDL on the table wait.',
    cause: 'The step creates a publication for tables, or adds tables to one or removes them.',
    cure: 'Nothing needs to be done.',
  },
  TRUNCATE_PROPAGATES: {
    severity: 'notice',
    title: 'TRUNCATE empties the subscriber too',
    meaning: 'A TRUNCATE on the publisher is replicated: the table on the subscriber is emptied.',
    cause: 'The publication publishes truncate, which is the default.',
    cure: 'Leave truncate out of publish if the subscriber should keep its rows.',
    commands: ['publish: [insert, update, delete]'],
  },
  METADATA_PUBLISHED: {
    severity: 'block',
    title: "A publication would publish steep's own tables",
    meaning:
      'The rows of the schema steep_repl would be sent to subscribers that do not have these tables or have their own, and apply would stop there.',
    cause:
      'The database has a publication FOR ALL TABLES, or for the schema steep_repl, and steep keeps its metadata in the same database.',
    cure: 'Set metadata_database for this node: then a plan can replace the publication, too. Or replace it by hand with an explicit list of tables, in one transaction, so that no row is lost. A plan cannot do that first: it records each change of a publication in steep_repl in the same transaction, so that schema must exist before.',
    commands: ['nodes: { NODE: { metadata_database: DATABASE } }'],
    versions: 'PostgreSQL 19 can leave out tables with EXCEPT.',
  },
  REFRESH_NEEDED: {
    severity: 'notice',
    title: 'Subscriptions must be refreshed to receive the new tables',
    meaning:
      'The list of tables that a publication sends changes. Subscriptions that read it continue with the tables that they know: new ones are not copied, and their changes are not applied.',
    cause: 'steep replication pub add-tables or remove-tables changes the publication alone.',
    cure: 'Refresh each subscription.',
    commands: ['steep replication sub refresh NAME --node NODE'],
  },
  MANAGED_BY_FILE: {
    severity: 'warning',
    title: 'A command changes what steep.yaml manages',
    meaning:
      'The change is made, and what steep.yaml says stays on record: steep drift reports it, and the next plan proposes to undo it.',
    cause:
      'A command of steep node or steep replication names an object that steep apply has made or adopted.',
    cure: 'Make the same change in steep.yaml. Or change steep.yaml only, and run steep apply.',
    commands: ['steep drift', 'steep plan'],
  },
} satisfies Readonly<Record<string, HazardExplanation>>;
