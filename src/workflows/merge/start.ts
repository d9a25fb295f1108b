// steep merge start and cancel: apply, with both subscriptions of a pair as targets.

import { type Address, addressOf } from '../../model/state/address.ts';
import { apply } from '../apply/apply.ts';
import type { ApplyRequest, ApplyResult } from '../apply/apply-request.ts';
import { loadFile } from '../load.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { mergeNamed } from './merge-pairs.ts';

type Request = Omit<ApplyRequest, 'planFile' | 'expectPlanId'>;

/** A file with errors is told by apply itself. @throws SteepError USAGE (exit 64). */
const addressesOf = (
  pair: string,
  file: string,
  runtime: RuntimeEnvironment,
): readonly Address[] => {
  const { topology } = loadFile(file, runtime);
  if (topology === null) return [];
  const { back, forth } = mergeNamed(pair, topology.desired);
  return [back, forth].map(({ node, name }) => addressOf(node, 'subscription', name));
};

/** @throws SteepError USAGE (exit 64) for a pair that the file does not have. */
export const startMerge = async (
  pair: string,
  request: Request,
  runtime: RuntimeEnvironment,
): Promise<ApplyResult> => {
  const target = addressesOf(pair, request.file, runtime);
  const options = { ...request.options, target };
  return apply({ ...request, planFile: null, expectPlanId: null, options }, runtime);
};

/** The same. A merge that has written nothing leaves nothing behind. */
export const cancelMergeOf = async (
  pair: string,
  request: Request,
  runtime: RuntimeEnvironment,
): Promise<ApplyResult> => {
  const cancel = addressesOf(pair, request.file, runtime);
  const options = { ...request.options, target: cancel, cancel };
  return apply({ ...request, planFile: null, expectPlanId: null, options }, runtime);
};
