// Where snapshots are kept, and what their files hold.

import type { ErrorExplanation } from '../explanation.ts';

export const storageErrors = {
  STORAGE_LOCATION: {
    severity: 'error',
    title: 'The location of a snapshot is not valid',
    meaning: 'A snapshot is stored in a directory or in a bucket, and the text names neither.',
    cause: 'The name of the bucket is missing or misspelled, or the text holds more than a name.',
    cure: 'Write s3://BUCKET/PREFIX, or the path of a directory. Credentials belong in the environment or in the AWS configuration.',
    commands: ['export AWS_ENDPOINT_URL=https://SERVER AWS_PROFILE=NAME'],
  },
  STORAGE_FAILED: {
    severity: 'error',
    title: 'The storage of a snapshot cannot be used',
    meaning:
      'A directory or a bucket refused a request, or stopped answering. Complete files are still there; the file that was being written is not.',
    cause:
      'It does not exist, a right is missing, credentials are wrong or have expired, or the network or the disk failed.',
    cure: 'Correct what the message names, and run the same command again.',
    commands: ['aws s3 ls s3://BUCKET/PREFIX/', 'ls -ld DIRECTORY'],
  },
  STORAGE_FULL: {
    severity: 'error',
    title: 'There is not enough free space for the snapshot',
    meaning:
      'The disk, a quota or the bucket is full. Complete files are still there; the file that was being written was removed.',
    cause: 'The snapshot is larger than the free space.',
    cure: 'Free space, or choose another location or a stronger compression, and run the same command again.',
    commands: ['df -h DIRECTORY'],
  },
  SNAPSHOT_PATH: {
    severity: 'error',
    title: 'A path leads outside of the snapshot',
    meaning:
      'Files of a snapshot have relative paths below its location, and this path leads elsewhere. Nothing was read or written there.',
    cause: 'The manifest was edited or damaged, possibly to do harm.',
    cure: 'Do not use the snapshot. Generate a new one, or copy it again from a source that you trust.',
  },
  SNAPSHOT_LINK: {
    severity: 'error',
    title: 'A file of the snapshot is not a regular file',
    meaning:
      'Instead of a file or directory of the snapshot there is a symbolic link, a device or something else, which may lead anywhere. steep does not follow it.',
    cause: 'Files were moved and replaced by links, possibly to do harm.',
    cure: 'Replace the links by the files. The location as a whole may be a link.',
    commands: ['find DIRECTORY -type l -ls'],
  },
  SNAPSHOT_FILE_MISSING: {
    severity: 'error',
    title: 'A file of the snapshot is missing',
    meaning: 'The snapshot should have a file that is not there.',
    cause:
      'The snapshot was copied in part, or files were removed, by hand or by a rule of the bucket.',
    cure: 'Copy the whole snapshot again, or generate a new one.',
  },
  SNAPSHOT_FILE_LARGE: {
    severity: 'error',
    title: 'A file of the snapshot is too large',
    meaning: 'The file is larger than any file of this kind that steep writes, so it was not read.',
    cause: 'The file was damaged or replaced.',
    cure: 'Copy the snapshot again, or generate another one.',
  },
  SNAPSHOT_CORRUPT: {
    severity: 'error',
    title: 'A file of the snapshot is damaged',
    meaning:
      'The data of a file cannot be what was written: it does not decompress, is truncated, has data after its end, or is larger than it should be.',
    cause: 'A disk or a transfer damaged the file, or it was changed.',
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
