// Who a run is, and the locks it takes: on every node that its plan touches, or on those that a command names.

import { randomUUID } from 'node:crypto';
import type { NodeName } from '../model/address.ts';
import type { Plan } from '../model/plan.ts';
import type { Session } from '../postgres/session.ts';
import { holdRunLocks, type RunLocks } from '../run/hold-run-locks.ts';
import { interruptibleSleep } from '../run/interruptible-sleep.ts';
import { applicationName } from '../run/run-lock.ts';
import type { ApplyRequest } from './apply.ts';
import type { Host } from './host.ts';
import type { OpenNodes } from './nodes.ts';

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
});

export const newIdentity = (host: Host): RunIdentity => {
  const runId = randomUUID();
  return {
    runId,
    applicationName: applicationName(runId, host.user, host.hostname, host.now()),
    locks: holdRunLocks(runId),
  };
};

/** Each lock ends with its session. @throws SteepError RUN_LOCKED (exit 5). */
export const lockNodes = (
  sessions: ReadonlyMap<NodeName, Session>,
  { locks }: RunIdentity,
  { waitForLockMs, signal }: Pick<ApplyRequest, 'waitForLockMs' | 'signal'>,
  host: Host,
): Promise<void> =>
  locks.take(sessions, {
    waitMs: waitForLockMs,
    clock: host.clock,
    sleep: interruptibleSleep(signal),
  });

/** Locks the nodes of the plan's steps. @throws SteepError RUN_LOCKED (exit 5). */
export const lockTouched = async (
  nodes: OpenNodes,
  plan: Plan,
  identity: RunIdentity,
  request: Pick<ApplyRequest, 'waitForLockMs' | 'signal'>,
  host: Host,
): Promise<void> => {
  const touched = new Set(plan.steps.map(({ node }) => node));
  const sessions = new Map([...nodes.sessions].filter(([node]) => touched.has(node)));
  await lockNodes(sessions, identity, request, host);
};
