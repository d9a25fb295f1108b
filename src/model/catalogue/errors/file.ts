// Faults of steep.yaml as text: its syntax, its keys and its values.

import type { ErrorExplanation } from '../explanation.ts';

export const fileErrors = {
  INVALID_FILE: {
    severity: 'error',
    title: 'The topology file is not valid',
    meaning: 'The file has at least one error, so nothing was compared and nothing was changed.',
    cause:
      'The file has errors: each is reported with its code, its position in the file and what to do.',
    cure: 'Correct the errors, and validate the file again; no server is needed for that.',
    commands: ['steep validate'],
  },
  FILE_UNREADABLE: {
    severity: 'error',
    title: 'A file cannot be read',
    meaning:
      'The topology file, or another file that the command names, does not exist or cannot be read.',
    cause:
      'The working directory is another one, the path is misspelled, or a permission is missing.',
    cure: 'Change to the directory of steep.yaml, or pass the path with --config.',
    commands: ['steep plan --config PATH/steep.yaml'],
  },
  FILE_UNWRITABLE: {
    severity: 'error',
    title: 'A file cannot be written',
    meaning:
      'A plan, a report or another file could not be written; an existing file at this path is unchanged.',
    cause: 'The directory does not exist or is read-only, or the disk is full.',
    cure: 'Choose another path, or create the directory.',
  },
  FILE_TOO_LARGE: {
    severity: 'error',
    title: 'The file is too large to be read',
    meaning:
      'A file may have at most 1 MB and 64 levels of nesting, because larger files take very long to parse.',
    cause: 'The file was generated, or is not a topology.',
    cure: 'Split it with `include`.',
    commands: ['include: [nodes.yaml, teams/*.yaml]'],
  },
  YAML_SYNTAX: {
    severity: 'error',
    title: 'The file is not valid YAML',
    meaning: 'The text cannot be read as YAML, so nothing in it can be checked.',
    cause:
      'An indentation, a quote, a bracket or a colon is wrong at or before the position shown.',
    cure: 'Correct the text at the position shown. Values that begin with * or hold ": " need quotes.',
    commands: ['steep validate'],
  },
  DUPLICATE_KEY: {
    severity: 'error',
    title: 'A key is defined twice',
    meaning:
      'The same key occurs twice in one mapping, or in two files, and steep does not guess which one is meant.',
    cause: 'A block was copied, or two blocks were given the same name.',
    cure: 'Remove or rename one of the two keys shown.',
  },
  UNKNOWN_KEY: {
    severity: 'error',
    title: 'Unknown key',
    meaning:
      'The file has a key that steep does not know at this position. steep never ignores a key silently.',
    cause: 'The key is misspelled, or is indented under the wrong block.',
    cure: 'Use the key that the message suggests, or remove the key.',
    commands: ['steep validate'],
  },
  INVALID_VALUE: {
    severity: 'error',
    title: 'A value is not allowed here',
    meaning: 'A value has the wrong type, or is not one that the key accepts.',
    cause: 'The value is misspelled, out of range, or lacks its unit.',
    cure: 'Use a value that the message names. The schema of the file lets an editor suggest them.',
  },
  WRONG_TYPE: {
    severity: 'error',
    title: 'A value has the wrong type',
    meaning:
      'For example, there is a list where a mapping is expected, or a text where a number is expected.',
    cause:
      'The indentation or the dashes of a list are wrong, or a value is in quotes and should not be.',
    cure: 'Write the value in the form that the message names.',
  },
  EMPTY_LIST: {
    severity: 'error',
    title: 'A list or mapping is empty',
    meaning:
      'A key has no entries. That could mean nothing or everything, and steep does not guess.',
    cause: 'The entries were removed, or are indented under another key.',
    cure: 'Add an entry, or remove the key.',
  },
  DUPLICATE_ENTRY: {
    severity: 'error',
    title: 'A list names something twice',
    meaning: 'The same table, column or name occurs twice in one list.',
    cause: 'An entry was copied, or is written once with quotes and once without.',
    cure: 'Remove one of the two.',
  },
  INVALID_SIZE: {
    severity: 'error',
    title: 'A size or time cannot be read',
    meaning: 'A size or a time is not written as PostgreSQL writes it.',
    cause: 'The unit is missing or unknown.',
    cure: 'Write sizes like 512MB or 10GB (powers of 1024), and times like 30s, 5min or 2h.',
  },
  MISSING_KEY: {
    severity: 'error',
    title: 'A required key is missing',
    meaning: 'A block lacks a key without which it has no meaning.',
    cause: 'The key was left out, or is indented under the wrong block.',
    cure: 'Add the key that the message names.',
  },
  NAME_TOO_LONG: {
    severity: 'error',
    title: 'A name is too long for PostgreSQL',
    meaning:
      'PostgreSQL truncates names to 63 bytes without an error, so two names could become the same.',
    cause:
      'A name in the file has more than 63 bytes; a letter outside ASCII has more than one byte.',
    cure: 'Choose a shorter name.',
  },
  INVALID_NAME: {
    severity: 'error',
    title: 'PostgreSQL cannot hold this name',
    meaning:
      'A name must have 1 to 63 bytes and no zero byte. The name of a slot has only lower case letters, digits and underscores.',
    cause: 'The name is empty, too long, or holds a character that is not allowed.',
    cure: 'Choose another name. A name with other characters needs the double quotes of SQL inside the quotes of YAML.',
    commands: [`- '"Odd Name".table'`],
  },
  INVALID_EXPRESSION: {
    severity: 'error',
    title: 'The row filter is not one expression',
    meaning:
      'The text of a row filter must be exactly one SQL expression, so that it cannot become another statement.',
    cause: 'A quote or a parenthesis is not closed, or the text holds a semicolon or a comment.',
    cure: 'Write the filter like the condition after WHERE, without the word WHERE.',
    commands: ["where: region = 'eu' AND NOT archived"],
  },
  NOT_SUPPORTED_YET: {
    severity: 'error',
    title: 'Not supported by this version of steep',
    meaning: 'The file uses a feature that this version can read but does not implement.',
    cause:
      'The setting belongs to the language of steep.yaml, and this version of steep cannot carry it out.',
    cure: 'Remove the key, or use a newer version of steep.',
    commands: ['steep --version'],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
