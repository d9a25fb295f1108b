// Faults of a topology that is in several files.

import type { ErrorExplanation } from '../explanation.ts';

export const includeErrors = {
  INCLUDE_NOT_FOUND: {
    severity: 'error',
    title: 'An included file cannot be read',
    meaning: 'A file that `include` names does not exist or cannot be read.',
    cause:
      'The path is misspelled, or is not relative to the file that contains it, or a permission is missing.',
    cure: 'Correct the path, or remove it from `include`.',
    commands: ['include: [nodes.yaml, teams/*.yaml]'],
  },
  INCLUDE_CYCLE: {
    severity: 'error',
    title: 'Files include each other',
    meaning: 'A file includes itself, directly or through others.',
    cause: 'Two files name each other, or a pattern matches a file that is being read already.',
    cure: 'Include all files from one file, steep.yaml.',
  },
  INCLUDE_OUTSIDE: {
    severity: 'error',
    title: 'An included file is outside the project directory',
    meaning:
      'An entry of `include` leads out of the directory of steep.yaml. Such a file is read only if the command line allows it.',
    cause:
      'The path begins with / or has too many ../, or a symbolic link leads out of the directory.',
    cure: 'Move the file into the directory of steep.yaml, or allow files outside it. A pattern never matches files outside it.',
    commands: ['steep plan --include-outside'],
  },
  SNAPSHOT_OUTSIDE: {
    severity: 'error',
    title: 'A snapshot is outside the project directory',
    meaning:
      'The key `init.snapshot` names a directory outside that of steep.yaml. A plan would show what is in it, and apply would load its rows, so it is read only if the command line allows it.',
    cause:
      'The path begins with / or has too many ../, or a symbolic link leads out of the directory.',
    cure: 'Check that the snapshot is yours, and allow files outside the directory; or name the snapshot on the command line.',
    commands: [
      'steep plan --include-outside',
      'steep plan --target ADDRESS --from-snapshot LOCATION',
    ],
  },
  DECISIONS_OUTSIDE: {
    severity: 'error',
    title: 'A file with decisions is outside the project directory',
    meaning:
      'The key `init.decisions` of a pair names a file outside the directory of steep.yaml. Its hash would be in the plan, and its keys in errors, so it is read only if the command line allows it.',
    cause:
      'The path begins with / or has too many ../, or a symbolic link leads out of the directory.',
    cure: 'Move the file into the directory of steep.yaml, or check that it is yours, and allow files outside the directory.',
    commands: ['steep plan --include-outside'],
  },
  INCLUDE_NOT_TOPOLOGY: {
    severity: 'error',
    title: 'An included file is not part of a topology',
    meaning:
      'A file that `include` names has none of the keys of steep.yaml. Nothing of its text is shown, since it may be any file.',
    cause: 'The path or the pattern is wrong.',
    cure: 'Correct the path, or remove it from `include`.',
  },
  INCLUDE_PATTERN: {
    severity: 'error',
    title: 'A pattern of include is too complex',
    meaning:
      'Matching the pattern could take very long: it is longer than 500 characters, its braces expand to more than 100 patterns, it has ** more than 3 times or * more than 3 times between two slashes, or it has a group such as +(a). No files were searched.',
    cause:
      'Braces or stars were repeated, by mistake or to overload the machine that reads the file.',
    cure: 'Write several simple patterns.',
    commands: ['include: [nodes.yaml, teams/*.yaml]'],
  },
  INCLUDE_EMPTY: {
    severity: 'warning',
    title: 'A pattern matches no file',
    meaning: 'A pattern in `include` adds nothing to the topology.',
    cause: 'The pattern is misspelled, or the files do not exist yet.',
    cure: 'Correct the pattern, or remove it.',
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
