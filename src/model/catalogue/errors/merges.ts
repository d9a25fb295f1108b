// What keeps two nodes from being merged. Unless it says otherwise, nothing was changed on either node.

import type { ErrorExplanation } from '../explanation.ts';

export const mergeErrors = {
  MERGE_COLUMNS: {
    severity: 'error',
    title: 'A table does not have the columns that a merge needs',
    meaning:
      'Both nodes need the same columns of the same types, since each row is written as a whole to the other node; and last-modified needs its column in each table that it decides.',
    cause:
      'The definitions of the table differ, or modified_column names no column of it, or the type of a column was changed while the merge ran.',
    cure: 'Make the definitions the same, or give the table another strategy: init.tables.',
    commands: ['steep schema diff --node NODE --peer NODE --tables TABLE'],
  },
  MERGE_ENCODING: {
    severity: 'error',
    title: 'A merge needs databases whose encoding is UTF8',
    meaning:
      'A merge that was interrupted is finished with the changes that applications have made since, which the server sends in its own encoding. Only UTF8 is read.',
    cause: 'The database of a node was created with another encoding.',
    cure: 'Bring the database to UTF8, or make the rows the same in another way and replicate without a merge.',
    commands: ['SHOW server_encoding;'],
  },
  MERGE_CHANGES_UNREAD: {
    severity: 'error',
    title: 'A change does not name the key of its row',
    meaning:
      'An interrupted merge is finished with what applications have changed since. One of these changes names other columns than the key by which rows are compared, so it cannot be told which row it means.',
    cause: 'The replica identity of the table was changed while the merge was interrupted.',
    cure: 'Remove the pair from steep.yaml, apply with --prune, and merge again: the rows are compared from the start.',
    commands: ['steep apply --prune'],
  },
  MERGE_NO_KEY: {
    severity: 'error',
    title: 'A table has no key by which its rows can be merged',
    meaning:
      'Rows of two nodes are the same row when they have the same key: the replica identity, the primary key, or a unique index of NOT NULL columns, with the same columns on both nodes, of built-in types.',
    cause: 'The table has no such key on one of the nodes, or another one on each.',
    cure: 'Give it a primary key on both nodes, or take it out of the pair.',
    commands: ['ALTER TABLE TABLE ADD PRIMARY KEY (COLUMN);'],
  },
  MERGE_UNIQUE: {
    severity: 'error',
    title: 'Rows of both nodes have a value that may be there only once',
    meaning:
      'Rows with different keys have the same value of another unique or exclusion constraint, so the rows of both nodes cannot be stored together. Both transactions were rolled back.',
    cause: 'Each node has given the value to another row.',
    cure: 'Change the value of one of the rows, or delete one, on the node that has it.',
  },
  MERGE_UNDECIDED: {
    severity: 'error',
    title: 'Rows that differ are to be decided by hand, and are not',
    meaning:
      'With strategy: manual, a person decides which row is kept for each key whose rows differ. The decisions are in the file that init.decisions names. For some keys it has no decision.',
    cause:
      'The file is not there yet, `keep` of the line is null, or rows became different after the file was written.',
    cure: 'Write the file, set `keep` of each line to "a", the row of the first node, or "b", that of the second, and plan again. Lines that are decided stay so when the file is written again. Where neither row is right, correct one of them on its node first.',
    commands: ['steep merge conflicts PAIR --out decisions.ndjson'],
  },
  MERGE_DECISION_STALE: {
    severity: 'error',
    title: 'Rows were changed after they were decided by hand',
    meaning:
      'The file with decisions holds both rows as they were when it was written. One of them has other values now, or is gone, so that the decision does not count. A file that is not the one of the plan counts as stale as a whole.',
    cause: 'Applications have written the row, or the file was changed after the plan was made.',
    cure: 'Write the file again: lines whose rows are the same keep their decisions, and `keep` of the others is null. Decide these, and plan again. After a merge that was interrupted between its commits: make the two rows the same on both nodes, and apply again.',
    commands: ['steep merge conflicts PAIR --out decisions.ndjson'],
  },
  MERGE_DECISIONS_INVALID: {
    severity: 'error',
    title: 'The file with decisions cannot be used',
    meaning:
      'Each line is a JSON object with `table`, `key`, `keep`, `a` and `b`. `keep` is "a", "b", or null as long as nothing is decided. A key has one line.',
    cause: 'A line was damaged or added by hand.',
    cure: 'Correct the lines that are named. Or take the file away, write it with the command below, and decide again.',
    commands: ['steep merge conflicts PAIR --out decisions.ndjson'],
  },
  MERGE_NOT_EQUAL: {
    severity: 'error',
    title: 'Rows that were written are not those of the other node',
    meaning:
      'Each row is read again after it is written, and has to be the row of the other node. One is not, so both transactions were rolled back.',
    cause: 'Something changes rows as they are stored.',
    cure: 'Look for rules, and for types with functions of their own.',
  },
  MERGE_DANGLING: {
    severity: 'error',
    title: 'Merged rows would refer to rows that are not there',
    meaning:
      'After the rows were written, more rows than before violated a foreign key: the row that they refer to is missing. Both transactions were rolled back.',
    cause: 'The table that is referred to is not in the pair, or has other rows on the other node.',
    cure: 'Add that table to the pair, or insert the missing rows first.',
  },
  MERGE_NOT_READY: {
    severity: 'error',
    title: 'A subscription of the pair is not ready to be merged',
    meaning:
      'Both subscriptions must be there and disabled while the rows are merged, the publications must send INSERT, UPDATE and DELETE, and the role must be allowed to set where the subscriptions begin. Nothing was changed.',
    cause:
      'A subscription was enabled or dropped by hand, a publication was altered, or a right is missing.',
    cure: 'Look at both subscriptions and publications. If rows have arrived already, compare the nodes first.',
    commands: ['steep status', 'ALTER SUBSCRIPTION NAME DISABLE;'],
  },
  MERGE_POSITION: {
    severity: 'error',
    title: 'A subscription does not begin where the rows were merged',
    meaning:
      'The rows of both nodes are merged and committed. The position from which a subscription would receive is another one than that of the locks, so it was not enabled.',
    cause: 'Another session has moved its replication origin.',
    cure: 'Leave the subscription disabled, and run the same command again.',
    commands: ['steep apply'],
  },
  MERGE_MORE_LOSERS: {
    severity: 'error',
    title: 'More rows would be overwritten than were agreed to',
    meaning:
      'Under the locks, more rows differ than the plan said. Both transactions were rolled back, and nothing was changed.',
    cause: 'Applications have written to the same keys on both nodes since the plan was made.',
    cure: 'Plan again, and agree to the new numbers; or keep applications from writing meanwhile.',
    commands: ['steep plan'],
  },
  MERGE_AUDIT_UNREAD: {
    severity: 'error',
    title: 'The role may not read which rows a merge has overwritten',
    meaning:
      'steep_repl.merge_audit_log holds values of rows, so that only its owner and members of that role see them; to any other role it would seem to be empty.',
    cause: 'The role of the connection is neither.',
    cure: 'Connect as the role that applies, or become a member of it.',
  },
  MERGE_LOCK_TIME: {
    severity: 'error',
    title: 'The merge held its locks for as long as max_lock allows',
    meaning: 'Both transactions were rolled back before the first commit. Nothing was changed.',
    cause: 'Comparing and writing the rows takes longer than max_lock.',
    cure: 'Allow more time, or make the tables more alike first, such as with steep repair.',
  },
  MERGE_TOO_MANY_CHANGES: {
    severity: 'error',
    title: 'Too much was written since a merge was interrupted',
    meaning:
      'To finish a merge that ended between its commits, steep reads from the slots which keys were changed since, and holds them in memory. There are more than a million.',
    cause: 'Applications have written for a long time since the merge was interrupted.',
    cure: 'Take the pair out of steep.yaml, apply with --prune, put it back, and merge again: all rows are compared and decided again.',
    commands: ['steep apply --prune'],
  },
  UNDO_NOT_READY: {
    severity: 'error',
    title: 'A merge can only be undone while its pair replicates both ways',
    meaning:
      'A row is written back only where nothing has changed it since the merge, which includes what is on its way between the nodes. So both subscriptions must be enabled. Nothing was changed.',
    cause: 'The merge is not finished, or a subscription is disabled or not there.',
    cure: 'Finish the merge, or enable the subscriptions.',
    commands: ['steep merge start PAIR', 'steep status'],
  },
} as const satisfies Readonly<Record<string, ErrorExplanation>>;
