// Rows that differ between the ends of a managed edge, as what was noted of it shows: each table by itself.

import type { EdgeFacts } from '../../model/edge/edge-facts.ts';
import { sayGaps } from '../../model/edge/edge-gap-text.ts';
import type { DriftFinding } from '../../model/report/drift.ts';
import type { DriftContext } from './drift-context.ts';

type Said = Pick<EdgeFacts, 'node' | 'gaps'>;

/** Of one subscription: also rows that are left where they should not be, by which no edge is broken. */
export const gapDrift = (
  { node, gaps = [] }: Said,
  of: 'runtime' | 'schema' = 'runtime',
): readonly DriftFinding[] =>
  gaps.map(({ code, address, message, command }) => ({
    class: of,
    code,
    address,
    node,
    summary: message,
    details: [],
    applied: null,
    cure: [command],
  }));

/** What is wrong with the tables of managed subscriptions, where the class that says it of edges was not asked for. */
export const faultDrift = ({ applied, live, classes }: DriftContext): readonly DriftFinding[] =>
  classes.includes('runtime')
    ? []
    : applied.flatMap(({ kind, node, name, address }) => {
        const gaps = kind === 'subscription' ? (live.edgeGaps?.[address] ?? []) : [];
        const faults = gaps.filter((gap) => gap.kind === 'fault');
        return gapDrift({ node, gaps: sayGaps(faults, { node, name, source: '' }) }, 'schema');
      });
