// Hazards of what commands ask for one at a time: of positions, and of what steep.yaml manages.

import { listNames } from '../../../model/listing.ts';
import { lsnDistance } from '../../../model/lsn.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { SingleChange } from '../../../model/plan/single-change.ts';
import { formatSize } from '../../../model/quantity.ts';
import { type Address, parseAddress } from '../../../model/state/address.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { ReplicationOrigin } from '../../../model/state/surroundings.ts';
import { steepCommand } from '../../../model/steep-command.ts';
import { type PlanContext, subscribersOf } from '../../context/context.ts';
import { liveReaders } from '../../facts/removal-policy.ts';
import { hazard } from '../hazard.ts';

type Slot = ResourceOf<'slot'>;

/** What the slot has not sent is never sent; PostgreSQL moves no slot back, and none that is read. */
export const advancedSlot = (
  slot: Slot,
  lsn: string,
  context: PlanContext,
): readonly FoundHazard[] => {
  const { node, name, address, observed } = slot;
  const from = observed?.confirmedFlushLsn ?? null;
  const block = (message: string, remedy: string): FoundHazard =>
    hazard('block', 'SLOT_ADVANCE', address, message, remedy);
  if (from !== null && lsnDistance(from, lsn) < 0) {
    const message = `Slot ${name} on node ${node} is at ${from} already, and a slot does not move back to ${lsn}.`;
    return [block(message, 'Name a position after that, or leave the slot as it is.')];
  }
  if (observed?.active === true) {
    const [reader] = liveReaders(slot, context);
    const message = `Slot ${name} on node ${node} is being read${reader === undefined ? '' : ` by ${reader.address}`}.`;
    return [block(message, 'Disable its subscription first: steep replication sub disable NAME')];
  }
  const skipped = from === null ? '' : `, ${formatSize(lsnDistance(from, lsn))} of WAL`;
  return [
    hazard(
      'danger',
      'SLOT_ADVANCE',
      address,
      `Moves slot ${name} on node ${node} from ${from ?? 'an unknown position'} to ${lsn}${skipped}: changes in between that its subscriber has not received are never sent to it.`,
      'Let the subscriber read them: enable its subscription.',
    ),
  ];
};

const ofSubscription = (address: Address, origin: ReplicationOrigin, cure: string): FoundHazard =>
  hazard(
    'block',
    'ORIGIN_IN_USE',
    address,
    `Origin ${origin.name} holds the position of subscription ${origin.subscription ?? ''}.`,
    cure,
  );

export const droppedOrigin = (
  address: Address,
  origin: ReplicationOrigin,
): readonly FoundHazard[] =>
  origin.subscription === null
    ? [
        hazard(
          'danger',
          'ORIGIN_DROP',
          address,
          `Discards origin ${origin.name} at ${origin.remoteLsn ?? 'no position'}: whoever continues from it would begin again from the start.`,
          'Keep it while something writes with it.',
        ),
      ]
    : [ofSubscription(address, origin, 'It is dropped with its subscription.')];

export const advancedOrigin = (
  address: Address,
  origin: ReplicationOrigin,
  lsn: string,
): readonly FoundHazard[] => {
  const { name, remoteLsn, subscription } = origin;
  if (subscription !== null) {
    const cure = `To skip one transaction, from PostgreSQL 15 on: ALTER SUBSCRIPTION … SKIP (lsn = …);`;
    return [ofSubscription(address, origin, cure)];
  }
  if (remoteLsn !== null && lsnDistance(remoteLsn, lsn) < 0) {
    const message = `Origin ${name} is at ${remoteLsn} already: it is not moved back to ${lsn}.`;
    return [hazard('block', 'ORIGIN_ADVANCE', address, message, 'Name a position after that.')];
  }
  return [
    hazard(
      'danger',
      'ORIGIN_ADVANCE',
      address,
      `Moves origin ${name} from ${remoteLsn ?? 'no position'} to ${lsn}: changes in between are taken as applied.`,
      'Leave it where it is, unless these changes were applied in another way.',
    ),
  ];
};

/** Managed objects that the steps change, by the rows of steep_repl. */
const managed = (addresses: ReadonlySet<Address>, { live }: PlanContext): readonly Address[] =>
  Object.values(live.nodes)
    .flatMap(({ applied }) => applied)
    .map(({ address }) => address)
    .filter((address) => addresses.has(address));

/** steep.yaml still says otherwise: the next plan reports the change, and proposes to undo it. */
const managedByFile = (
  addresses: ReadonlySet<Address>,
  context: PlanContext,
): readonly FoundHazard[] =>
  managed(addresses, context).map((address) =>
    hazard(
      'warning',
      'MANAGED_BY_FILE',
      address,
      `${address} is managed by steep.yaml: the next steep plan shows this change, and proposes to undo it.`,
      'Make the same change in steep.yaml.',
    ),
  );

/** A node whose registration goes while steep manages objects on it. */
const stillManages = (
  { verb, address }: SingleChange,
  context: PlanContext,
): readonly FoundHazard[] => {
  const { node, kind } = parseAddress(address);
  const owned = context.live.nodes[node]?.applied ?? [];
  if (verb !== 'drop' || kind !== 'node' || owned.length === 0) return [];
  return [
    hazard(
      'warning',
      'MANAGED_BY_FILE',
      address,
      `steep manages ${owned.length} objects on node ${node}: the next steep apply registers it again.`,
      'To give up what steep manages there: remove the node from steep.yaml, or steep apply --destroy.',
    ),
  ];
};

/** A slot that is made for itself keeps WAL until something reads it. */
const unreadSlot = ({ verb, address }: SingleChange, created: boolean): readonly FoundHazard[] => {
  if (verb !== 'create-slot' || !created) return [];
  const { node, name } = parseAddress(address);
  return [
    hazard(
      'warning',
      'ORPHAN_SLOT',
      address,
      `No subscription reads slot ${name} on node ${node} yet; until one does, it keeps WAL without limit.`,
      `Create its subscription with --slot ${name}, or drop it: ${steepCommand`steep replication slot drop ${name}`}`,
    ),
  ];
};

/** Tables that are added reach a subscriber when it is refreshed. */
const awaitsRefresh = (
  { verb, address }: SingleChange,
  changes: boolean,
  context: PlanContext,
): readonly FoundHazard[] => {
  if ((verb !== 'add-tables' && verb !== 'remove-tables') || !changes) return [];
  const { node, name } = parseAddress(address);
  const readers = subscribersOf(context, node, name);
  if (readers.length === 0) return [];
  const tables = verb === 'add-tables' ? 'new tables' : 'tables that are gone';
  return [
    hazard(
      'notice',
      'REFRESH_NEEDED',
      address,
      `${listNames(readers.map((sub) => sub.address))} ${readers.length === 1 ? 'reads' : 'read'} publication ${name}, and ${readers.length === 1 ? 'learns' : 'learn'} of ${tables} by a refresh.`,
      readers
        .map((sub) => steepCommand`steep replication sub refresh ${sub.name} --node ${sub.node}`)
        .join('; '),
    ),
  ];
};

/** Of a plan of one change, in addition to what every plan is judged by. */
export const singleHazards = (
  change: SingleChange,
  changed: ReadonlySet<Address>,
  context: PlanContext,
): readonly FoundHazard[] => {
  const does = changed.has(change.address);
  return [
    ...managedByFile(changed, context),
    ...stillManages(change, context),
    ...unreadSlot(change, does),
    ...awaitsRefresh(change, does, context),
  ];
};
