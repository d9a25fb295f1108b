// Sends each event of a run to the function for its kind.

import type { RunEvent } from '../../model/event.ts';

export type EventOf<K extends RunEvent['event']> = Extract<RunEvent, { readonly event: K }>;

/** A function for each kind of event: what a view does with it, or what it says about it. */
export type EventHandlers<R = void> = {
  readonly [K in RunEvent['event']]: (event: EventOf<K>) => R;
};

/** Undefined for a kind that has no function. */
export const dispatch = <R>(
  handlers: Partial<EventHandlers<R>>,
  event: RunEvent,
): R | undefined => {
  // The compiler does not see that the key and the event belong together.
  const handle = handlers[event.event] as ((event: RunEvent) => R) | undefined;
  return handle?.(event);
};
