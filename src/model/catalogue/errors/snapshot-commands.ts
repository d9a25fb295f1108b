// What stops steep snapshot show and delete.

import type { ErrorExplanation } from '../explanation.ts';

export const snapshotCommandErrors = {
  SNAPSHOT_UNKNOWN: {
    severity: 'error',
    title: 'No snapshot of that name is on record',
    meaning:
      'The name is no directory and no bucket, so it was looked for in steep_repl of the nodes, where it is not.',
    cause:
      'It is misspelled; or the snapshot was made where steep_repl is not installed, so that only its place tells of it.',
    cure: 'List the snapshots, or name the directory or bucket that holds it.',
    commands: ['steep snapshot list', 'steep snapshot list DIRECTORY'],
  },
  SNAPSHOT_ELSEWHERE: {
    severity: 'error',
    title: 'The files of a snapshot are on another machine',
    meaning:
      'The snapshot is on record with a directory that is not here: it is of the machine that made the snapshot.',
    cause: 'The command runs on another machine, or the directory was moved or removed.',
    cure: 'Run the command where the files are, or name the directory that they were copied to.',
    commands: ['steep snapshot show DIRECTORY'],
  },
  SNAPSHOT_SOURCE: {
    severity: 'error',
    title: 'The source of the snapshot is unknown or another server',
    meaning:
      'The slot of the snapshot is on its source, and is dropped there only: it was not found which node that is, or the node that was named is another database. Nothing was changed.',
    cause:
      'steep.yaml names the source differently or not at all; the node was restored or replaced; or the snapshot comes from elsewhere.',
    cure: 'Name the source. Where it is gone for good, or the files are a copy, take away the files only.',
    commands: [
      'steep snapshot delete DIRECTORY --node NAME',
      'steep snapshot delete DIRECTORY --keep-slot',
    ],
  },
  SNAPSHOT_SLOT_UNKNOWN: {
    severity: 'error',
    title: 'The source has no record of the slot of this snapshot',
    meaning:
      'The files of a snapshot name its slot, and everybody who can write to them can name any slot there. steep_repl of the source does not have this slot on record for this snapshot at this place. Nothing was dropped or deleted.',
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
      'The slot is read, or stands at another position than the snapshot. It may be the only thing that keeps changes for a subscription, so neither it nor the snapshot was touched.',
    cause:
      'A subscription was made on the slot itself, not on a copy of it; or somebody advanced the slot.',
    cure: 'Find out who reads it. Drop that subscription first, or take away the files only.',
    commands: [
      "SELECT * FROM pg_replication_slots WHERE slot_name = 'NAME';",
      'steep snapshot delete DIRECTORY --keep-slot',
    ],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
