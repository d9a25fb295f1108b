// The steps that bring an interrupted initial copy to its end, from what it has finished.

import { formatName, type QualifiedName } from '../../../model/identifier.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { StepId } from '../../../model/step/step.ts';
import { have, type PlanContext, serverOf } from '../../context/context.ts';
import type { StepDraft } from '../../draft.ts';
import { changedAmong } from '../../facts/changed-tables.ts';
import { copiedPublication } from '../../facts/copied-publication.ts';
import { tablesOf, unfinishedCopy } from '../../facts/initial-copy.ts';
import { emptiesForOthers } from '../../hazards/copy/interrupted-copy-hazards.ts';
import { ownershipOf } from '../rule.ts';
import * as steps from '../steps.ts';

type Subscription = ResourceOf<'subscription'>;

/** What a plan before this one has agreed to is continued; a danger is asked for, however often. */
export const unlessAgreed = (hazards: readonly FoundHazard[], continues: StepId) =>
  hazards.length === 0 ? { continues } : { hazards };

/** The publication that the subscription begins with, so that it takes the finished tables for copied. */
const beginWith = (
  sub: Subscription,
  finished: readonly QualifiedName[],
  context: PlanContext,
): readonly StepDraft[] => {
  const temporary = copiedPublication(sub, finished);
  const { node, address, name: publication, spec } = temporary;
  const continues = steps.copyTables.id(sub.address);
  const why = `${sub.address} starts with the tables that are already copied`;
  const owns = { ...ownershipOf(temporary), applied: { ...spec, temporaryFor: sub.address } };
  const { publishGeneratedColumns: withGeneratedColumns } = serverOf(context, node).features;
  const create = steps.createPublication(
    { node, address, why, continues, owns },
    { publication, spec, withGeneratedColumns },
  );
  const drop = steps.dropPublication(
    {
      node,
      address,
      why: `${sub.address} does not read it`,
      continues,
      after: [steps.createSubscription.id(sub.address)],
      forgets: [address],
    },
    { publication },
  );
  return have(context, 'publication', node, publication) === undefined ? [create, drop] : [drop];
};

/** Foreign keys wait for the rows that PostgreSQL copies. */
export const settleRest = ({ node, address, name: subscription }: Subscription): StepDraft =>
  steps.settleCopy(
    {
      node,
      address,
      why: `the copy of ${subscription} has deferred indexes or constraints`,
      afterIfPlanned: [steps.waitForCopy.id(address), steps.refreshSubscription.id(address)],
      continues: steps.copyTables.id(address),
    },
    { subscription, part: 'rest', finished: [], unfinished: [] },
  );

const settle = (
  sub: Subscription,
  finished: readonly QualifiedName[],
  unfinished: readonly QualifiedName[],
  context: PlanContext,
): StepDraft => {
  const { node, address, name: subscription } = sub;
  const changed = changedAmong(unfinished, unfinishedCopy(sub, context)?.changed);
  const why = `an interrupted copy of ${subscription} is finished`;
  const continues = steps.copyTables.id(address);
  const rest = {
    ...(changed.length === 0 ? {} : { changed }),
    ...(context.unchecked && { unchecked: true as const }),
  };
  const tables = { finished, unfinished, ...rest };
  const emptied = emptiesForOthers(sub, unfinished, context);
  return steps.settleCopy(
    { node, address, why, ...unlessAgreed(emptied, continues) },
    { subscription, part: null, ...tables },
  );
};

/** What it has filled, and the publications send no more. */
const unsent = (sub: Subscription, context: PlanContext): readonly QualifiedName[] => {
  const sent = new Set(tablesOf(sub, context).map(formatName));
  const filled = unfinishedCopy(sub, context)?.filled ?? [];
  return filled.filter((table) => !sent.has(formatName(table)));
};

/** What an interrupted copy has finished is kept; PostgreSQL copies the others. */
export const continueSteps = (
  sub: Subscription,
  finished: readonly QualifiedName[],
  context: PlanContext,
): readonly StepDraft[] => {
  const { node, address, name: subscription } = sub;
  const kept = new Set(finished.map(formatName));
  const unfinished = tablesOf(sub, context).filter((table) => !kept.has(formatName(table)));
  const settled = settle(sub, finished, [...unfinished, ...unsent(sub, context)], context);
  if (unfinished.length === 0) return [settled];
  const refresh = steps.refreshSubscription(
    {
      node,
      address,
      why: `PostgreSQL copies the tables that the interrupted copy did not finish`,
      continues: steps.copyTables.id(address),
      after: [steps.createSubscription.id(address)],
    },
    { subscription, copyData: true },
  );
  return [settled, ...beginWith(sub, finished, context), refresh, settleRest(sub)];
};
