// Who a run is, and the lock it takes on every node that its plan touches.

import { randomUUID } from 'node:crypto';
import type { Plan } from '../model/plan.ts';
import { interruptibleSleep } from '../run/interruptible-sleep.ts';
import { applicationName, lockNodes } from '../run/run-lock.ts';
import type { ApplyRequest } from './apply.ts';
import type { Host } from './host.ts';
import type { OpenNodes } from './nodes.ts';

export interface RunIdentity {
  readonly runId: string;
  /** What other runs, and pg_stat_activity, see. */
  readonly applicationName: string;
}

export const newIdentity = (host: Host): RunIdentity => {
  const runId = randomUUID();
  return {
    runId,
    applicationName: applicationName(runId, host.user, host.hostname, host.now()),
  };
};

/** Locks the nodes of the plan's steps. @throws SteepError RUN_LOCKED (exit 5). */
export const lockTouched = async (
  nodes: OpenNodes,
  plan: Plan,
  request: Pick<ApplyRequest, 'waitForLockMs' | 'signal'>,
  host: Host,
): Promise<void> => {
  const touched = new Set(plan.steps.map(({ node }) => node));
  const sessions = new Map([...nodes.sessions].filter(([node]) => touched.has(node)));
  await lockNodes(sessions, {
    waitMs: request.waitForLockMs,
    clock: host.clock,
    sleep: interruptibleSleep(request.signal),
  });
};
