// What stops steep snapshot show and delete.

import type { ErrorExplanation } from '../explanation.ts';

export const snapshotCommandErrors = {
  SNAPSHOT_UNKNOWN: {
    severity: 'error',
    title: 'No snapshot of that name is on record',
    meaning:
      'The name is neither a directory nor a bucket, so steep looked for it in steep_repl of the nodes and did not find it.',
    cause:
      'It is misspelled; or steep_repl was not installed on the source when the snapshot was made, so it is known only by its location.',
    cure: 'List the snapshots, or name the directory or bucket that holds it.',
    commands: ['steep snapshot list', 'steep snapshot list DIRECTORY'],
  },
  SNAPSHOT_ELSEWHERE: {
    severity: 'error',
    title: 'The files of a snapshot are on another machine',
    meaning:
      'The snapshot is on record with a directory that does not exist on this machine: the files are on the machine that made the snapshot.',
    cause: 'The command runs on another machine, or the directory was moved or removed.',
    cure: 'Run the command where the files are, or name the directory that they were copied to.',
    commands: ['steep snapshot show DIRECTORY'],
  },
  SNAPSHOT_SOURCE: {
    severity: 'error',
    title: 'The source of the snapshot is unknown or another server',
    meaning:
      'The slot of the snapshot must be dropped on its source. steep could not find out which node that is, or the named node is another database. Nothing was changed.',
    cause:
      'steep.yaml names the source differently or not at all; the node was restored or replaced; or the snapshot comes from another topology.',
    cure: 'Name the source with --node. If it no longer exists, or the files are a copy, delete the files only.',
    commands: [
      'steep snapshot delete DIRECTORY --node NAME',
      'steep snapshot delete DIRECTORY --keep-slot',
    ],
  },
  SNAPSHOT_SLOT_UNKNOWN: {
    severity: 'error',
    title: 'The source has no record of the slot of this snapshot',
    meaning:
      'The files of a snapshot name its slot, and everybody who can write to them can name any slot there. steep_repl of the source has no record of this slot for this snapshot at this location. Nothing was dropped or deleted.',
    cause:
      'The files were changed, are a copy of a snapshot, or were moved; or steep_repl was not installed on the source when the snapshot was made with --slot NAME.',
    cure: 'Delete the files only; or, if the slot is of this snapshot, name it.',
    commands: [
      'steep snapshot delete DIRECTORY --keep-slot',
      'steep snapshot delete DIRECTORY --drop-slot NAME',
    ],
  },
  SNAPSHOT_SLOT_USED: {
    severity: 'error',
    title: 'The slot of a snapshot is in use',
    meaning:
      'A session reads the slot, or the slot is at another position than the snapshot. A subscription may need the changes that it keeps, so neither the slot nor the snapshot was changed.',
    cause:
      'A subscription was created on the slot itself, not on a copy of it; or another session advanced the slot.',
    cure: 'Find out which subscription reads it. Drop that subscription first, or delete the files only.',
    commands: [
      "SELECT * FROM pg_replication_slots WHERE slot_name = 'NAME';",
      'steep snapshot delete DIRECTORY --keep-slot',
    ],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
