// The command line itself.

import type { ErrorExplanation } from '../explanation.ts';

export const commandErrors = {
  USAGE: {
    severity: 'error',
    title: 'The command line is not valid',
    meaning: 'A flag or an argument is unknown, missing, or has a value that it does not take.',
    cause: 'The command line is misspelled, or belongs to another command.',
    cure: 'Look at the flags and arguments of the command.',
    commands: ['steep COMMAND --help'],
  },
  UNKNOWN_COMMAND: {
    severity: 'error',
    title: 'Unknown command',
    meaning: 'steep has no command of this name.',
    cause: 'The name is misspelled.',
    cure: 'Use the command that the message suggests, or look at the list.',
    commands: ['steep help'],
  },
  UNKNOWN_CODE: {
    severity: 'error',
    title: 'Unknown code',
    meaning: 'steep knows no hazard and no error of this name.',
    cause: 'The code is misspelled, or belongs to another version of steep.',
    cure: 'Use the code that the message suggests, or look at the list.',
    commands: ['steep explain'],
  },
  INTERNAL_ERROR: {
    severity: 'error',
    title: 'Internal error in steep',
    meaning: 'steep met a situation that its authors did not foresee.',
    cause: 'This is a bug.',
    cure: 'Please report it, with the command line, the message and the versions of steep and PostgreSQL.',
    commands: ['steep --version'],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
