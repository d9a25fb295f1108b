// The flags of demo.

import { Flags } from '@oclif/core';

export const demoFlags = {
  keep: Flags.boolean({ summary: 'Leave the servers running after the demo.' }),
  nodes: Flags.integer({
    summary: 'How many nodes; default: 2.',
    helpValue: 'N',
    min: 2,
    max: 8,
  }),
  pg: Flags.string({
    summary: 'Major versions of PostgreSQL of the nodes, in turn; default: 18.',
    helpValue: 'MAJORS',
  }),
  dir: Flags.directory({
    summary: 'An empty or a new directory; default: a temporary one.',
    helpValue: 'DIR',
  }),
};
