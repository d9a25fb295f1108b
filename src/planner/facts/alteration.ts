// How a live subscription differs from the desired one, in the terms of ALTER SUBSCRIPTION.

import type { ChangeDetail } from '../../model/plan/plan.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import { desiredSubscription, have, type PlanContext, serverOf } from '../context/context.ts';
import { takingOver } from './moved-tables.ts';

type Subscription = ResourceOf<'subscription'>;

export interface Alteration {
  readonly live: Subscription;
  readonly desired: Subscription;
  readonly context: PlanContext;
  /** Options that ALTER … SET takes while the worker runs. */
  readonly online: Readonly<Record<string, string>>;
  /** Options that want the subscription disabled: one statement each. */
  readonly offline: Readonly<Record<string, string>>;
  readonly newPublications: boolean;
  /** Publications of the later list that may not have sent, in WAL that is still unread, what they send then. */
  readonly newSenders: readonly string[];
  readonly newSlot: boolean;
  readonly newConnection: boolean;
}

const changedOptions = (
  live: Subscription,
  desired: Subscription,
  context: PlanContext,
  alter: 'online' | 'disabled',
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    serverOf(context, desired.node)
      .features.subscriptionOptions.filter((fact) => fact.alter === alter)
      .flatMap(({ name }): readonly (readonly [string, string])[] => {
        const value = desired.spec.options[name];
        return value === undefined || value === live.spec.options[name] ? [] : [[name, value]];
      }),
  );

export const alterationOf = (
  live: Subscription,
  desired: Subscription,
  context: PlanContext,
): Alteration => ({
  live,
  desired,
  context,
  online: changedOptions(live, desired, context, 'online'),
  offline: changedOptions(live, desired, context, 'disabled'),
  newPublications: live.spec.publications.join('\n') !== desired.spec.publications.join('\n'),
  newSenders: [
    ...desired.spec.publications.filter((name) => !live.spec.publications.includes(name)),
    ...takingOver(live, desired, context),
  ],
  newSlot: live.spec.slot !== desired.spec.slot,
  newConnection: live.spec.connection === 'stale',
});

/** The fields that differ, for people. */
export const alterationDetails = ({
  live,
  desired,
  newConnection,
  context,
}: Alteration): readonly ChangeDetail[] => {
  const details: ChangeDetail[] = [];
  const compare = (field: string, before: string, after: string): void => {
    if (before !== after) details.push({ field, before, after });
  };
  if (newConnection) {
    const { connection = '***' } = desiredSubscription(context, desired.node, desired.name) ?? {};
    details.push({ field: 'connection', before: '***', after: connection });
  }
  compare('enabled', String(live.spec.enabled), String(desired.spec.enabled));
  compare('publications', live.spec.publications.join(', '), desired.spec.publications.join(', '));
  compare('slot', live.spec.slot ?? 'none', desired.spec.slot ?? 'none');
  compare('protect', String(live.protect), String(desired.protect));
  for (const { name } of serverOf(context, desired.node).features.subscriptionOptions) {
    compare(name, live.spec.options[name] ?? '', desired.spec.options[name] ?? '');
  }
  return details;
};

/** The slot that keeps its position through the changes; undefined: there is none. */
export const keptSlot = (
  live: Subscription,
  context: PlanContext,
): ResourceOf<'slot'> | undefined =>
  live.spec.source === null || live.spec.slot === null
    ? undefined
    : have(context, 'slot', live.spec.source, live.spec.slot);
