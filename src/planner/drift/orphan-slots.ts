// Slots that keep WAL and without a reader: managed ones without a subscription, and those that PostgreSQL's own table
// synchronization left behind. Slots of others are never looked at.

import { formatSize } from '../../model/quantity.ts';
import type { DriftFinding } from '../../model/report/drift.ts';
import { addressOf } from '../../model/state/address.ts';
import type { AppliedOf } from '../../model/state/applied.ts';
import type { Resource } from '../../model/state/resource.ts';
import type { LiveState, NodeState } from '../../model/state/state.ts';
import { snapshotOfSlot } from '../facts/snapshot/snapshot-slots.ts';
import type { DriftContext } from './drift-context.ts';

export const orphanSlots = (context: DriftContext, live: LiveState): readonly DriftFinding[] => [
  ...context.applied.flatMap((applied) =>
    applied.kind === 'slot' ? withoutSubscription(applied, context, live) : [],
  ),
  ...Object.values(live.nodes).flatMap((state) => leftOvers(state, live)),
];

const resourcesOf = (live: LiveState): readonly Resource[] =>
  Object.values(live.nodes).flatMap(({ resources }) => resources);

const withoutSubscription = (
  { node, name, address }: AppliedOf<'slot'>,
  context: DriftContext,
  live: LiveState,
): readonly DriftFinding[] => {
  const slot = context.have.get(address);
  if (slot?.kind !== 'slot' || slot.observed?.active === true) return [];
  const isRead = resourcesOf(live).some(
    (resource) =>
      resource.kind === 'subscription' &&
      resource.spec.source === node &&
      resource.spec.slot === name,
  );
  const waits =
    snapshotOfSlot(slot, live.nodes) !== undefined ||
    context.edges.some((edge) => edge.prepared && edge.source === node && edge.slot === name);
  if (isRead || waits || mayBeReadElsewhere(node, name, context, live)) return [];
  return [
    {
      class: 'runtime',
      code: 'ORPHAN_SLOT',
      address,
      node,
      summary: `No subscription reads this slot. It keeps ${formatSize(slot.observed?.retainedBytes ?? null)} of WAL, and more every minute.`,
      details: [],
      applied: null,
      cure: ['steep plan', 'steep explain ORPHAN_SLOT'],
    },
  ];
};

/** By the subscription that the file gives it; by any, where the file gives it none. */
const mayBeReadElsewhere = (
  node: string,
  name: string,
  { desired }: DriftContext,
  live: LiveState,
): boolean => {
  const reader = desired.subscriptions.find((sub) => sub.source === node && sub.slot === name);
  return reader === undefined
    ? Object.keys(live.unreadable).length > 0
    : live.nodes[reader.node] === undefined;
};

const leftOvers = (state: NodeState, live: LiveState): readonly DriftFinding[] =>
  state.orphanSlots
    .filter((name) => isLeftOver(name, live))
    .map((name) => ({
      class: 'runtime',
      code: 'ORPHAN_SLOT',
      address: addressOf(state.node, 'slot', name),
      node: state.node,
      summary: 'The synchronization of a table left this slot behind. It keeps WAL without limit.',
      details: [],
      applied: null,
      cure: [
        'Once no table of that subscription is being copied:',
        `SELECT pg_catalog.pg_drop_replication_slot('${name}');`,
      ],
    }));

/**
 * `pg_<subscription's oid>_sync_<table's oid>_<system identifier>`: of a subscriber that is one of ours,
 * and whose subscription is gone or has no table to copy. Between two tries of a copy its slot is idle too.
 */
const isLeftOver = (slot: string, live: LiveState): boolean => {
  const [, oid, identifier] = /^pg_(\d+)_sync_\d+_(\d+)$/.exec(slot) ?? [];
  const cluster = Object.values(live.nodes).filter(
    ({ server }) => server.systemIdentifier === identifier,
  );
  if (cluster.length === 0) return false;
  return !cluster.some(({ resources }) =>
    resources.some(
      (resource) =>
        resource.kind === 'subscription' &&
        String(resource.observed?.oid) === oid &&
        resources.some(
          (copy) =>
            copy.kind === 'copy' &&
            copy.spec.subscription === resource.name &&
            copy.spec.state !== 'ready',
        ),
    ),
  );
};
