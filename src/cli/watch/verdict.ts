// What steep watch --once waits for and ends with, as steep status judges the same.

import type { Health } from '../../model/edge/edge-health.ts';
import { isSettled, type WatchState } from '../../model/watch/watch-state.ts';
import { healthOf } from './words.ts';

export interface WatchVerdict {
  /** Another look would not say anything else. */
  readonly certain: boolean;
  readonly health: Health;
  /** Why nodes were not read: codes. */
  readonly lost: readonly string[];
}

export const verdictOf = (state: WatchState): WatchVerdict => ({
  certain: isSettled(state),
  health: healthOf([...state.edges.values()]),
  lost: [...state.nodes.values()].flatMap(({ lost }) => (lost === null ? [] : [lost.code])),
});
