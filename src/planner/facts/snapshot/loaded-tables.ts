// The snapshot on storage that a subscription is filled from, and what its node holds of it.

import type { ChangedTable } from '../../../model/copy/changed-table.ts';
import type { QualifiedName } from '../../../model/identifier.ts';
import { checkpointsKeyOf } from '../../../model/snapshot/snapshot.ts';
import type { SnapshotFacts, SnapshotLoad } from '../../../model/snapshot/snapshot-reading.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { PlanContext } from '../../context/context.ts';

type Subscription = Pick<ResourceOf<'subscription'>, 'node' | 'address'>;

/** Null: it is not filled from one, or nothing is known of it. */
export const snapshotFactsOf = (
  { address }: Pick<Subscription, 'address'>,
  { live }: Pick<PlanContext, 'live'>,
): SnapshotFacts | null => live.snapshots?.[address]?.facts ?? null;

const loadOf = (
  sub: Subscription,
  context: Pick<PlanContext, 'live'>,
): SnapshotLoad | undefined => {
  const facts = snapshotFactsOf(sub, context);
  if (facts === null) return undefined;
  const checkpointsKey = checkpointsKeyOf(facts.snapshotId);
  return context.live.nodes[sub.node]?.loads?.find(
    (load) => load.checkpointsKey === checkpointsKey,
  );
};

/** Tables that hold rows of that snapshot, all of them or some. */
export const loadedTables = (
  sub: Subscription,
  context: Pick<PlanContext, 'live'>,
): readonly QualifiedName[] => loadOf(sub, context)?.filled ?? [];

/** Of these, the tables that others have changed since. */
export const changedSinceLoad = (
  sub: Subscription,
  context: Pick<PlanContext, 'live'>,
): readonly ChangedTable[] => loadOf(sub, context)?.changed ?? [];
