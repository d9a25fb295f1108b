// An interrupted initial copy that starts over, where the slot that is there may not be the one that it made.

import { formatName, type QualifiedName } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { UnfinishedCopy } from '../../../model/state/state.ts';
import { steepCommand } from '../../../model/steep-command.ts';
import type { PlanContext } from '../../context/context.ts';
import { doubtAbout } from '../../facts/attempt-doubt.ts';
import { tablesOf, unfinishedCopy } from '../../facts/initial-copy.ts';
import { wayOf } from '../../facts/new-copy.ts';
import { position } from '../edge/slot-hazards.ts';
import { hazard } from '../hazard.ts';
import { filledByOthers } from './shared-tables.ts';

/** Empty: the slot is its own and nothing has read it, or it holds no position any more. */
export const notItsSlot = (
  sub: ResourceOf<'subscription'>,
  unfinished: UnfinishedCopy,
  slot: ResourceOf<'slot'>,
  context: PlanContext,
): readonly FoundHazard[] => {
  const doubt = doubtAbout(sub, unfinished, slot, context);
  if (doubt?.kind !== 'other') return [];
  return [
    hazard(
      'danger',
      'SLOT_DROP',
      slot.address,
      `Discards slot ${slot.name} on node ${slot.node} ${position(slot.observed)}. The interrupted copy of ${sub.name} cannot be continued with it: ${doubt.why}. Another consumer may use it, and would then need a full copy.`,
      `If another consumer uses it, do not drop it: give ${sub.name} a slot of its own with slot: NAME.`,
    ),
  ];
};

/** Rows that another subscription has brought into these tables go with those of the copy, and no slot brings them again. */
export const emptiesForOthers = (
  sub: Pick<ResourceOf<'subscription'>, 'node' | 'name' | 'address'>,
  tables: readonly QualifiedName[],
  context: PlanContext,
): readonly FoundHazard[] => {
  const { names, others } = filledByOthers(sub, tables, context);
  if (names.length === 0) return [];
  const { node, name, address } = sub;
  return [
    hazard(
      'danger',
      'TARGET_TRUNCATE',
      address,
      `Empties ${listNames(names)} on node ${node}, to roll back an interrupted copy of ${name}. Rows from ${listNames(others)} are deleted too, and are not sent again.`,
      `Copy these tables again for ${listNames(others)} too, when this is done: --reinit ${node}/subscription.NAME.`,
    ),
  ];
};

/** Of a subscription that steep.yaml asks to fill in another way now. `tables`: what the copy may have begun. */
export const stillUnfinished = (
  { node, name, address }: Pick<ResourceOf<'subscription'>, 'node' | 'name' | 'address'>,
  tables: readonly QualifiedName[],
): FoundHazard => {
  const left =
    tables.length === 0
      ? 'its slot keeps WAL'
      : `${listNames(tables.map(formatName))} on node ${node} may hold some rows only, and lack the indexes and constraints that are made after the rows`;
  return hazard(
    'block',
    'COPY_UNFINISHED',
    address,
    `An initial copy of ${name} by steep was interrupted, and steep.yaml asks for another way to get its rows now: ${left}.`,
    `Remove what it has left, rows included, with ${steepCommand`steep init cancel ${node}`}, and apply again. Or write the former init of ${name} into steep.yaml: apply continues the copy.`,
  );
};

/** Another way to get rows neither continues what an interrupted copy by steep has begun, nor takes it back. */
export const unfinishedByAnotherMethod = (
  sub: ResourceOf<'subscription'>,
  context: PlanContext,
): readonly FoundHazard[] =>
  unfinishedCopy(sub, context) === undefined || wayOf(sub, context).ownsRows
    ? []
    : [stillUnfinished(sub, tablesOf(sub, context))];
