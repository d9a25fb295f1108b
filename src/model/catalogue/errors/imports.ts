// Writing a steep.yaml that describes what exists.

import type { ErrorExplanation } from '../explanation.ts';

export const importErrors = {
  FILE_EXISTS: {
    severity: 'error',
    title: 'The file to write already exists',
    meaning: 'import was to write a file that exists; nothing was read and nothing was written.',
    cause: 'The file was written before, or belongs to another topology.',
    cure: 'Write to another file, or allow that this one is replaced.',
    commands: ['steep import --node NAME=URL --out FILE', 'steep import --node NAME=URL --force'],
  },
  NODE_UNREADABLE: {
    severity: 'error',
    title: 'A node could not be read',
    meaning: 'The file would describe only a part of what exists, so none was written.',
    cause: 'The findings beside this error say what was wrong with each node.',
    cure: 'Put that right, or leave the node out, and import again.',
  },
  LEFT_OUT: {
    severity: 'warning',
    title: 'An object was left out of the imported file',
    meaning:
      'The object is on the servers and not in the file that import wrote. steep does not touch it.',
    cause:
      'The file cannot declare it (FOR ALL TABLES, a detached subscription), nobody in the file reads it, its other end is none of the nodes, or a plan would have changed it.',
    cure: 'Nothing, unless steep is to manage it: the warning, and the end of the file, say how.',
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
