// An initial copy as steep_repl of its node shows it to any reader: state and progress, read at one moment.

import type { NodeName } from '../state/address.ts';
import type { InitMethod } from '../state/state.ts';
import { hasEnded } from './init-phase.ts';
import type { InitProgress } from './init-progress.ts';
import { type InitState, isInitializing } from './init-state.ts';

export interface InitReading {
  readonly node: NodeName;
  readonly subscription: string;
  /** Null: it is not a node of the file. */
  readonly source: NodeName | null;
  readonly method: InitMethod;
  readonly state: InitState;
  /** Why it failed or diverged. */
  readonly error: string | null;
  readonly runId: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly completedAt: string | null;
  /** Seconds since a run said something of it. */
  readonly silentSeconds: number;
  /** Null: none told any. */
  readonly progress: InitProgress | null;
}

/** A run that works on a copy says so every ten seconds at least. */
const silenceOfTheDead = 60;

/** The copy is not over: of all tables, or of tables that came later. */
export const isUnderWay = ({ state, progress }: InitReading): boolean =>
  isInitializing(state) || (progress !== null && !hasEnded(progress.phase) && state !== 'failed');

/** A run works on it, as far as is known. */
export const isWatched = (reading: InitReading): boolean =>
  isUnderWay(reading) && reading.silentSeconds < silenceOfTheDead;
