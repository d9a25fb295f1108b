// Whether rows are looked at before they are copied.

import { Flags } from '@oclif/core';

/** Of the commands that plan copies. */
export const probeFlag = Flags.boolean({
  summary: 'Look at a few rows of the tables to copy, for estimates: at most 300 ms on each node.',
  default: true,
  allowNo: true,
});
