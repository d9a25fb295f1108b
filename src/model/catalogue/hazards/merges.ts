// Hazards of merging two nodes that both hold rows.

import type { HazardExplanation } from '../explanation.ts';

export const mergeHazardTexts = {
  MERGE_LOCKS: {
    severity: 'danger',
    title: 'Writes to both nodes wait while they are merged',
    meaning:
      'Both nodes hold their tables in EXCLUSIVE mode, from before the rows are compared until they are committed: reads continue, INSERT, UPDATE and DELETE wait, and so do foreign key checks of other tables against these. Sequences that number columns of the tables draw every second number afterwards, odd ones on the first node and even ones on the second.',
    cause: 'A pair of steep.yaml has init: { method: merge }, and its rows are not merged yet.',
    cure: 'Apply when little is written. max_lock limits how long the locks are held: when it is over, nothing is changed.',
    commands: [
      'steep plan',
      'steep apply --allow-hazard MERGE_LOCKS=NODE/subscription.PAIR_from_PEER',
    ],
  },
  MERGE_OVERWRITES: {
    severity: 'danger',
    title: 'Rows that differ are overwritten with those of the other node',
    meaning:
      'For each key that both nodes have with different values, the strategy decides which row both have afterwards. The other one is overwritten; it is kept whole in steep_repl.merge_audit_log of its node, written in the same transaction, with the winner and the rule. Apply overwrites no more rows than the plan says: as many as differ when it is made, or as init.max_overwrites allows.',
    cause: 'Both nodes were written to independently.',
    cure: 'Look at the rows that differ. Choose another strategy for the pair or for the table, or correct rows before you apply.',
    commands: ['steep merge analyze PAIR --tables TABLE --conflicts conflicts.csv'],
  },
  MERGE_DELETES_RETURN: {
    severity: 'warning',
    title: 'Rows that one node has deleted come back',
    meaning:
      'A row that only one node has is inserted on the other. A row that was never there looks the same as one that was deleted there.',
    cause: 'Rows are on one node only.',
    cure: 'Delete on both nodes what must not come back, before you apply.',
  },
  MERGE_KEYS_COLLIDE: {
    severity: 'danger',
    title: 'One number may mean different things on the two nodes',
    meaning:
      'Sequences number the rows of the table on both nodes, and most of the numbers that exist on both nodes belong to rows that differ. If they are different things, such as two orders with the same number, a merge keeps one and overwrites the other, and rows that refer to it then refer to the wrong one.',
    cause: 'Each node has numbered its own rows from the same start.',
    cure: 'Compare some of the rows. If they are different things, give those of one node new numbers, with the rows that refer to them, before you merge.',
  },
  MERGE_INTERRUPTED: {
    severity: 'warning',
    title: 'A merge was interrupted after its first commit',
    meaning:
      'Between the commits: the first node has the merged rows, the second does not have them yet, and neither sends its changes. The plan finishes the merge: it locks both nodes again, and gives the second the rows of the first. What applications have changed since on one node is kept; where they have changed the same row on both, the strategy decides. After both commits: the plan starts replication from there, and rows that applications have changed on both nodes since are different afterwards.',
    cause: 'A server or the run ended in that moment.',
    cure: 'Apply. Until then the slots of both nodes keep WAL. Compare the rows afterwards.',
    commands: ['steep apply', 'steep verify'],
  },
  MERGE_UNFINISHED: {
    severity: 'block',
    title: 'A merge was begun, and steep.yaml asks for something else now',
    meaning:
      'The subscriptions of the pair were created for a merge and wait for it, disabled. Its rows are not the same on both nodes. To enable the subscriptions without the merge would leave every row that differs as it is, and nothing would report it.',
    cause:
      'A run ended before its merge was done, and init of the pair was changed afterwards, or tables were added to it.',
    cure: 'Write the pair as it was, with init: { method: merge }, and apply: that finishes it. Or give it up: take the pair out of steep.yaml and apply with --prune. After its first commit the first node keeps the merged rows.',
    commands: ['steep apply', 'steep apply --prune'],
  },
  MERGE_REFUSED: {
    severity: 'block',
    title: 'A table cannot be merged',
    meaning:
      'The rows of the table could not be compared, or could not be told apart, so that no row of it can be decided. The hazard names the code of the error; steep explain CODE has its cure. Or its rows can be compared, and cannot all be stored: values of a unique constraint would be there twice, or rows would refer to rows that are not there. Or more of its rows would be overwritten than max_overwrites allows.',
    cause:
      'The table has no key, other columns or types than on the other node, or types or functions of roles that are not trusted; or the nodes have given one value to different rows.',
    cure: 'Change that, or take the table out of the pair.',
  },
  MERGE_REPLICATING: {
    severity: 'block',
    title: 'A subscription already sends rows of the table to one of the nodes',
    meaning:
      'A subscription brings rows of the table to one of the nodes. A merge would take them for rows of that node, and would miss what arrives while it runs.',
    cause:
      'Another subscription has the table, or one direction of the pair is there and the other is not, or the pair was created with another init and no merge of it is on record.',
    cure: 'Drop the subscription, or take the table out of the pair. Of a pair that replicates already: init: { method: none } where the rows are the same; otherwise take the pair out of steep.yaml, apply with --prune, and put it back.',
  },
  MERGE_TRIGGERS: {
    severity: 'block',
    title: 'Triggers would act on merged rows',
    meaning:
      'A trigger or rule that is ENABLE ALWAYS or ENABLE REPLICA fires for rows of replication too: it could change the rows that are written, leave them out, or write others, so that the nodes would not be equal.',
    cause: 'The table has such a trigger or rule.',
    cure: 'Let it fire for applications only.',
    commands: ['ALTER TABLE TABLE ENABLE TRIGGER NAME;'],
  },
  MERGE_AUDIT_ELSEWHERE: {
    severity: 'block',
    title: 'The audit log is in another database than the rows',
    meaning:
      'Each row that a merge overwrites is kept in steep_repl.merge_audit_log, in the transaction that overwrites it. No transaction spans two databases.',
    cause: 'metadata_database of the node names another database.',
    cure: 'Take metadata_database of the node out of steep.yaml.',
  },
  UNDO_OVERWRITES: {
    severity: 'danger',
    title: 'Rows of both nodes are overwritten with those from before a merge',
    meaning:
      'For each row that a merge has overwritten, and that nothing has changed since, the row that was there before is written on both nodes. Both are locked while they are written, a thousand at a time, and each row that is overwritten is kept in steep_repl.merge_audit_log of its node. No more rows are written than the plan says.',
    cause: 'steep merge undo was asked for.',
    cure: 'Look at the rows that lost, and undo only some of the tables: --tables.',
    commands: ['steep merge audit PAIR --run RUN --out lost.csv'],
  },
  UNDO_ROWS_CHANGED: {
    severity: 'warning',
    title: 'Rows were changed since the merge and are not written back',
    meaning:
      'After the merge, applications have updated or deleted rows that it had written. To write back what was there before the merge would lose these changes, so that such rows stay as they are on both nodes. A row is known by the transaction that wrote it, so that all rows of a table that was loaded again, or rewritten by ALTER TABLE, count as changed.',
    cause: 'The rows were in use after the merge.',
    cure: 'Read the row that was lost from the audit log, and write what is right with an application.',
    commands: ['steep merge audit PAIR --run RUN --out lost.csv'],
  },
} as const satisfies Readonly<Record<string, HazardExplanation>>;
