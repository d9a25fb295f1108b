// What creating, changing, replacing or dropping a subscription does to data and positions.

import { listNames, plural } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { addressOf } from '../../../model/state/address.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { desiredSubscription, have, isKind, type PlanContext } from '../../context/context.ts';
import type { Alteration } from '../../facts/alteration.ts';
import { copiesRows } from '../../facts/manual-init.ts';
import { wayOf } from '../../facts/new-copy.ts';
import { leavesNoGap } from '../../facts/pairs/copied-pair.ts';
import { methodOf } from '../../init/methods/index.ts';
import { unfinishedByAnotherMethod } from '../copy/interrupted-copy-hazards.ts';
import { loadingHazards } from '../copy/loading-hazards.ts';
import { restoredHazards } from '../copy/manual-init-hazards.ts';
import { hazard } from '../hazard.ts';
import { secretHazards } from '../server/secret-hazards.ts';
import { position } from './slot-hazards.ts';

type Subscription = ResourceOf<'subscription'>;

/** Changes written before the subscription, and not copied, never arrive. */
export const copySkipped = (desired: Subscription): FoundHazard =>
  hazard(
    'danger',
    'COPY_SKIPPED_GAP',
    desired.address,
    `init: none copies nothing for ${desired.name}: rows written before its slot was created are missing unless they were restored from a snapshot.`,
    'Use init: { method: snapshot }, or make sure that both nodes have the same rows and nobody writes until the slot exists.',
  );

/** A publication that is made now, and a slot that is there already: decoding would use the older catalog. */
const newerThanSlot = (desired: Subscription, context: PlanContext): readonly FoundHazard[] => {
  const { source, slot } = desired.spec;
  if (source === null || slot === null) return [];
  const live = have(context, 'slot', source, slot);
  const replaced = have(context, 'subscription', desired.node, desired.name)?.spec;
  // The slot of a replaced subscription is re-created.
  if (live === undefined || (replaced?.source === source && replaced.slot === slot)) return [];
  // So is that of an interrupted copy which starts over.
  if (wayOf(desired, context).remakesSlot) return [];
  const missing = desired.spec.publications.filter(
    (name) => have(context, 'publication', source, name) === undefined,
  );
  if (missing.length === 0) return [];
  return [
    hazard(
      'block',
      'PUBLICATION_TOO_NEW',
      desired.address,
      `Slot ${slot} on node ${source} is older than publication ${listNames(missing)}, which this plan creates: the slot would decode changes from before it.`,
      `If nobody needs the position of the slot: SELECT pg_catalog.pg_drop_replication_slot('${slot}'); then plan again.`,
    ),
  ];
};

const slotTaken = (desired: Subscription, context: PlanContext): readonly FoundHazard[] => {
  const { source, slot } = desired.spec;
  const live = source === null || slot === null ? undefined : have(context, 'slot', source, slot);
  const mine = have(context, 'subscription', desired.node, desired.name);
  if (live?.observed?.active !== true || mine !== undefined) return [];
  return [
    hazard(
      'block',
      'SLOT_TAKEN',
      desired.address,
      `Slot ${slot ?? ''} on node ${source ?? ''} is being read by another session.`,
      'Give the subscription another slot with slot: NAME.',
    ),
  ];
};

/** A row that came by replication would be copied again by the second direction. */
const originCopy = (desired: Subscription, context: PlanContext): readonly FoundHazard[] => {
  const asked = desiredSubscription(context, desired.node, desired.name);
  if (desired.spec.options.origin !== 'none' || !copiesRows(asked, true)) return [];
  const back = [...context.have.values()]
    .filter(isKind('subscription'))
    .filter((sub) => sub.node === desired.spec.source && sub.spec.source === desired.node);
  if (back.length === 0) return [];
  return [
    hazard(
      'danger',
      'ORIGIN_COPY',
      desired.address,
      `${desired.spec.source ?? ''} itself replicates from ${desired.node} (${listNames(back.map(({ name }) => name))}): the copy includes rows that came from here. PostgreSQL only warns, and the rows cause duplicate keys or are duplicated.`,
      'Use init: none for the second direction, after both nodes have the same rows.',
    ),
  ];
};

export const createdSubscriptionHazards = (
  desired: Subscription,
  context: PlanContext,
): readonly FoundHazard[] => {
  const { leavesRows = false, merges = false } = methodOf(desired, context) ?? {};
  return [
    ...newerThanSlot(desired, context),
    ...slotTaken(desired, context),
    ...(leavesRows && !merges && !leavesNoGap(desired, context) ? [copySkipped(desired)] : []),
    ...unfinishedByAnotherMethod(desired, context),
    ...restoredHazards(desired, context),
    ...loadingHazards(desired, context),
    ...originCopy(desired, context),
    ...secretHazards(desired, context),
  ];
};

const dropThere = (slot: string): string =>
  `Drop the slot there afterwards: SELECT pg_catalog.pg_drop_replication_slot('${slot}');`;

/** The publisher cannot be asked: its slot outlives the subscription. */
const outOfReach = (live: Subscription, slot: string, context: PlanContext): FoundHazard => {
  const { source } = live.spec;
  return source !== null && context.live.unreadable[source] !== undefined
    ? hazard(
        'danger',
        'PUBLISHER_UNREACHABLE',
        live.address,
        `Node ${source} cannot be reached: if ${live.name} is detached and dropped by hand now, slot ${slot} stays there and keeps WAL without limit.`,
        `Wait until ${source} answers, and plan again. By hand: ALTER SUBSCRIPTION … DISABLE; ALTER SUBSCRIPTION … SET (slot_name = NONE); DROP SUBSCRIPTION …; and once ${source} is back: SELECT pg_catalog.pg_drop_replication_slot('${slot}');`,
      )
    : hazard(
        'warning',
        'ORPHAN_SLOT',
        live.address,
        `The publisher of ${live.name} is not a node of steep.yaml: its slot ${slot} stays there and keeps WAL without limit.`,
        dropThere(slot),
      );
};

/** Without the subscription nothing ends them: they would keep their locks, and VACUUM from its work, indefinitely. */
const leftPrepared = ({ node, name, address, observed }: Subscription): readonly FoundHazard[] => {
  const prepared = observed?.prepared ?? [];
  if (prepared.length === 0) return [];
  const rollbacks = prepared.map((gid) => `ROLLBACK PREPARED '${gid}';`).join(' ');
  return [
    hazard(
      'block',
      'PREPARED_TRANSACTION',
      address,
      `Subscription ${name} has prepared ${plural(prepared.length, 'transaction')} on node ${node} (${listNames(prepared)}), and nothing else would commit or roll back ${prepared.length === 1 ? 'it' : 'them'}: without the subscription ${prepared.length === 1 ? 'its' : 'their'} locks stay.`,
      `End it on the publisher with COMMIT PREPARED or ROLLBACK PREPARED, and wait until the subscriber has applied that. Or discard its changes, on node ${node}: ${rollbacks}`,
    ),
  ];
};

/**
 * What becomes of the slot, and of transactions that are prepared. The loss of the slot is a hazard of the slot, which is dropped by a step of its own: so
 * consent to it holds, too, when a run is continued after the subscription is gone.
 */
export const droppedSubscriptionHazards = (
  live: Subscription,
  context: PlanContext,
): readonly FoundHazard[] => {
  const { source, slot } = live.spec;
  const prepared = leftPrepared(live);
  if (slot === null) return prepared;
  if (source === null || context.live.nodes[source] === undefined) {
    return [...prepared, outOfReach(live, slot, context)];
  }
  const found = have(context, 'slot', source, slot);
  if (found === undefined || found.owned) return prepared;
  return [
    ...prepared,
    hazard(
      'warning',
      'ORPHAN_SLOT',
      live.address,
      `Slot ${slot} on node ${source} is not managed by steep: it stays and keeps WAL without limit.`,
      dropThere(slot),
    ),
  ];
};

export const replacedSubscriptionHazards = (
  live: Subscription,
  desired: Subscription,
  reason: string,
  context: PlanContext,
): readonly FoundHazard[] => {
  const { source, slot } = live.spec;
  const found = source === null || slot === null ? undefined : have(context, 'slot', source, slot);
  const lost = found === undefined ? 'its position' : `slot ${slot} ${position(found.observed)}`;
  return [
    hazard(
      'danger',
      'SUBSCRIPTION_REPLACE',
      desired.address,
      `Subscription ${live.name} is dropped and created again, because ${reason}: ${lost} is lost, and its tables are copied again.`,
      context.whole.replaced.has(desired.address)
        ? 'If only some tables are wrong, name only these: the others continue, and the slot is kept.'
        : 'Keep the old value, or empty the tables on the subscriber before the new copy.',
    ),
    ...droppedSubscriptionHazards(live, context),
  ];
};

/** A disabled subscription confirms nothing, so the wait would never end. */
export const publicationTooNew = ({
  live,
  desired,
  newSenders,
  context,
}: Alteration): readonly FoundHazard[] => {
  const { source } = live.spec;
  const fresh = newSenders.filter(
    (name) => source !== null && have(context, 'publication', source, name) === undefined,
  );
  const stuck = !live.spec.enabled && !desired.spec.enabled;
  const kept = newSenders.every((name) => live.spec.publications.includes(name));
  const gets = kept
    ? `gets tables by publication ${listNames(newSenders)} that it had by another one`
    : `gets publication ${listNames(newSenders)}`;
  const waits = kept
    ? `Subscription ${desired.name} ${gets}: the plan waits until WAL from before this change is applied.`
    : `Publication ${listNames(fresh.length > 0 ? fresh : newSenders)} may be newer than WAL that ${desired.name} has not read yet: the plan waits until that WAL is applied.`;
  return [
    hazard(
      stuck ? 'block' : 'notice',
      'PUBLICATION_TOO_NEW',
      desired.address,
      stuck
        ? `Subscription ${desired.name} is disabled and ${gets}: WAL from before this change is still unread, and reading it with the new list loses rows or fails.`
        : waits,
      stuck ? 'Enable the subscription in the same change or an earlier one.' : 'Nothing to do.',
    ),
  ];
};

/** A detached subscription gets a slot whose past is unknown. */
export const slotMissingOnAlter = (
  live: Subscription,
  desired: Subscription,
  context: PlanContext,
): readonly FoundHazard[] => {
  if (live.spec.slot !== null) return [];
  const address = addressOf(desired.spec.source ?? '', 'slot', desired.spec.slot ?? '');
  return [
    hazard(
      'danger',
      'COPY_SKIPPED_GAP',
      desired.address,
      `Subscription ${desired.name} is detached (slot_name = NONE); changes written since ${context.have.has(address) ? 'it was detached may lie before the position of the slot' : 'then are in no slot'} and never arrive.`,
      'Drop the subscription and let steep create it again, with a copy.',
    ),
  ];
};
