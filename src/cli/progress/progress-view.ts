// What every view of a run is.

import type { RunEvent } from '../../model/event.ts';

export interface Progress {
  readonly handle: (event: RunEvent) => void;
  /** Ends the view, whatever is still running; resolves when the last line is written. */
  readonly close: () => Promise<void>;
}

/** Time as a view needs it. */
export interface Clock {
  readonly now: () => Date;
  /** Calls again and again until the returned function is called. */
  readonly every: (milliseconds: number, call: () => void) => () => void;
}
