// Slots at risk, slots that a promotion would lose, and passwords that subscriptions hold.

import { quoteText } from '../../model/identifier.ts';
import { formatSize } from '../../model/quantity.ts';
import type { SlotRisk } from '../../model/report/doctor-facts.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { SnapshotSlot } from '../../model/state/surroundings.ts';
import { isKind } from '../context/context.ts';
import { deleteSnapshotCommand, snapshotOfSlot } from '../facts/snapshot/snapshot-slots.ts';
import { type DoctorCheck, type Observation, observation, subscriptionsFrom } from './context.ts';

/** WAL kept for a slot without a reader, above which it is worth a word. */
const muchWal = 1024 ** 3;

const dropSlot = ({ name }: SlotRisk): string =>
  `SELECT pg_catalog.pg_drop_replication_slot(${quoteText(name)});`;

/** Of a snapshot: it is meant to have no reader. */
const snapshotSlot = (
  slot: SlotRisk,
  waitsFor: SnapshotSlot,
  node: NodeName,
): Observation | null => {
  const { snapshotId } = waitsFor;
  const kept = formatSize(slot.retainedBytes);
  const cure = deleteSnapshotCommand(waitsFor, node);
  if (slot.walStatus === 'lost' || slot.invalidation !== null) {
    return observation(
      'slot',
      'warning',
      `Slot ${slot.name} of snapshot ${snapshotId} is lost: no subscription can start from the snapshot any more.`,
      ['Generate a new snapshot, and delete this one:', cure],
    );
  }
  if (slot.walStatus === 'unreserved') {
    return observation(
      'slot',
      'warning',
      `Slot ${slot.name} keeps ${kept} of WAL for snapshot ${snapshotId}, more than max_slot_wal_keep_size, and is lost at the next checkpoint: no subscription can start from the snapshot then.`,
      ['ALTER SYSTEM SET max_slot_wal_keep_size = -1;', 'SELECT pg_catalog.pg_reload_conf();'],
    );
  }
  if ((slot.retainedBytes ?? 0) < muchWal) return null;
  return observation(
    'slot',
    'warning',
    `Slot ${slot.name} keeps ${kept} of WAL for nodes that start from snapshot ${snapshotId}.`,
    ['When no node will start from it any more:', cure],
  );
};

/** Lost or about to be: bad where the file needs the slot, else only in the way. */
const brokenSlot = (slot: SlotRisk, ours: boolean): Observation | null => {
  const kept = formatSize(slot.retainedBytes);
  if (slot.walStatus === 'lost' || slot.invalidation !== null) {
    const why = slot.invalidation === null ? 'WAL that it needed was removed' : slot.invalidation;
    return observation(
      'slot',
      ours ? 'error' : 'warning',
      `Slot ${slot.name} is lost (${why}): nothing can be read from it any more${ours ? ', and its subscription needs a new initial copy' : ''}.`,
      ours ? ['steep explain SLOT_LOST'] : [dropSlot(slot)],
    );
  }
  if (slot.walStatus !== 'unreserved') return null;
  return observation(
    'slot',
    ours ? 'error' : 'warning',
    `Slot ${slot.name} keeps ${kept} of WAL, more than max_slot_wal_keep_size, and is lost at the next checkpoint.`,
    [
      'ALTER SYSTEM SET max_slot_wal_keep_size = -1;',
      'SELECT pg_catalog.pg_reload_conf();',
      'Then let its subscriber catch up.',
    ],
  );
};

const idleSlot = (slot: SlotRisk, ours: boolean): Observation | null =>
  slot.active || (slot.retainedBytes ?? 0) < muchWal
    ? null
    : observation(
        'slot',
        'warning',
        `Nobody reads slot ${slot.name}, for which the server keeps ${formatSize(slot.retainedBytes)} of WAL.`,
        ours
          ? ['To see why its subscription does not run: steep status']
          : ['If it is no longer needed:', dropSlot(slot)],
      );

export const slotCheck: DoctorCheck = (node, context) => {
  const names = new Set(subscriptionsFrom(node, context).map(({ slot }) => slot));
  const risks = node.slots.flatMap((slot) => {
    const ours = slot.database === node.state.server.database && names.has(slot.name);
    const waitsFor = ours
      ? undefined
      : snapshotOfSlot(
          { node: node.state.node, name: slot.name },
          { [node.state.node]: node.state },
        );
    const risk =
      waitsFor === undefined
        ? (brokenSlot(slot, ours) ?? idleSlot(slot, ours))
        : snapshotSlot(slot, waitsFor, node.state.node);
    return risk === null ? [] : [risk];
  });
  if (risks.length > 0) return risks;
  return [observation('slot', 'ok', `${node.slots.length} slots in the cluster, none at risk.`)];
};

export const secretCheck: DoctorCheck = ({ state }) =>
  state.resources
    .filter(isKind('subscription'))
    .filter(({ observed }) => observed?.secretInCatalog === true)
    .map(({ name }) =>
      state.server.role.superuser
        ? observation(
            'secret_in_catalog',
            'warning',
            `Subscription ${name} holds a password in pg_subscription, where superusers and dumps can read it.`,
            [
              'Use passfile or service in the replication_connection of its source, then: steep apply',
            ],
          )
        : observation(
            'secret_in_catalog',
            'ok',
            `Subscription ${name} holds a password in pg_subscription, as PostgreSQL requires for an owner that is not a superuser.`,
          ),
    );

/** After a promotion of a standby, only failover slots are there. */
export const failoverCheck: DoctorCheck = (node, context) => {
  const { features, physicalStandbys } = node.state.server;
  const subs = subscriptionsFrom(node, context);
  if (physicalStandbys === 0 || subs.length === 0) return [];
  const names = new Set(subs.map(({ slot }) => slot));
  const without = node.slots.filter(({ name, failover }) => names.has(name) && !failover);
  const asked = subs.filter(({ options }) => options.failover !== 'true').map(({ slot }) => slot);
  const slots = [...new Set([...without.map(({ name }) => name), ...asked])].sort();
  if (slots.length === 0) {
    return [observation('failover_slots', 'ok', 'Every slot is also on the standbys.')];
  }
  const message = `The node has ${physicalStandbys} physical standbys, and slots ${slots.join(', ')} are on none of them: after a promotion they are gone.`;
  return [
    features.failoverSlots
      ? observation('failover_slots', 'warning', message, [
          'Set `options: { failover: true }` on the subscriptions, and sync_replication_slots = on on the standbys.',
        ])
      : observation(
          'failover_slots',
          'warning',
          `${message} Failover slots came with PostgreSQL 17.`,
        ),
  ];
};
