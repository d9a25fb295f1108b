// Where snapshots are kept, and what their files hold.

import type { ErrorExplanation } from '../explanation.ts';

export const storageErrors = {
  STORAGE_LOCATION: {
    severity: 'error',
    title: 'The location of a snapshot is not valid',
    meaning: 'A snapshot lives in a directory or in a bucket, and the text names neither.',
    cause: 'The name of the bucket is missing or misspelled, or the text holds more than a name.',
    cure: 'Write s3://BUCKET/PREFIX, or the path of a directory. Credentials belong into the environment or the AWS configuration.',
    commands: ['export AWS_ENDPOINT_URL=https://SERVER AWS_PROFILE=NAME'],
  },
  STORAGE_FAILED: {
    severity: 'error',
    title: 'The storage of a snapshot cannot be used',
    meaning:
      'A directory or a bucket refused a request, or did not answer any more. Files that were complete are still there; the one that was being written is not.',
    cause:
      'It does not exist, a right is missing, credentials are wrong or have expired, or the network or the disk failed.',
    cure: 'Put right what the message says, and run the same command again.',
    commands: ['aws s3 ls s3://BUCKET/PREFIX/', 'ls -ld DIRECTORY'],
  },
  STORAGE_FULL: {
    severity: 'error',
    title: 'There is not enough free space for the snapshot',
    meaning:
      'The disk, a quota or the bucket is full. Files that were complete are still there; the one that was being written was removed.',
    cause: 'The snapshot is larger than the room that is left.',
    cure: 'Make room, or choose another place or a stronger compression, and run the same command again.',
    commands: ['df -h DIRECTORY'],
  },
  SNAPSHOT_PATH: {
    severity: 'error',
    title: 'A path leads outside of the snapshot',
    meaning:
      'Files of a snapshot are named by relative paths below its location, and this is another. Nothing was read or written there.',
    cause: 'The manifest was edited or damaged, or was made to do harm.',
    cure: 'Do not use the snapshot. Generate another one, or fetch it again from where you trust it.',
  },
  SNAPSHOT_LINK: {
    severity: 'error',
    title: 'A file of the snapshot is not a regular file',
    meaning:
      'In place of a file or folder of the snapshot there is a link, a device or something else, which may lead anywhere. steep does not follow it.',
    cause: 'Somebody moved files and left links, or put them there to do harm.',
    cure: 'Put the files themselves in place. The location as a whole may be a link.',
    commands: ['find DIRECTORY -type l -ls'],
  },
  SNAPSHOT_FILE_MISSING: {
    severity: 'error',
    title: 'A file of the snapshot is missing',
    meaning: 'The snapshot should have a file that is not there.',
    cause: 'The snapshot was copied in part, or somebody or a rule of the bucket removed files.',
    cure: 'Copy the whole snapshot again, or generate another one.',
  },
  SNAPSHOT_FILE_LARGE: {
    severity: 'error',
    title: 'A file of the snapshot is larger than it can be',
    meaning:
      'A file that is read as a whole is too large for one that steep wrote, so it was not read.',
    cause: 'The file was damaged or replaced.',
    cure: 'Copy the snapshot again, or generate another one.',
  },
  SNAPSHOT_CORRUPT: {
    severity: 'error',
    title: 'A file of the snapshot is damaged',
    meaning:
      'The data of a file cannot be what was written: it does not decompress, is cut short, goes on after its end, or is more than it should be.',
    cause: 'A disk or a transfer damaged the file, or somebody changed it.',
    cure: 'Copy the snapshot again, or generate another one.',
  },
  COMPRESSION_INVALID: {
    severity: 'error',
    title: 'The compression is not known',
    meaning: 'The codec or its level is unknown.',
    cause: 'The name is misspelled, or the codec has no such level.',
    cure: 'Use none, gzip (1 to 9), lz4 or zstd (1 to 19).',
    commands: ['zstd', 'gzip:6'],
  },
  CODEC_UNAVAILABLE: {
    severity: 'error',
    title: 'A compression codec does not work on this machine',
    meaning: 'The library that compresses and decompresses in this way cannot be loaded.',
    cause: 'steep was installed without optional packages, or there is none for this platform.',
    cure: 'Install the optional packages, or use another codec: zstd and gzip are part of Node.',
    commands: ['npm install --include=optional'],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
