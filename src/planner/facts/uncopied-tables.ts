// Tables that a subscription took in without their rows: REFRESH reads the list of tables from the publisher without a
// lock, and the run that leaves out the tables to copy again may have been killed before it compared what came of it.

import type { EdgeGap } from '../../model/edge/edge-record.ts';
import { formatName } from '../../model/identifier.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { LiveState } from '../../model/state/state.ts';
import { liveCopies } from './edges.ts';

type Subscription = ResourceOf<'subscription'>;

/** It reads publications that leave out tables. */
const isAside = ({ address, spec }: Subscription, { nodes }: LiveState): boolean =>
  (nodes[spec.source ?? '']?.applied ?? []).some(
    (row) =>
      row.kind === 'publication' &&
      row.temporaryFor === address &&
      row.without !== undefined &&
      spec.publications.includes(row.name),
  );

/** Those that count as copied, and that it did not know when it began to leave out others. */
export const uncopiedTables = (sub: Subscription, live: LiveState): readonly EdgeGap[] => {
  const state = live.nodes[sub.node];
  const row = state?.applied.find(({ address }) => address === sub.address);
  const known = row?.kind === 'subscription' ? row.knownTables : undefined;
  if (state === undefined || known === undefined || !isAside(sub, live)) return [];
  const names = new Set(known.map(formatName));
  return liveCopies(sub, live).flatMap(({ spec }) =>
    spec.state === 'ready' && !names.has(formatName(spec.table))
      ? [{ kind: 'uncopied', table: spec.table } as const]
      : [],
  );
};
