// Interrupted copies of steep that nothing in the file continues, and copies into tables that they cover.

import { formatName, type QualifiedName } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { checkpointsKeyOf } from '../../../model/snapshot/snapshot.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { steepCommand } from '../../../model/steep-command.ts';
import { isKind, type PlanContext } from '../../context/context.ts';
import { copyIsNew, willBeCreated } from '../../facts/edges.ts';
import { unfinishedCopy } from '../../facts/initial-copy.ts';
import {
  allUnfinished,
  coveredTables,
  type LeftCopy,
  leftCopyPolicy,
} from '../../facts/left-copies.ts';
import { snapshotFactsOf } from '../../facts/snapshot/loaded-tables.ts';
import { hazard } from '../hazard.ts';

type Subscription = ResourceOf<'subscription'>;

/** Tables of which a subscription takes rows for its own with this plan: copied, loaded, or there already. */
const tablesTaken = (sub: Subscription, context: PlanContext): readonly QualifiedName[] =>
  [...context.want.values()]
    .filter(isKind('copy'))
    .filter((copy) => copy.node === sub.node && copy.spec.subscription === sub.name)
    .filter((copy) => willBeCreated(sub, context) || copyIsNew(copy, context))
    .map(({ spec }) => spec.table);

/** Both load the same snapshot: what was loaded and deferred counts for either. */
const loadsTheSame = (
  sub: Subscription,
  { unfinished: { checkpointsKey } }: LeftCopy,
  context: PlanContext,
): boolean => {
  if (checkpointsKey === undefined) return false;
  const facts = snapshotFactsOf(sub, context);
  const asked = facts === null ? undefined : checkpointsKeyOf(facts.snapshotId);
  return [asked, unfinishedCopy(sub, context)?.checkpointsKey].includes(checkpointsKey);
};

const blocked = (
  { node, address }: Subscription,
  other: LeftCopy,
  tables: readonly QualifiedName[],
): FoundHazard =>
  hazard(
    'block',
    'COPY_UNFINISHED',
    address,
    `An initial copy of another subscription by steep, ${other.sub.name}, was interrupted: ${listNames(tables.map(formatName))} on node ${node} may hold some rows only, and lack the indexes and constraints that are made after the rows. Slot ${other.unfinished.slot} of that copy keeps WAL${whereOf(other)}.`,
    `Remove what it has left, rows included, with ${steepCommand`steep init cancel ${node}`}, and apply again. Or write ${other.sub.name} into steep.yaml in place of this subscription, as it was: apply continues the copy.`,
  );

const whereOf = ({ sub: { spec } }: LeftCopy): string =>
  spec.source === null ? '' : ` on node ${spec.source}`;

const intoCovered = (
  sub: Subscription,
  others: readonly LeftCopy[],
  context: PlanContext,
): readonly FoundHazard[] => {
  const taken = new Set(tablesTaken(sub, context).map(formatName));
  return others
    .filter((other) => other.sub.node === sub.node && other.sub.name !== sub.name)
    .filter((other) => !loadsTheSame(sub, other, context))
    .flatMap((other) => {
      const tables = coveredTables(other.unfinished).filter((it) => taken.has(formatName(it)));
      return tables.length === 0 ? [] : [blocked(sub, other, tables)];
    });
};

/** A warning shows no remedy, so the sentence names what comes next. */
const leftAlone = (left: LeftCopy, context: PlanContext): readonly FoundHazard[] => {
  const { node, name, address } = left.sub;
  const policy = leftCopyPolicy(node, name, context);
  if (policy === null || (policy.action !== 'stay' && policy.action !== 'keep')) return [];
  const tables = listNames(coveredTables(left.unfinished).map(formatName));
  const rows =
    tables === ''
      ? ''
      : `${tables} on node ${node} may hold some rows only, and lack the indexes and constraints that are made after the rows; `;
  const next = steepCommand`steep init cancel ${node}`;
  return [
    hazard(
      'warning',
      'COPY_UNFINISHED',
      address,
      `An initial copy of ${name} by steep was interrupted, and steep.yaml does not have ${name} any more: ${rows}slot ${left.unfinished.slot} keeps WAL${whereOf(left)}. To remove all of it, rows included: ${next}`,
      `Remove what it has left, rows included, with ${next}. Or write ${name} into steep.yaml as it was: apply continues the copy.`,
    ),
  ];
};

/** Of all plans but those that cancel. */
export const leftCopyHazards = (context: PlanContext): readonly FoundHazard[] => {
  if (context.cancel.length > 0) return [];
  const left = allUnfinished(context);
  if (left.length === 0) return [];
  const into = [...context.want.values()]
    .filter(isKind('subscription'))
    .flatMap((sub) => intoCovered(sub, left, context));
  return [...into, ...left.flatMap((it) => leftAlone(it, context))];
};
