// The phases of an initial copy, and how it ends.

/** In this order; the initial copy is over when the subscription has caught up. */
export const copyPhases = ['preparing', 'copying', 'indexing', 'finishing', 'catching_up'] as const;

export type CopyPhase = (typeof copyPhases)[number];

/** How an initial copy ends; the row of its progress stays. */
export const initEnds = ['done', 'failed', 'cancelled'] as const;
export type InitEnd = (typeof initEnds)[number];

export const initPhases = [...copyPhases, ...initEnds] as const;
export type InitPhase = (typeof initPhases)[number];

/** Nothing moves any more. */
export const hasEnded = (phase: InitPhase): boolean => initEnds.some((end) => end === phase);
