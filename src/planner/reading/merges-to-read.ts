// Which pairs are about to be merged, so that the rows of both nodes are compared for the plan.

import type { QualifiedName } from '../../model/identifier.ts';
import type { DesiredState, LiveState } from '../../model/state/state.ts';
import { isKind } from '../context/context.ts';
import { copiedTablesOf } from '../facts/pairs/copied-pair.ts';
import {
  isInPlace,
  isMergePending,
  type MergedPair,
  mergedPair,
} from '../facts/pairs/merged-pair.ts';
import { beginningOf } from './tables-to-probe.ts';

export interface MergeToRead extends MergedPair {
  readonly tables: readonly QualifiedName[];
}

export const mergesToRead = (asked: DesiredState, read: LiveState): readonly MergeToRead[] => {
  if (!asked.subscriptions.some(({ merge }) => merge !== undefined)) return [];
  const { context } = beginningOf(asked, read);
  return [...context.want.values()].filter(isKind('subscription')).flatMap((sub) => {
    const pair = mergedPair(sub, context);
    if (pair === null || pair.forth.address !== sub.address) return [];
    if (!isMergePending(pair, context)) return [];
    return [{ ...pair, tables: copiedTablesOf(context.want, pair.forth) }];
  });
};

/** Pairs with init: merge whose subscriptions are both there already, and do not wait for a merge. */
export const mergesInPlace = (asked: DesiredState, read: LiveState): readonly MergedPair[] => {
  if (!asked.subscriptions.some(({ merge }) => merge !== undefined)) return [];
  const { context } = beginningOf(asked, read);
  return [...context.want.values()].filter(isKind('subscription')).flatMap((sub) => {
    const pair = mergedPair(sub, context);
    if (pair === null || pair.forth.address !== sub.address) return [];
    return isInPlace(pair, context) ? [pair] : [];
  });
};
