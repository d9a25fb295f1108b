// Copies made manually: what waits for one, and what is not proven of one that is there.

import { formatName } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { formatSize } from '../../../model/quantity.ts';
import { addressOf } from '../../../model/state/address.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { DesiredSubscription } from '../../../model/state/state.ts';
import { steepCommand } from '../../../model/steep-command.ts';
import { desiredSubscription, have, type PlanContext } from '../../context/context.ts';
import { unfinishedCopy } from '../../facts/initial-copy.ts';
import { coveredTables } from '../../facts/left-copies.ts';
import { awaitsInit } from '../../facts/manual-init.ts';
import { methodOf } from '../../init/methods/index.ts';
import { hazard } from '../hazard.ts';
import { commandsFor, edgeArguments } from './by-hand-commands.ts';
import { stillUnfinished } from './interrupted-copy-hazards.ts';

type Subscription = ResourceOf<'subscription'>;

/** A notice shows no remedy, so the sentence names what comes next. */
const waiting = (sub: DesiredSubscription, context: PlanContext): FoundHazard => {
  const slot = have(context, 'slot', sub.source, sub.slot);
  const position = slot?.observed?.confirmedFlushLsn ?? null;
  const next = steepCommand`steep init ${position === null ? 'prepare' : 'complete'} ${edgeArguments(sub)}`;
  const state =
    position === null
      ? `its rows must be restored by hand, from a backup that belongs to its slot`
      : `slot ${sub.slot} on node ${sub.source} keeps all changes from ${position} on, until a backup is restored`;
  return hazard(
    'notice',
    'INIT_MANUAL',
    addressOf(sub.node, 'subscription', sub.name),
    `${sub.name} has init: manual: ${state}. Next: ${next}`,
    next,
  );
};

/** A sentence, and below it what to type. */
const leftToUser = (sub: DesiredSubscription, context: PlanContext): FoundHazard => {
  const { name, source, slot, largeTables } = sub;
  const position = have(context, 'slot', source, slot)?.observed?.confirmedFlushLsn ?? null;
  const named = (sub.leftToUser ?? []).map(
    ({ table, bytes }) => `${formatName(table)}, ${formatSize(bytes)}`,
  );
  const why = `large_table_method is basebackup, and ${listNames(named)}, ${named.length === 1 ? 'is' : 'are'} at least ${formatSize(largeTables?.threshold ?? null)}`;
  const state =
    position === null
      ? `${name} is not copied: ${why}. All its rows must be restored by hand:`
      : `${name} is not copied: ${why}. Slot ${slot} on node ${source} keeps all changes from ${position} on, until a backup is restored:`;
  return hazard(
    'warning',
    'INIT_BY_HAND',
    addressOf(sub.node, 'subscription', name),
    [state, ...commandsFor(sub, position === null, context)],
    steepCommand`steep init ${position === null ? 'prepare' : 'complete'} ${edgeArguments(sub)}`,
  );
};

/** What waits for `steep init`, whatever is planned. */
export const manualInitHazards = (context: PlanContext): readonly FoundHazard[] =>
  context.desired.subscriptions
    .filter((sub) => awaitsInit(sub, context.live))
    .map((sub) => {
      const unfinished = unfinishedCopy(sub, context);
      // On the slot of that copy nothing can be completed.
      if (unfinished !== undefined && context.cancel.length === 0) {
        const address = addressOf(sub.node, 'subscription', sub.name);
        return stillUnfinished({ ...sub, address }, coveredTables(unfinished));
      }
      return (sub.leftToUser ?? []).length > 0 ? leftToUser(sub, context) : waiting(sub, context);
    });

/** A manual subscription that no ALTER can change: the rows for another one are missing. */
export const replacedByHand = (
  desired: Subscription,
  reason: string,
  context: PlanContext,
): readonly FoundHazard[] =>
  methodOf(desired, context)?.awaitsUser === true
    ? [
        hazard(
          'block',
          'INIT_MANUAL',
          desired.address,
          `Subscription ${desired.name} would have to be created again, because ${reason}; with init: manual its rows would have to be restored by hand again.`,
          `Remove it from steep.yaml, apply with --prune, add it back, and start over: steep init prepare. Or use init: { method: snapshot } on empty tables.`,
        ),
      ]
    : [];

const proofs = {
  counts: ['warning', 'only the number of rows was compared: different values are not detected'],
  none: ['danger', 'nothing proves that all of its rows are there: missing rows never arrive'],
} as const;

const unproven = (desired: Subscription, proof: keyof typeof proofs): FoundHazard => {
  const [severity, what] = proofs[proof];
  return hazard(
    severity,
    'COPY_SKIPPED_GAP',
    desired.address,
    `${desired.name} is created on rows that were restored by hand, and ${what}.`,
    'Start over with steep init prepare --evidence hashes, or allow it if you have compared the rows yourself.',
  );
};

/** Of a subscription that is created on a copy made manually. */
export const restoredHazards = (
  desired: Subscription,
  context: PlanContext,
): readonly FoundHazard[] => {
  const asked = desiredSubscription(context, desired.node, desired.name);
  const proof = asked?.restored?.proof;
  if (asked === undefined || proof === undefined) return [];
  const gone = have(context, 'slot', asked.source, asked.slot) === undefined;
  return [
    ...(gone
      ? [
          hazard(
            'block',
            'SLOT_MISSING',
            desired.address,
            `Slot ${asked.slot} is gone from node ${asked.source}: changes since the backup are lost.`,
            `Start over with a new backup: ${steepCommand`steep init prepare ${edgeArguments(asked)}`}`,
          ),
        ]
      : []),
    ...(proof === 'counts' || proof === 'none' ? [unproven(desired, proof)] : []),
  ];
};
