// The flags of demo.

import { Flags } from '@oclif/core';

export const demoFlags = {
  keep: Flags.boolean({ summary: 'Leave the servers running, to go on playing.' }),
  nodes: Flags.integer({
    summary: 'How many nodes; 2 unless told.',
    helpValue: 'N',
    min: 2,
    max: 8,
  }),
  pg: Flags.string({
    summary: 'PostgreSQL majors of the nodes, in turn; 18 unless told.',
    helpValue: 'MAJORS',
  }),
  dir: Flags.directory({
    summary: 'An empty or a new directory; a temporary one unless told.',
    helpValue: 'DIR',
  }),
};
