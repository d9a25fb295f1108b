// Who a run is: its id, what its sessions are called, and the locks that it holds.

import { randomUUID } from 'node:crypto';
import { makeSeenTables, type SeenTables } from '../../copy/check/seen-tables.ts';
import { holdRunLocks, type RunLocks } from '../../run/hold-run-locks.ts';
import { applicationName } from '../../run/run-lock.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';

export interface RunIdentity {
  readonly runId: string;
  /** What other runs, and pg_stat_activity, see. */
  readonly applicationName: string;
  /** None is held at first. */
  readonly locks: RunLocks;
  /** The run is to end: it was interrupted, or a lock is lost. Then no server is waited for long. */
  readonly ending: AbortSignal;
  readonly seen: SeenTables;
}

/** How the sessions of a run are opened that changes nodes. */
export const sessionsOfRun = ({ applicationName, locks, ending }: RunIdentity) => ({
  applicationName,
  beforeCommit: locks.beforeCommit,
  interrupt: ending,
  readOnly: false,
});

export const newIdentity = (runtime: RuntimeEnvironment): RunIdentity => {
  const runId = randomUUID();
  const locks = holdRunLocks(runId);
  const { interrupt } = runtime;
  return {
    runId,
    applicationName: applicationName(runId, runtime.user, runtime.hostname, runtime.now()),
    locks,
    seen: makeSeenTables(),
    ending: interrupt === undefined ? locks.lost : AbortSignal.any([interrupt, locks.lost]),
  };
};
