// Rows that differ between the ends of a managed edge, as what was noted of it shows: each table by itself.

import type { EdgeFacts } from '../../model/edge/edge-facts.ts';
import type { DriftFinding } from '../../model/report/drift.ts';

/** Of one subscription: also rows that are left where they should not be, by which no edge is broken. */
export const gapDrift = ({ node, gaps = [] }: EdgeFacts): readonly DriftFinding[] =>
  gaps.map(({ code, address, message, command }) => ({
    class: 'runtime',
    code,
    address,
    node,
    summary: message,
    details: [],
    applied: null,
    cure: [command],
  }));
