// The flags of repair.

import { Flags } from '@oclif/core';
import { consentFlags, reportFlagOf, waitForLockFlag } from './flags.ts';
import { listFlagOf } from './list-flag.ts';
import { verifyFlags } from './verify-flags.ts';

const { tables, jobs, 'max-rate': maxRate, 'settle-timeout': settleTimeout } = verifyFlags;

/** Of commands that show which rows they would write, and ask. */
const writeFlags = {
  'dry-run': Flags.boolean({
    summary: 'Only show what would be written; exits with 2 if there is something.',
    default: false,
  }),
  'auto-approve': Flags.boolean({
    summary: 'Do not ask for approval. Does not cover hazards that need consent.',
  }),
  ...consentFlags,
  'settle-timeout': settleTimeout,
  'wait-for-lock': waitForLockFlag,
};

export const undoFlags = { tables, ...writeFlags };

export const repairFlags = {
  tables,
  from: Flags.string({
    summary: 'Look only at the rows of this CSV report of steep verify.',
    helpValue: 'FILE',
  }),
  rows: listFlagOf(['missing', 'different', 'extra'])({
    summary: 'Which rows are repaired: missing on the subscriber, different, extra there.',
    default: ['missing', 'different', 'extra'],
    defaultHelp: () => Promise.resolve('all three'),
  }),
  report: reportFlagOf(['sql', 'json'])({
    summary: 'Also write a report; repeatable. sql is a script that does the same.',
    multiple: true,
  }),
  jobs,
  'max-rate': maxRate,
  ...writeFlags,
};
