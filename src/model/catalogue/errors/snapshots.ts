// How snapshots are made and loaded, and what they say of themselves.

import type { ErrorExplanation } from '../explanation.ts';

export const snapshotErrors = {
  SNAPSHOT_MISSING: {
    severity: 'error',
    title: 'No snapshot was found',
    meaning:
      'The directory or bucket has no manifest.json, and no journal of one that is being made.',
    cause: 'Another place was meant, or only a part was copied: the manifest is written last.',
    cure: 'Name the directory or bucket prefix that holds manifest.json.',
    commands: ['steep snapshot list DIR'],
  },
  SNAPSHOT_UNFINISHED: {
    severity: 'error',
    title: 'The snapshot is not finished',
    meaning:
      'There is a journal and no manifest: the run that made it was stopped, or still goes on.',
    cause: 'The run was killed, its disk was full, or its connection broke.',
    cure: 'Run the same steep snapshot generate again: it keeps what is stored.',
    commands: ['steep snapshot generate --node NODE --output DIR'],
  },
  SNAPSHOT_FORMAT: {
    severity: 'error',
    title: 'The snapshot has a format that this steep does not know',
    meaning:
      'Its manifest says a format version that this steep does not read. Nothing was changed.',
    cause: 'It was made by a newer or an older steep.',
    cure: 'Use the steep that made it, or generate it again with this one.',
    commands: ['steep --version'],
  },
  SNAPSHOT_DAMAGED: {
    severity: 'error',
    title: 'The snapshot was changed after it was written',
    meaning:
      'Files are missing, changed, cut short, swapped or added, or the manifest was changed. All of them are named. This is found before the first row is written.',
    cause: 'A disk or a transfer damaged it, or somebody edited it.',
    cure: 'Copy the files again from where they are whole, and take away what does not belong there; or generate another one.',
    commands: ['steep snapshot verify --input DIR'],
  },
  SNAPSHOT_GONE: {
    severity: 'error',
    title: 'The exported snapshot has expired',
    meaning:
      'A snapshot shows one moment, which a process holds on the source while it is made, and for a while after a run was stopped. That process is gone: rows that are read now would be of another moment.',
    cause: 'The source was restarted, the connection broke, or nobody came back within --hold.',
    cure: 'Begin anew with --restart: the slot is dropped, what is stored is written again.',
    commands: ['steep snapshot generate --node NODE --output DIR --restart'],
  },
  SNAPSHOT_OTHER: {
    severity: 'error',
    title: 'Another snapshot was begun here',
    meaning:
      'The journal is of another source, of other publications, or with another compression.',
    cause: 'The same directory was given to two commands.',
    cure: 'Run the command that began it, name another directory, or give it up with --restart.',
    commands: ['steep snapshot show DIR'],
  },
  SNAPSHOT_OCCUPIED: {
    severity: 'error',
    title: 'The location of the snapshot is not empty',
    meaning:
      'A snapshot is all that is in its directory, so that what does not belong there is seen.',
    cause: 'The directory holds other files, or another snapshot.',
    cure: 'Name a directory that is empty, or not there yet.',
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
      'The fingerprints in the manifest are not those of the tables that are to be filled. Nothing was changed.',
    cause: 'The tables are missing, or were changed on one side.',
    cure: 'Bring them in line, or choose what becomes of them: --schema-sync auto creates them where none is there, manual takes the differences as meant.',
    commands: ['steep snapshot apply --node NODE --input DIR --schema-sync auto'],
  },
  SNAPSHOT_SCHEMA_OLD: {
    severity: 'error',
    title: 'The snapshot does not describe its tables',
    meaning:
      'Tables are created from the definitions in manifest.json, which this snapshot does not have. Its schema.sql is for people, and is never run: whoever can write to the folder could have put any statement there. Nothing was changed.',
    cause: 'An older steep wrote it, and --schema-sync auto asks for its tables.',
    cure: 'Generate the snapshot again. Or read schema.sql, create the tables by hand, and load the rows without --schema-sync auto.',
    commands: ['steep snapshot apply --node NODE --input DIR'],
  },
  SNAPSHOT_SCHEMA_REFUSED: {
    severity: 'error',
    title: 'steep does not run these definitions of the snapshot',
    meaning:
      'Each statement that is made of the definitions is parsed, and only those of a known kind are run. Some are not, or need a newer server, or there is no role as which they could run. Nothing was changed.',
    cause:
      'The definitions were tampered with; the server is older than the tables need; or the role that steep connects as may not act as the owner of the schema.',
    cure: 'If nobody should have changed the snapshot, do not use it. Otherwise do what the message says, or create the tables by hand and load the rows.',
    commands: ['steep snapshot verify --input DIR', 'steep snapshot apply --node NODE --input DIR'],
  },
  SNAPSHOT_NOT_EXPECTED: {
    severity: 'error',
    title: 'The snapshot does not have the expected digest',
    meaning:
      'The SHA-256 of manifest.json, which holds the hash of every other file, is not the expected one. Nothing of the snapshot was used.',
    cause:
      'Another snapshot is in its place, or it was changed; or the expected value is of another snapshot.',
    cure: 'Get the snapshot from where it was made. Change --expect-sha256 or expect_sha256 only where this snapshot is meant.',
    commands: ['steep snapshot verify --input DIR'],
  },
  SNAPSHOT_SIGNATURE_MISSING: {
    severity: 'error',
    title: 'The snapshot is not signed',
    meaning:
      'A key was given with --verify-with, and there is no manifest.sig. Nothing of the snapshot was used.',
    cause: 'It was generated without --sign-with, or manifest.sig was not copied.',
    cure: 'Copy manifest.sig, too; or run the command that generated it again, with --sign-with: it signs what is there.',
    commands: ['steep snapshot generate --node NODE --output DIR --sign-with KEY'],
  },
  SNAPSHOT_SIGNATURE_WRONG: {
    severity: 'error',
    title: 'The signature of the snapshot does not match the key',
    meaning:
      'manifest.sig does not prove that the owner of the key has made this manifest.json. Nothing of the snapshot was used.',
    cause: 'The manifest was changed, or another key signed it.',
    cure: 'Get the snapshot from where it was made, or give the public key of whoever made it.',
    commands: ['steep snapshot verify --input DIR --verify-with KEY'],
  },
  SNAPSHOT_KEY: {
    severity: 'error',
    title: 'A key file cannot be used',
    meaning:
      'Snapshots are signed with Ed25519. The file cannot be read, holds another kind of key, or other users of this machine can read the private key.',
    cause: 'A wrong file, a key with a passphrase, or file modes that are too wide.',
    cure: 'Make a key, and keep the private one to yourself.',
    commands: [
      'openssl genpkey -algorithm ed25519 -out key.pem && chmod 600 key.pem',
      'openssl pkey -in key.pem -pubout -out key.pub.pem',
    ],
  },
  SNAPSHOT_LEDGER: {
    severity: 'error',
    title: 'The copy checkpoints could not be recorded',
    meaning:
      'The ledger commits in one transaction with the rows, and so it must be in their database.',
    cause: 'metadata_database keeps steep_repl of the node elsewhere.',
    cure: 'Load into a node without metadata_database.',
  },
  SNAPSHOT_CHANGED: {
    severity: 'error',
    title: 'Tables have other rows than the snapshot that was loaded',
    meaning:
      'steep_repl.copy_chunks says which rows were loaded, and by which transactions. These tables have more or fewer rows now, or rows that were stored by others, so that a subscription could not continue from them.',
    cause:
      'Another session wrote to the tables after they were loaded, emptied them, or created them again.',
    cure: 'Run the same command again with --force: after consent it empties these tables and loads them again. steep apply does that for the tables of its subscriptions without it, and its plan says so.',
    commands: ['SELECT * FROM steep_repl.copy_chunks;'],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
