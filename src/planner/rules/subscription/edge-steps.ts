// The steps that other steps of an edge wait for.

import { addressOf } from '../../../model/state/address.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { StepId } from '../../../model/step/step.ts';
import * as steps from '../steps.ts';

type Subscription = ResourceOf<'subscription'>;

/** The steps that make or change the publications that a subscription reads. */
export const publicationSteps = (sub: Subscription): readonly StepId[] => {
  const { source } = sub.spec;
  if (source === null) return [];
  return sub.spec.publications.flatMap((name) => {
    const address = addressOf(source, 'publication', name);
    return [
      steps.createPublication.id(address),
      steps.alterPublication.id(address),
      steps.replacePublication.id(address),
      steps.renamePublication.id(address),
    ];
  });
};

/** The steps after which a subscription has stopped; a plan has one of them at most. */
export const stopSteps = ({ address }: Subscription): readonly StepId[] => [
  steps.disableSubscription.id(address),
  steps.refreshWhileEmpty.id(address),
];
