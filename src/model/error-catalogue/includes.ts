// Faults of a topology that stands in several files.

import type { ErrorExplanation } from '../explanation.ts';

export const includeErrors = {
  INCLUDE_NOT_FOUND: {
    severity: 'error',
    title: 'An included file cannot be read',
    meaning: 'A file that `include` names is not there or may not be read.',
    cause:
      'The path is misspelled, or is not relative to the file that it stands in, or a permission is missing.',
    cure: 'Correct the path, or remove it from `include`.',
    commands: ['include: [nodes.yaml, teams/*.yaml]'],
  },
  INCLUDE_CYCLE: {
    severity: 'error',
    title: 'Files include each other in a circle',
    meaning: 'A file includes itself, directly or through others.',
    cause: 'Two files name each other, or a pattern matches a file that is being read already.',
    cure: 'Let one file, steep.yaml, include all others.',
  },
  INCLUDE_OUTSIDE: {
    severity: 'error',
    title: 'A pattern looks outside of the project',
    meaning:
      'A pattern in `include` leaves the directory of steep.yaml. What it matches could change without anybody noticing.',
    cause: 'The pattern begins with / or with more ../ than there are directories.',
    cure: 'Name the files outside of the project one by one.',
    commands: ['include: [../shared/nodes.yaml]'],
  },
  INCLUDE_EMPTY: {
    severity: 'warning',
    title: 'A pattern matches no file',
    meaning: 'A pattern in `include` adds nothing to the topology.',
    cause: 'The pattern is misspelled, or the files are not there yet.',
    cure: 'Correct the pattern, or remove it.',
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
