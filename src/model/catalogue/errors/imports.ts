// Writing a steep.yaml that describes what exists.

import type { ErrorExplanation } from '../explanation.ts';

export const importErrors = {
  FILE_EXISTS: {
    severity: 'error',
    title: 'The file to write already exists',
    meaning:
      'The file that steep import should write already exists. Nothing was read and nothing was written.',
    cause: 'An earlier import wrote the file, or it belongs to another topology.',
    cure: 'Write to another file, or allow steep to replace this one.',
    commands: ['steep import --node NAME=URL --out FILE', 'steep import --node NAME=URL --force'],
  },
  NODE_UNREADABLE: {
    severity: 'error',
    title: 'A node could not be read',
    meaning:
      'The command needs every node that it names, and one could not be read. steep import wrote no file.',
    cause: 'The messages next to this error say what was wrong with each node.',
    cure: 'Correct that, and run the same command again. steep import can also leave the node out.',
  },
  LEFT_OUT: {
    severity: 'warning',
    title: 'An object was left out of the imported file',
    meaning:
      'The object exists on the servers but is not in the file that import wrote. steep does not change it.',
    cause:
      'The file cannot declare it (FOR ALL TABLES, a detached subscription), no node in the file reads it, its other end is not one of the nodes, or a plan would have changed it.',
    cure: 'Nothing, unless steep should manage it: the warning, and the end of the file, say how.',
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
