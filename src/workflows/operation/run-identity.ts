// Who a run is: its id, what its sessions are called, and the locks that it holds.

import { randomUUID } from 'node:crypto';
import { holdRunLocks, type RunLocks } from '../../run/hold-run-locks.ts';
import { applicationName } from '../../run/run-lock.ts';
import type { Host } from '../host.ts';

export interface RunIdentity {
  readonly runId: string;
  /** What other runs, and pg_stat_activity, see. */
  readonly applicationName: string;
  /** None is held at first. */
  readonly locks: RunLocks;
}

/** How the sessions of a run are opened that changes nodes. */
export const sessionsOfRun = ({ applicationName, locks }: RunIdentity) => ({
  applicationName,
  beforeCommit: locks.beforeCommit,
  readOnly: false,
});

export const newIdentity = (host: Host): RunIdentity => {
  const runId = randomUUID();
  return {
    runId,
    applicationName: applicationName(runId, host.user, host.hostname, host.now()),
    locks: holdRunLocks(runId),
  };
};
