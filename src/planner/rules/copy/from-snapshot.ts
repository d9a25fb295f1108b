// The steps of an initial copy from a snapshot on storage. What is loaded already stays: the copy checkpoints of the
// subscriber knows it, so that the same steps continue after any interruption.

import { formatName } from '../../../model/identifier.ts';
import type { SnapshotFacts } from '../../../model/snapshot/snapshot-reading.ts';
import { addressOf } from '../../../model/state/address.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { desiredSubscription, type PlanContext } from '../../context/context.ts';
import type { StepDraft } from '../../draft.ts';
import { changedAmong } from '../../facts/changed-tables.ts';
import { tablesOf } from '../../facts/initial-copy.ts';
import { changedSinceLoad, snapshotFactsOf } from '../../facts/snapshot/loaded-tables.ts';
import * as steps from '../steps.ts';
import { publicationSteps } from '../subscription/edge-steps.ts';

type Subscription = ResourceOf<'subscription'>;

/** Rows and size of these tables, as the snapshot has them. */
const extentOf = (names: ReadonlySet<string>, { tables }: SnapshotFacts) => {
  const own = tables.filter((table) => names.has(formatName(table)));
  return {
    rows: own.reduce((sum, { rows }) => sum + rows, 0),
    bytes: own.reduce((sum, { size }) => sum + size, 0),
  };
};

/** Nothing where the snapshot is not known: then a block says so. */
export const loadSteps = (sub: Subscription, context: PlanContext): readonly StepDraft[] => {
  const { node, address, name, spec } = sub;
  const asked = desiredSubscription(context, node, name);
  const facts = snapshotFactsOf(sub, context);
  const { source, slot } = spec;
  if (facts === null || asked?.snapshot === undefined) return [];
  if (source === null || slot === null) return [];
  const tables = tablesOf(sub, context);
  const { snapshotId, manifestSha256, lsn } = facts;
  const changed = changedAmong(tables, changedSinceLoad(sub, context));
  return [
    steps.loadSnapshot(
      {
        node,
        address,
        why: `subscription ${name} starts at the position of the snapshot`,
        afterIfPlanned: [
          ...publicationSteps(sub),
          steps.trySubscription.id(address),
          steps.createSlot.id(addressOf(source, 'slot', slot)),
          steps.truncateTables.id(address),
          steps.undoCopy.id(address),
        ],
      },
      {
        subscription: { name, source, slot, lsn },
        snapshotId,
        manifestSha256,
        location: asked.snapshot,
        tables,
        workers: asked.copyWorkers,
        ...extentOf(new Set(tables.map(formatName)), facts),
        ...(changed.length === 0 ? {} : { changed }),
        ...(context.unchecked && { unchecked: true as const }),
      },
    ),
  ];
};
