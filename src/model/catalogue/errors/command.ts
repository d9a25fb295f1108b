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
  RECORDING_INVALID: {
    severity: 'error',
    title: 'A recording cannot be played',
    meaning: 'A line of the file is not an event that this version of steep watch knows.',
    cause: 'The file is no recording, was changed, or is of a newer version of steep.',
    cure: 'Play a file that steep watch --record of this version or an older one wrote.',
    commands: ['steep watch --replay FILE'],
  },
  INTERNAL_ERROR: {
    severity: 'error',
    title: 'Internal error in steep',
    meaning: 'steep met a situation that its authors did not foresee.',
    cause: 'This is a bug.',
    cure: 'Please report it, with the command line, the message and the versions of steep and PostgreSQL.',
    commands: ['steep --version'],
  },
  OBJECT_NOT_FOUND: {
    severity: 'error',
    title: 'The object does not exist',
    meaning:
      'The node has no publication, subscription, slot, origin or registered node of this name.',
    cause: 'The name is misspelled, or the object is on another node.',
    cure: 'List the objects of the node, and use one of these names.',
    commands: ['steep replication sub list --node NAME', 'steep replication pub list --node NAME'],
  },
  OBJECT_EXISTS: {
    severity: 'error',
    title: 'An object of this name exists already, and is a different one',
    meaning: 'The name is taken by an object that is not as the command asks. Nothing was changed.',
    cause: 'It was created before, with other tables, publications or options.',
    cure: 'Choose another name, change the object, or drop it first.',
    commands: ['steep replication pub list --node NAME', 'steep replication sub list --node NAME'],
  },
  PUBLICATION_OF_ALL: {
    severity: 'error',
    title: 'The publication has no list of tables',
    meaning: 'A publication FOR ALL TABLES sends every table: none can be added or removed.',
    cause: 'It was created FOR ALL TABLES.',
    cure: 'Declare it in steep.yaml with tables: "*": the plan replaces it by a list, without losing a row.',
    commands: ['steep plan'],
  },
  SUBSCRIPTION_DISABLED: {
    severity: 'error',
    title: 'A disabled subscription cannot be refreshed',
    meaning: 'PostgreSQL refreshes only subscriptions that are enabled.',
    cause: 'The subscription is disabled.',
    cure: 'Enable it first.',
    commands: ['steep replication sub enable NAME --node NODE'],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
