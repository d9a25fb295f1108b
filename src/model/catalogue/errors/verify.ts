// What keeps steep verify from comparing rows.

import type { ErrorExplanation } from '../explanation.ts';

export const verifyErrors = {
  COMPARE_COLUMNS: {
    severity: 'error',
    title: 'A table lacks a column on one of the nodes',
    meaning:
      'Rows are compared by the columns that are published. One of them is not in the table of the other node, so the rows of this table were not compared.',
    cause: 'The definitions of the table differ between the nodes.',
    cure: 'Make the definitions the same, and run the same command again.',
    commands: ['steep schema diff --node PUBLISHER --peer SUBSCRIBER --tables TABLE'],
  },
  COMPARE_HASHES: {
    severity: 'error',
    title: 'The nodes compute different hashes for the same row',
    meaning:
      'steep compares hashes that each server computes of its own rows. For a row that is known, the two servers computed different hashes, so every row would look different. No row was read.',
    cause:
      'The databases have different encodings, or the servers run on processors with different byte orders.',
    cure: 'Compare databases of the same encoding.',
    commands: ['SHOW server_encoding;'],
  },
  TABLE_ON_ONE_SIDE: {
    severity: 'error',
    title: 'Only one of two databases has a table',
    meaning:
      'Two databases were compared, and one of them does not have the table, or not under this name. No row of it was compared.',
    cause: 'The table was not created there yet, or was renamed.',
    cure: 'Create it, or name the tables that are to be compared.',
    commands: ['steep verify -c URI --peer URI --tables TABLE'],
  },
  ROWS_DIFFER: {
    severity: 'warning',
    title: 'Rows of a subscriber differ from those of its publisher',
    meaning:
      'Rows of a table are not the same on both ends of an edge, and replication will not correct them: each row was read again after all changes up to then were replicated, and neither side had changed it.',
    cause:
      'Rows were written on the subscriber; a change was skipped there; or rows were lost, as when a slot was created again.',
    cure: 'See which rows differ, find out why, and repair them, or copy the table again.',
    commands: [
      'steep verify NODE/subscription.NAME --report csv=differences.csv',
      'steep repair NODE/subscription.NAME',
      'steep plan --reinit NODE/copy.SUBSCRIPTION:SCHEMA.TABLE',
    ],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
