// The phases of an initial copy, and how it ends.

import { copyPhases } from './copy-progress.ts';

/** How an initial copy ends; the row of its progress stays. */
export const initEnds = ['done', 'failed', 'cancelled'] as const;
export type InitEnd = (typeof initEnds)[number];

export const initPhases = [...copyPhases, ...initEnds] as const;
export type InitPhase = (typeof initPhases)[number];

/** Nothing moves any more. */
export const hasEnded = (phase: InitPhase): boolean => initEnds.some((end) => end === phase);
