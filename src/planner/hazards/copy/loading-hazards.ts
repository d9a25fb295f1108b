// Whether a snapshot on storage can fill a subscription: together with its slot it must be all that the source has,
// and it must be what the subscription asks for.

import { compareText } from '../../../model/identifier.ts';
import { lsnDistance } from '../../../model/lsn.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { SnapshotFacts } from '../../../model/snapshot/snapshot-reading.ts';
import { addressOf } from '../../../model/state/address.ts';
import type { ResourceOf, SlotObserved } from '../../../model/state/resource.ts';
import { steepCommand } from '../../../model/steep-command.ts';
import {
  desiredSubscription,
  have,
  isKind,
  type PlanContext,
  serverOf,
} from '../../context/context.ts';
import { willBeCreated } from '../../facts/edges.ts';
import { existingSlot, isSentOn, publicationStands, tablesOf } from '../../facts/initial-copy.ts';
import { initialCopyOf } from '../../facts/new-copy.ts';
import { snapshotFactsOf } from '../../facts/snapshot/loaded-tables.ts';
import { methodOf } from '../../init/methods/index.ts';
import { hazard } from '../hazard.ts';
import { publicationFaults, tableFaults } from './loading-content.ts';

type Subscription = ResourceOf<'subscription'>;

interface Fault {
  /** The end of a sentence that begins with the snapshot. */
  readonly why: string;
  readonly cure: string;
}

/** As people type it, in a folder of their choice. A publication that is renamed must have its name before. */
const generateAgain = ({ spec }: Subscription, context: PlanContext): string => {
  const source = spec.source ?? 'SOURCE';
  const pending = spec.publications.filter((name) => !publicationStands(source, name, context));
  const targets = pending.flatMap((name) => ['--target', addressOf(source, 'publication', name)]);
  const publications = spec.publications.flatMap((name) => ['--publication', name]);
  const made = `ake a new snapshot, and set init.snapshot to its directory: ${steepCommand`steep snapshot generate --node ${source} ${publications} --output NEW_FOLDER`}`;
  return pending.length === 0
    ? `M${made}`
    : `First apply what changes of its publications: ${steepCommand`steep apply ${targets}`}. Then m${made}`;
};

const otherSource = (facts: SnapshotFacts, source: string, context: PlanContext): string | null => {
  const server = serverOf(context, source);
  const { systemIdentifier, timeline, database } = facts.source;
  if (server.systemIdentifier !== systemIdentifier)
    return `it is of another cluster than ${source}`;
  if (server.timeline !== timeline)
    return `it was made on timeline ${timeline}, and ${source} is on ${server.timeline} since it was promoted or restored`;
  if (server.database === database) return null;
  return `it is of database ${database}, and ${source} is ${server.database}`;
};

const standsAt = (observed: SlotObserved | null, lsn: string): boolean => {
  const at = observed?.confirmedFlushLsn ?? null;
  return at !== null && lsnDistance(at, lsn) === 0;
};

/** Its slot holds everything since, as long as no session has read it. */
const slotFault = (facts: SnapshotFacts, source: string, context: PlanContext): string | null => {
  const { slot, lsn } = facts;
  if (slot === null) return 'it was made without a slot, so the changes since then are not kept';
  const observed = have(context, 'slot', source, slot)?.observed ?? null;
  if (observed === null) return `its slot ${slot} is gone from ${source}`;
  if (observed.walStatus === 'lost')
    return `its slot ${slot} is lost: the WAL since then was removed`;
  if (standsAt(observed, lsn)) return null;
  return `its slot ${slot} is at ${observed.confirmedFlushLsn ?? '?'} and not at ${lsn}: another session has read it`;
};

const ownSlotFaults = (
  sub: Subscription,
  facts: SnapshotFacts,
  context: PlanContext,
): readonly Fault[] => {
  const { slot, source } = sub.spec;
  if (slot === facts.slot)
    return [
      {
        why: `slot ${slot ?? ''} belongs to the snapshot, and is kept for other subscriptions`,
        cure: `Give ${sub.name} another slot with slot: NAME.`,
      },
    ];
  const existing = existingSlot(sub, context);
  if (existing === undefined) return [];
  if (standsAt(existing.observed, facts.lsn)) return [];
  const at = existing.observed?.confirmedFlushLsn ?? null;
  const first = initialCopyOf(sub, context);
  // An earlier copy made it, and goes with it.
  if (first.way === 'snapshot' && first.unfinished?.slot === existing.name) return [];
  return [
    {
      why: `slot ${existing.name} already exists and is at ${at ?? '?'}, not at ${facts.lsn}`,
      cure: `If nobody needs its position, on ${source ?? '?'}: SELECT pg_catalog.pg_drop_replication_slot('${existing.name}'); or give ${sub.name} another slot with slot: NAME.`,
    },
  ];
};

/** The copy checkpoints are kept by snapshot: what one of them rolls back would be gone for the other. */
const sharedWith = (
  sub: Subscription,
  { snapshotId }: SnapshotFacts,
  context: PlanContext,
): Subscription | undefined =>
  [...context.want.values()]
    .filter(isKind('subscription'))
    .find(
      (other) =>
        other.node === sub.node &&
        compareText(other.name, sub.name) < 0 &&
        willBeCreated(other, context) &&
        snapshotFactsOf(other, context)?.snapshotId === snapshotId,
    );

const targetFaults = (
  sub: Subscription,
  facts: SnapshotFacts,
  context: PlanContext,
): readonly Fault[] => {
  const { node, name, spec } = sub;
  const { encoding, metadataDatabase } = serverOf(context, node);
  const first = sharedWith(sub, facts, context);
  const faults: Fault[] = [];
  if (encoding !== facts.source.encoding)
    faults.push({
      why: `it is encoded in ${facts.source.encoding}, and node ${node} in ${encoding}`,
      cure: `Create the database of ${node} again: CREATE DATABASE … ENCODING '${facts.source.encoding}' TEMPLATE template0.`,
    });
  if (metadataDatabase !== null)
    faults.push({
      why: `steep_repl of ${node} is in another database than the tables, and cannot record what is loaded`,
      cure: `Remove metadata_database from ${node}, or use init: { method: snapshot }.`,
    });
  if (isSentOn(sub, context))
    faults.push({
      why: `its tables are published on ${node} too, and loaded rows would be published as writes of that node`,
      cure: 'Load the snapshot before they are published there, or use init: { method: snapshot }.',
    });
  if (!spec.enabled)
    faults.push({
      why: `${name} is disabled, and a disabled subscription has no list of tables`,
      cure: 'Remove enabled: false until its tables are loaded.',
    });
  if (first !== undefined)
    faults.push({
      why: `${first.name} of the same node is filled from it too`,
      cure: `Apply that one first: ${steepCommand`steep apply --target ${first.address}`}.`,
    });
  return faults;
};

const faultsOf = (sub: Subscription, context: PlanContext): readonly Fault[] => {
  const reading = context.live.snapshots?.[sub.address];
  const { source } = sub.spec;
  if (reading === undefined || source === null)
    return [{ why: 'it was not read', cure: 'Plan again.' }];
  const { facts, fault } = reading;
  if (facts === null) return [{ why: fault.message, cure: fault.cures.join(' ') }];
  const atSource = [
    otherSource(facts, source, context),
    slotFault(facts, source, context),
    ...publicationFaults(sub, facts, context),
    ...tableFaults(sub, facts, context),
  ].filter((why) => why !== null);
  return [
    ...atSource.map((why) => ({ why, cure: generateAgain(sub, context) })),
    ...ownSlotFaults(sub, facts, context),
    ...targetFaults(sub, facts, context),
  ];
};

/** Everything that forbids it, at once; for a subscription that this plan creates. */
export const loadingHazards = (sub: Subscription, context: PlanContext): readonly FoundHazard[] => {
  if (methodOf(sub, context)?.readsSnapshot !== true) return [];
  if (sub.spec.enabled && tablesOf(sub, context).length === 0) return [];
  const faults = faultsOf(sub, context);
  if (faults.length === 0) return [];
  const cures = [...new Set(faults.map(({ cure }) => cure))];
  return [
    hazard(
      'block',
      'SNAPSHOT_UNUSABLE',
      sub.address,
      `Snapshot ${desiredSubscription(context, sub.node, sub.name)?.snapshot ?? '?'} cannot fill ${sub.name}: ${faults.map(({ why }) => why.replace(/\.$/, '')).join('; ')}.`,
      cures.join(' '),
    ),
  ];
};
