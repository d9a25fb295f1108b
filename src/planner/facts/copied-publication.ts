// The publication that is only there to make a subscription: of the tables that an interrupted copy has finished.

import { compareNames, type QualifiedName } from '../../model/identifier.ts';
import type { Address } from '../../model/state/address.ts';
import { publishOperations, type ResourceOf } from '../../model/state/resource.ts';
import { desiredResource } from '../complete/desired-resource.ts';
import type { PlanContext } from '../context/context.ts';
import { fingerprint } from '../plan/plan-id.ts';

type Subscription = ResourceOf<'subscription'>;

/** The publication of the tables that an interrupted copy has finished; the same in every plan. */
export const copiedPublication = (
  sub: Subscription,
  finished: readonly QualifiedName[],
): ResourceOf<'publication'> => {
  const digits = fingerprint(sub.address).slice('sha256:'.length, 'sha256:'.length + 12);
  return desiredResource('publication', sub.spec.source ?? '', `steep_copied_${digits}`, {
    allTables: false,
    tables: finished.toSorted(compareNames).map((table) => ({ table, columns: null, where: null })),
    schemas: [],
    publish: publishOperations,
    // Roots and leaves alike are in it by the names under which they are copied.
    viaPartitionRoot: true,
    generatedColumns: 'none',
  });
};

/** The subscription that a live publication is only there to make; null: it needs no explanation. */
export const temporaryFor = (
  publication: ResourceOf<'publication'>,
  { live }: PlanContext,
): Address | null => {
  if (!publication.owned) return null;
  const rows = live.nodes[publication.node]?.applied ?? [];
  const row = rows.find(({ address }) => address === publication.address);
  return row?.temporaryFor ?? null;
};
