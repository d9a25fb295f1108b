// What the comparisons of drift look at: what the reading brought, and what was asked for.

import type { Diagnostic } from '../../model/diagnostic.ts';
import type { EdgeFacts } from '../../model/edge/edge-facts.ts';
import type { DriftClass, IgnoreRule } from '../../model/report/drift.ts';
import type { VerifiedEdge } from '../../model/report/verification.ts';
import type { LostOwnership } from '../../model/state/applied.ts';
import type { DesiredState, LiveState } from '../../model/state/state.ts';
import { type ComparedState, compareStates } from './compared-state.ts';
import type { SchemaReadings } from './schema-reading.ts';

export interface DriftInput {
  readonly desired: DesiredState;
  readonly live: LiveState;
  /** Both ends of every edge; empty where the class was not asked for. */
  readonly edges: readonly EdgeFacts[];
  /** Nodes that went away while their edges were looked at. */
  readonly gone: LiveState['unreadable'];
  readonly lost: readonly LostOwnership[];
  /** Of the nodes that could be read; empty where the class was not asked for. */
  readonly schemas: SchemaReadings;
  /** The rows of managed edges; empty where the class was not asked for. */
  readonly verified: readonly VerifiedEdge[];
  /** What the reading itself has to say. */
  readonly notes: readonly Diagnostic[];
  readonly classes: readonly DriftClass[];
  readonly rules: readonly IgnoreRule[];
  /** The day (UTC, YYYY-MM-DD), for rules that end. */
  readonly today: string;
  readonly elapsedMs: number;
}

export interface DriftContext extends Omit<DriftInput, 'desired' | 'live'>, ComparedState {}

export const driftContext = (input: DriftInput): DriftContext => ({
  ...input,
  ...compareStates(input),
});
