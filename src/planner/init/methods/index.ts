// The methods of steep.yaml, by the names of the state. One without a strategy does not compile.

import type { InitMethod } from '../../../model/state/state.ts';
import { desiredSubscription, type PlanContext } from '../../context/context.ts';
import type { MethodOfInit } from './init-method.ts';
import { manualMethod } from './manual.ts';
import { mergeMethod } from './merge.ts';
import { nativeMethod } from './native.ts';
import { noneMethod } from './none.ts';
import { parallelMethod } from './parallel.ts';
import { twoPhaseMethod } from './two-phase.ts';

export const initMethods: { readonly [M in InitMethod]: MethodOfInit } = {
  parallel: parallelMethod,
  native: nativeMethod,
  two_phase: twoPhaseMethod,
  manual: manualMethod,
  merge: mergeMethod,
  none: noneMethod,
};

/** That of a subscription of the file; undefined: the file does not name it. */
export const methodOf = (
  { node, name }: { readonly node: string; readonly name: string },
  context: PlanContext,
): MethodOfInit | undefined => {
  const asked = desiredSubscription(context, node, name);
  return asked && initMethods[asked.init];
};
