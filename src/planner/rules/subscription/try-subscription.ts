// The proof that a subscription can be made, before its rows are copied.

import type { ResourceOf } from '../../../model/state/resource.ts';
import type { StepKind } from '../../../model/step/step.ts';
import { type PlanContext, serverOf } from '../../context/context.ts';
import type { StepDraft } from '../../draft.ts';
import type { WayTraits } from '../../facts/initial-copy.ts';
import { initialCopyOf, wayOf } from '../../facts/new-copy.ts';
import * as steps from '../steps.ts';
import { publicationSteps } from './edge-steps.ts';

type Subscription = ResourceOf<'subscription'>;

/** Only what CREATE SUBSCRIPTION would not do by itself. */
export const nonDefaultOptions = (
  sub: Subscription,
  context: PlanContext,
): Readonly<Record<string, string>> => {
  const facts = serverOf(context, sub.node).features.subscriptionOptions;
  return Object.fromEntries(
    Object.entries(sub.spec.options).filter(
      ([name, value]) => facts.find((fact) => fact.name === name)?.default !== value,
    ),
  );
};

/** A connection that does not work would stop a subscription that works: it is tried from where it is used. */
export const tryConnection = (desired: Subscription): readonly StepDraft[] => {
  const { node, address, name: subscription, spec } = desired;
  const { password_required: required } = spec.options;
  if (spec.source === null || !spec.enabled) return [];
  return [
    steps.trySubscription(
      { node, address, why: `checks that the new connection of ${subscription} works` },
      {
        subscription,
        source: spec.source,
        publications: [],
        slot: null,
        options: required === 'false' ? { password_required: required } : {},
      },
    ),
  ];
};

/** What the trial comes before; null: nothing is tried. A disabled subscription connects when it is enabled, or not at all. */
const filledBy = ({ stores }: WayTraits, isNative: boolean, enabled: boolean): StepKind | null =>
  stores ?? (isNative && enabled ? 'create-subscription' : null);

/** Nothing is worse than a copy of hours whose subscription then cannot be made. */
export const tryStep = (desired: Subscription, context: PlanContext): readonly StepDraft[] => {
  const { node, address, name: subscription, spec } = desired;
  const { source, slot, publications } = spec;
  if (source === null || slot === null) return [];
  const isNative = initialCopyOf(desired, context).way === 'native';
  const filled = filledBy(wayOf(desired, context), isNative, spec.enabled);
  if (filled === null) return [];
  return [
    steps.trySubscription(
      {
        node,
        address,
        why: `checks that ${subscription} can be created before its rows are copied`,
        afterIfPlanned: publicationSteps(desired),
        continues: `${filled} ${address}`,
      },
      { subscription, source, publications, slot, options: nonDefaultOptions(desired, context) },
    ),
  ];
};
