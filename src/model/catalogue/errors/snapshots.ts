// How snapshots are made and loaded, and what they say of themselves.

import type { ErrorExplanation } from '../explanation.ts';

export const snapshotErrors = {
  SNAPSHOT_MISSING: {
    severity: 'error',
    title: 'No snapshot was found',
    meaning:
      'The directory or bucket has neither a manifest.json nor the journal of an unfinished snapshot.',
    cause: 'The location is wrong, or only a part was copied: the manifest is written last.',
    cure: 'Name the directory or bucket prefix that holds manifest.json.',
    commands: ['steep snapshot list DIR'],
  },
  SNAPSHOT_UNFINISHED: {
    severity: 'error',
    title: 'The snapshot is not finished',
    meaning:
      'There is a journal but no manifest: the run that makes the snapshot was stopped, or is still running.',
    cause: 'The run was killed, its disk was full, or its connection broke.',
    cure: 'Run the same steep snapshot generate again: it keeps what is stored.',
    commands: ['steep snapshot generate --node NODE --output DIR'],
  },
  SNAPSHOT_FORMAT: {
    severity: 'error',
    title: 'The snapshot has an unknown format version',
    meaning:
      'Its manifest has a format version that this version of steep cannot read. Nothing was changed.',
    cause: 'A newer or an older version of steep made it.',
    cure: 'Use the version of steep that made it, or generate it again with this one.',
    commands: ['steep --version'],
  },
  SNAPSHOT_DAMAGED: {
    severity: 'error',
    title: 'The snapshot was changed after it was written',
    meaning:
      'Files are missing, changed, cut short, swapped or added, or the manifest was changed. The message names all of them. steep checks this before it writes the first row.',
    cause: 'A disk or a transfer damaged it, or it was edited.',
    cure: 'Copy the files again from an intact copy, and remove files that do not belong to the snapshot; or generate a new snapshot.',
    commands: ['steep snapshot verify --input DIR'],
  },
  SNAPSHOT_GONE: {
    severity: 'error',
    title: 'The exported snapshot has expired',
    meaning:
      'All rows of a snapshot are read at one point in time. A process keeps that exported snapshot open on the source while rows are read, and for a while after a run was stopped. That process has ended: rows read now would be of a later time.',
    cause:
      'The source was restarted, the connection broke, or the command was not run again within --hold.',
    cure: 'Start over with --restart: the slot is dropped, and the files are written again.',
    commands: ['steep snapshot generate --node NODE --output DIR --restart'],
  },
  SNAPSHOT_OTHER: {
    severity: 'error',
    title: 'Another unfinished snapshot is at this location',
    meaning:
      'The journal at this location is of another source, of other publications, or of another compression.',
    cause: 'The same directory was given to two commands.',
    cure: 'Run the command that started it, name another directory, or discard it with --restart.',
    commands: ['steep snapshot show DIR'],
  },
  SNAPSHOT_OCCUPIED: {
    severity: 'error',
    title: 'The location of the snapshot is not empty',
    meaning:
      'A snapshot must be alone in its directory, so that files that do not belong to it are noticed.',
    cause: 'The directory holds other files, or another snapshot.',
    cure: 'Name a directory that is empty or does not exist yet.',
    commands: ['steep snapshot list DIR'],
  },
  SNAPSHOT_ENCODING: {
    severity: 'error',
    title: 'The database and the snapshot have different encodings',
    meaning: 'Text in the snapshot is encoded as on its source, and is not converted.',
    cause: 'The target database was created with another encoding.',
    cure: 'Create the target database with the encoding of the source.',
    commands: ["CREATE DATABASE app ENCODING 'UTF8' TEMPLATE template0;"],
  },
  SNAPSHOT_SCHEMA: {
    severity: 'error',
    title: 'Tables differ from those of the snapshot',
    meaning:
      'The fingerprints in the manifest differ from those of the tables to be filled. Nothing was changed.',
    cause: 'The tables are missing, or were changed on one side.',
    cure: 'Make the tables equal, or choose what to do: --schema-sync auto creates missing tables, --schema-sync manual accepts the differences.',
    commands: ['steep snapshot apply --node NODE --input DIR --schema-sync auto'],
  },
  SNAPSHOT_SCHEMA_OLD: {
    severity: 'error',
    title: 'The snapshot does not describe its tables',
    meaning:
      'Tables are created from the definitions in manifest.json, which this snapshot does not have. Its schema.sql is for people to read, and is never run: anyone who can write to the directory could have put any statement there. Nothing was changed.',
    cause: 'An older version of steep wrote it, and --schema-sync auto needs the definitions.',
    cure: 'Generate the snapshot again. Or read schema.sql, create the tables by hand, and load the rows without --schema-sync auto.',
    commands: ['steep snapshot apply --node NODE --input DIR'],
  },
  SNAPSHOT_SCHEMA_REFUSED: {
    severity: 'error',
    title: 'steep does not run these definitions of the snapshot',
    meaning:
      'steep parses each statement that it makes from the definitions, and runs only statements of known kinds. Some are of another kind, need a newer server, or there is no role that could run them. Nothing was changed.',
    cause:
      'The definitions were tampered with; the server is older than the tables need; or the role that steep connects as may not act as the owner of the schema.',
    cure: 'If the snapshot should not have been changed, do not use it. Otherwise do what the message says, or create the tables by hand and load the rows.',
    commands: ['steep snapshot verify --input DIR', 'steep snapshot apply --node NODE --input DIR'],
  },
  SNAPSHOT_NOT_EXPECTED: {
    severity: 'error',
    title: 'The snapshot does not have the expected digest',
    meaning:
      'The SHA-256 of manifest.json, which holds the hash of every other file, is not the expected one. The snapshot was not used.',
    cause:
      'It was replaced by another snapshot, or changed; or the expected value belongs to another snapshot.',
    cure: 'Get the snapshot from the machine that made it. Change --expect-sha256 or expect_sha256 only if this snapshot is the right one.',
    commands: ['steep snapshot verify --input DIR'],
  },
  SNAPSHOT_SIGNATURE_MISSING: {
    severity: 'error',
    title: 'The snapshot is not signed',
    meaning:
      'A key was given with --verify-with, but there is no manifest.sig. The snapshot was not used.',
    cause: 'It was generated without --sign-with, or manifest.sig was not copied.',
    cure: 'Copy manifest.sig, too; or run the command that generated it again, with --sign-with: it signs the existing snapshot.',
    commands: ['steep snapshot generate --node NODE --output DIR --sign-with KEY'],
  },
  SNAPSHOT_SIGNATURE_WRONG: {
    severity: 'error',
    title: 'The signature of the snapshot does not match the key',
    meaning:
      'manifest.sig does not prove that the owner of the key has made this manifest.json. The snapshot was not used.',
    cause: 'The manifest was changed, or another key signed it.',
    cure: 'Get the snapshot from the machine that made it, or use the public key that belongs to its private key.',
    commands: ['steep snapshot verify --input DIR --verify-with KEY'],
  },
  SNAPSHOT_KEY: {
    severity: 'error',
    title: 'A key file cannot be used',
    meaning:
      'Snapshots are signed with Ed25519. The file cannot be read, holds another kind of key, or other users of this machine can read the private key.',
    cause: 'The file is wrong, the key has a passphrase, or the file permissions are too wide.',
    cure: 'Create a key, and make the private key readable for yourself only.',
    commands: [
      'openssl genpkey -algorithm ed25519 -out key.pem && chmod 600 key.pem',
      'openssl pkey -in key.pem -pubout -out key.pub.pem',
    ],
  },
  SNAPSHOT_CHECKPOINTS: {
    severity: 'error',
    title: 'The copy checkpoints could not be recorded',
    meaning:
      'The copy checkpoints are committed in one transaction with the rows, so they must be in the same database.',
    cause: 'metadata_database puts steep_repl of the node into another database.',
    cure: 'Load into a node without metadata_database.',
  },
  SNAPSHOT_OUTDATED: {
    severity: 'error',
    title: 'Tables were altered after the snapshot was exported',
    meaning:
      'A snapshot has the definitions of its tables as they were when it was exported. PostgreSQL tells those of indexes, constraints and names only as they are now, so they cannot be read after a table was altered, renamed or dropped. No incomplete snapshot is used.',
    cause:
      'Another session ran ALTER TABLE, DROP INDEX or DROP TABLE between two runs of the same command, or just after the first one began.',
    cure: 'Start over with another slot: --restart replaces the stored files.',
    commands: ['steep snapshot generate --node NODE --output DIR --restart'],
  },
  SNAPSHOT_CHANGED: {
    severity: 'error',
    title: 'Tables have other rows than the snapshot that was loaded',
    meaning:
      'steep_repl.copy_chunks says which rows were loaded, and by which transactions. These tables now have more or fewer rows, or rows of other transactions, so a subscription could not continue from them.',
    cause:
      'Another session wrote to the tables after they were loaded, emptied them, or created them again.',
    cure: 'Run the same command again with --force: after consent it empties these tables and loads them again. steep apply does that for the tables of its subscriptions without it, and its plan says so.',
    commands: ['SELECT * FROM steep_repl.copy_chunks;'],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
