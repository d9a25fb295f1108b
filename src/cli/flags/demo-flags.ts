// The flags of demo, and of the commands on a sandbox.

import { Flags } from '@oclif/core';

const majorsFlag = Flags.string({
  summary: 'Major versions of PostgreSQL of the nodes, in turn; default: 18.',
  helpValue: 'MAJORS',
});

/** Of every command on a sandbox. */
export const sandboxFlags = {
  dir: Flags.directory({
    summary: 'The directory of the sandbox; default: ~/.steep/sandbox.',
    helpValue: 'DIR',
  }),
};

export const sandboxUpFlags = {
  nodes: Flags.integer({
    summary: 'How many nodes; default: 2, or as many as major versions.',
    helpValue: 'N',
    min: 1,
    max: 16,
  }),
  pg: majorsFlag,
  ...sandboxFlags,
};

export const demoFlags = {
  keep: Flags.boolean({ summary: 'Leave the servers running after the demo.' }),
  nodes: Flags.integer({
    summary: 'How many nodes; default: 2.',
    helpValue: 'N',
    min: 2,
    max: 8,
  }),
  pg: majorsFlag,
  dir: Flags.directory({
    summary: 'An empty or a new directory; default: a temporary one.',
    helpValue: 'DIR',
  }),
};
