// The health of an edge, judged from what is known of both of its ends. Pure.
// The rule of the verdict: never say ok while replication is broken.

import type { ChangeDetail } from '../plan/plan.ts';
import type { EdgeFacts } from './edge-facts.ts';
import { allHealthChecks, type HealthCheck } from './health-checks.ts';

export const healths = ['broken', 'unknown', 'lagging', 'copying', 'disabled', 'ok'] as const;
export type Health = (typeof healths)[number];

/** The worst of several; a topology without edges is well. */
export const worstHealth = (found: readonly Health[]): Health =>
  healths.find((health) => found.includes(health)) ?? 'ok';

/** One thing that keeps an edge from being well. */
export interface EdgeFault {
  /** Stable, upper case, known to `steep explain`. */
  readonly code: HealthCheck['code'];
  readonly health: HealthCheck['health'];
  /** One sentence. */
  readonly reason: string;
  /** `before`: as it should be; `after`: as it is. */
  readonly details: readonly ChangeDetail[];
  /** What to do, one sentence or command each. */
  readonly cure: readonly string[];
}

export interface HealthyVerdict {
  readonly code: null;
  readonly health: 'ok';
  readonly reason: null;
  readonly details: readonly ChangeDetail[];
  readonly cure: readonly string[];
}

export type Verdict = EdgeFault | HealthyVerdict;

/** An edge with the verdict on it: the first of its faults. */
export interface EdgeStatus extends EdgeFacts {
  readonly verdict: Verdict;
}

/** All that keeps an edge from being well, what explains the rest first; empty: it is well. `maxLag`, in bytes, is policy.max_lag. */
export const edgeHealth = (edge: EdgeFacts, maxLag: number): readonly EdgeFault[] =>
  allHealthChecks
    .filter(({ applies }) => applies(edge, maxLag))
    .map(({ code, health, reason, details, cure }) => ({
      code,
      health,
      reason: typeof reason === 'string' ? reason : reason(edge),
      details: details?.(edge, maxLag) ?? [],
      cure: cure(edge),
    }));

const well: HealthyVerdict = { code: null, health: 'ok', reason: null, details: [], cure: [] };

/** The verdict on an edge: the first of what keeps it from being well. */
export const judgeEdge = (edge: EdgeFacts, maxLag: number): Verdict =>
  edgeHealth(edge, maxLag)[0] ?? well;
