// A saved plan against one made now. Steps that are no longer needed are done already; a step that the
// saved plan does not have, or has otherwise, makes it stale.

import canonicalize from 'canonicalize';
import { compareNames } from '../../model/identifier.ts';
import type { Plan, PlannedStep } from '../../model/plan/plan.ts';
import type { Address, NodeName } from '../../model/state/address.ts';
import type { StepId } from '../../model/step/step.ts';

export interface PlanComparison {
  /** Of the saved plan: already done. */
  readonly done: readonly StepId[];
  /** Of the plan made now, and not of the saved one, one sentence each: stale when there is any. */
  readonly unexpected: readonly string[];
  /** Nodes that are not the server, database or timeline of the saved plan. */
  readonly otherServers: readonly NodeName[];
}

/**
 * What a step does; why, after what, and with which hazards may change while a plan is executed. So may whether its
 * tables were there before: steps of the same plan create some.
 */
const essence = (step: PlannedStep): string => {
  const { why: _why, needs: _needs, hazards: _hazards, ...rest } = step;
  const { usesRowsOf: _usesRowsOf, ...same } = { usesRowsOf: undefined, ...rest };
  return canonicalize(same) ?? '';
};

/** A node that could not be read, and that the plan does without, is no other server. */
const isRead = (plan: Plan, node: NodeName): boolean =>
  plan.targeting?.unread.includes(node) !== true;

const otherServers = (saved: Plan, fresh: Plan): readonly NodeName[] =>
  saved.nodes
    .filter(({ name }) => isRead(saved, name) && isRead(fresh, name))
    .filter((node) => {
      const now = fresh.nodes.find(({ name }) => name === node.name);
      return (
        now?.systemIdentifier !== node.systemIdentifier ||
        now?.database !== node.database ||
        now?.timeline !== node.timeline
      );
    })
    .map(({ name }) => name);

/**
 * What cannot be in one transaction is given up after it is done: a run that was killed in between left the row,
 * and forgetting it is the rest of a step that was reviewed.
 */
const endsReviewedStep = (step: PlannedStep, forgotten: ReadonlySet<Address>): boolean =>
  step.kind === 'record-ownership' &&
  step.owns === null &&
  step.forgets.every((address) => forgotten.has(address));

/** Of a merge, rows that may be overwritten at most: fewer than were agreed to are no other plan. */
const withinAgreed = (saved: PlannedStep, fresh: PlannedStep): PlannedStep => {
  if (saved.kind !== 'merge-pair' || fresh.kind !== 'merge-pair') return fresh;
  const tables = fresh.tables.map((table) => {
    const agreed = saved.tables.find((it) => compareNames(it.table, table.table) === 0);
    if (agreed === undefined) return table;
    const { overwrittenFirst, overwrittenSecond } = agreed;
    const isWithin =
      table.overwrittenFirst <= overwrittenFirst && table.overwrittenSecond <= overwrittenSecond;
    return isWithin ? { ...table, overwrittenFirst, overwrittenSecond } : table;
  });
  // What is shown of the step names the numbers too.
  return { ...fresh, tables, execution: saved.execution };
};

const lists = ['dropTables', 'addTables', 'dropSchemas', 'addSchemas'] as const;

/**
 * Tables that leave a publication for another one are dropped by a step of their own while a subscription reads both. When
 * none reads both any more, one step has what is left of the two.
 */
const joinsReviewedSteps = (step: PlannedStep, saved: readonly PlannedStep[]): boolean => {
  if (step.kind !== 'alter-publication' || Object.keys(step.settings).length > 0) return false;
  const parts = saved.flatMap((it) =>
    it.kind === step.kind && it.address === step.address ? [it] : [],
  );
  const isReviewed = (list: (typeof lists)[number]): boolean => {
    const reviewed = new Set(parts.flatMap((part) => part[list].map((it) => canonicalize(it))));
    return step[list].every((it) => reviewed.has(canonicalize(it)));
  };
  return parts.some(({ moved }) => moved) && lists.every(isReviewed);
};

const differencesOf = (saved: Plan, fresh: Plan): readonly string[] => {
  const known = new Map(saved.steps.map((step) => [step.id, step]));
  const forgotten = new Set(saved.steps.flatMap(({ forgets }) => forgets));
  return fresh.steps.flatMap((step) => {
    const before = known.get(step.id);
    if (before === undefined && endsReviewedStep(step, forgotten)) return [];
    if (step.continues !== undefined && known.has(step.continues)) return [];
    if (joinsReviewedSteps(step, saved.steps)) return [];
    if (before === undefined) return [`${step.id} is not in the plan`];
    return essence(before) === essence(withinAgreed(before, step))
      ? []
      : [`${step.id} would now be carried out differently`];
  });
};

export const comparePlans = (saved: Plan, fresh: Plan): PlanComparison => {
  const needed = new Set(fresh.steps.map(({ id }) => id));
  return {
    done: saved.steps.map(({ id }) => id).filter((id) => !needed.has(id)),
    unexpected: differencesOf(saved, fresh),
    otherServers: otherServers(saved, fresh),
  };
};
