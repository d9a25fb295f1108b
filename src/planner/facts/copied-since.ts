// Tables that were copied after the last apply had noted the edge: the run that copied them did not come to its end, or
// nobody ran steep at all, so that their sequences may still be behind.

import { formatName } from '../../model/identifier.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { LiveState } from '../../model/state/state.ts';
import { recordOf } from './edge-gaps.ts';
import { liveCopies } from './edges.ts';

type Subscription = ResourceOf<'subscription'>;
type Copy = ResourceOf<'copy'>;

/**
 * Of a subscription that is there, those that are ready and of which its record has another copy, or none. Nothing where
 * no apply has noted it yet: then its initial copy says how far it is.
 */
export const copiedSince = (
  sub: Pick<Subscription, 'node' | 'name' | 'address'>,
  live: LiveState,
): readonly Copy[] => {
  const noted = recordOf(sub, live);
  const resources = live.nodes[sub.node]?.resources ?? [];
  const there = resources.find((it) => it.kind === 'subscription' && it.name === sub.name);
  if (noted === undefined || there?.kind !== 'subscription') return [];
  if (noted.subscription !== there.observed?.oid || noted.source !== there.spec.source) return [];
  const known = new Map(noted.tables.map(({ table, copy }) => [table, copy]));
  return liveCopies(sub, live).filter(({ spec, observed }) => {
    const copy = observed?.row;
    return (
      spec.state === 'ready' && copy !== undefined && known.get(formatName(spec.table)) !== copy
    );
  });
};
