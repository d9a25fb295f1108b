// Events on their way to the screen: gathered for a moment, then one new state for all of them.

import type { WatchEvent } from '../../model/watch/watch-event.ts';
import { nothingSeen, reduceWatch, type WatchState } from '../../model/watch/watch-state.ts';

/** Milliseconds: nodes answer at the same time, and a screen need not be drawn for each. */
const gatherFor = 50;

/** Milliseconds from one new state to the next: with many nodes something has always changed, and a screen is not read faster. */
const atMostEvery = 400;

export interface WatchFeed {
  readonly take: (event: WatchEvent) => void;
  /** The same value until something has changed. */
  readonly state: () => WatchState;
  /** Called after each change; returns what ends that. */
  readonly subscribe: (onChange: () => void) => () => void;
  /** All that was taken is in the state. */
  readonly flush: () => void;
}

export const makeWatchFeed = (): WatchFeed => {
  let state = nothingSeen;
  let taken: WatchEvent[] = [];
  let timer: NodeJS.Timeout | null = null;
  let flushedAt = 0;
  const listeners = new Set<() => void>();
  const flush = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (taken.length === 0) return;
    state = reduceWatch(state, taken);
    taken = [];
    flushedAt = performance.now();
    for (const listener of listeners) listener();
  };
  return {
    take: (event) => {
      taken.push(event);
      timer ??= setTimeout(flush, Math.max(gatherFor, flushedAt + atMostEvery - performance.now()));
    },
    state: () => state,
    subscribe: (onChange) => {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    flush,
  };
};
