// What the commands of merge take.

import { Args } from '@oclif/core';

export const mergeArgs = {
  pair: Args.string({ description: 'A pair of steep.yaml with init: merge.', required: true }),
};
