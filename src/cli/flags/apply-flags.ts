// The flags of apply, and of the other commands that run a plan.

import { Flags } from '@oclif/core';
import {
  choiceFlags,
  consentFlags,
  limitFlags,
  timeFlag,
  usualLimits,
  verifyWithFlag,
  waitForLockFlag,
} from './flags.ts';
import { probeFlag } from './probe-flag.ts';

const hour = 3_600_000;

/** The limits of a run where no flag says otherwise. */
export const usualRunLimits = {
  ...usualLimits,
  lockRetries: 10,
  waitTimeoutMs: hour,
  pollMs: 500,
};

/** How a plan is agreed to and run, whatever it does. */
export const runFlags = {
  'auto-approve': Flags.boolean({
    summary: 'Do not ask for approval. Does not cover hazards that need consent.',
  }),
  ...consentFlags,
  'verify-with': verifyWithFlag,
  wait: Flags.boolean({
    summary: 'Wait until every table is ready and the lag is small.',
    default: true,
    allowNo: true,
  }),
  'converge-timeout': timeFlag({
    summary: 'How long --wait waits, before the command ends with exit code 8.',
    default: usualRunLimits.waitTimeoutMs,
  }),
  ...limitFlags,
  probe: probeFlag,
  'lock-retries': Flags.integer({
    summary: 'How often a statement is tried again that did not get a lock within --lock-timeout.',
    helpValue: 'N',
    min: 0,
    default: usualRunLimits.lockRetries,
  }),
  'wait-for-lock': waitForLockFlag,
};

/** How a command that runs a plan can end. */
export const runExitCodes = [
  'refused',
  'stale',
  'locked',
  'partial',
  'incomplete',
  'notConverged',
  'invalidFile',
] as const;

export const applyFlags = {
  queue: Flags.string({
    summary: 'Do not run it: add it to the queue of this node, for a steep worker.',
    helpValue: 'NODE',
  }),
  ...runFlags,
  'expect-plan-id': Flags.string({
    summary: 'Run only the plan with this id, whether planned now or saved.',
    helpValue: 'sha256:…',
  }),
  ...choiceFlags,
};
