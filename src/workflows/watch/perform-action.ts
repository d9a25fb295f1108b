// What steep watch changes, by the workflows of the commands that change the same: planned, shown, agreed to and run by them.

import type { VerificationProgress } from '../../model/report/verification.ts';
import { addressOf } from '../../model/state/address.ts';
import type { WatchAction } from '../../model/watch/watch-action.ts';
import type { ApplyRequest, ApplyResult } from '../apply/apply-request.ts';
import { initReset } from '../init/init.ts';
import { initCancel } from '../init/init-cancel.ts';
import { changeOne } from '../primitives/change-one.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { type VerifyResult, verify } from '../verify/verify.ts';

export interface ActionRequest
  extends Omit<ApplyRequest, 'planFile' | 'expectPlanId' | 'options' | 'waitForLockMs'> {
  readonly onProgress: (progress: VerificationProgress) => void;
}

/** One of both. */
export interface ActionResult {
  readonly applied: ApplyResult | null;
  readonly verified: VerifyResult | null;
}

/** Milliseconds that the run that makes a copy has to end, once it is asked to. */
const cancelWaitMs = 30_000;

/** As steep verify without flags. */
const verifying = { fast: false, jobs: 1, maxRate: null, settleMs: 60_000, onRow: () => undefined };

const choiceOf = ({ node, source, subscription }: WatchAction) => ({
  node,
  from: source,
  subscription,
});

const applying = (
  action: WatchAction,
  request: ActionRequest,
  runtime: RuntimeEnvironment,
): Promise<ApplyResult> => {
  const { kind, node, subscription, tables } = action;
  const options = { prune: false };
  if (kind === 'cancel') {
    const asked = { ...request, options, waitForLockMs: cancelWaitMs };
    return initCancel(choiceOf(action), asked, runtime);
  }
  const run = { ...request, waitForLockMs: 0 };
  if (kind === 'reinitialize') {
    const wanted = { tables, schemas: null };
    return initReset({ ...choiceOf(action), wanted }, { ...run, options }, runtime);
  }
  const { file } = request;
  const unset = { connection: null, as: null, peer: null, peerConnection: null };
  const asked = { do: kind === 'enable' ? 'enable' : 'disable', name: subscription } as const;
  return changeOne({ ...run, place: { file, node, ...unset }, asked }, runtime);
};

/** @throws SteepError as the command does: USAGE for an edge that steep.yaml does not have, LOCKED, INTERRUPTED. */
export const performAction = async (
  action: WatchAction,
  request: ActionRequest,
  runtime: RuntimeEnvironment,
): Promise<ActionResult> => {
  if (action.kind !== 'verify') {
    return { applied: await applying(action, request, runtime), verified: null };
  }
  const { file, signal, onProgress } = request;
  const addresses = [addressOf(action.node, 'subscription', action.subscription)];
  const tables = action.tables.length === 0 ? null : action.tables;
  const asked = { ...verifying, file, signal, onProgress, addresses, tables };
  return { applied: null, verified: await verify(asked, runtime) };
};
