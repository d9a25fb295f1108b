// How the publication that keeps an old name ends: once each of its readers has been started again. A reader that still
// runs with the old list would fail without it (14 to 17), or lose rows without a message (18).

import { addressOf } from '../../../model/state/address.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { StepId } from '../../../model/step/step.ts';
import { have, isKind, type PlanContext } from '../../context/context.ts';
import type { StepDraft } from '../../draft.ts';
import { willBeCreated } from '../../facts/edges.ts';
import {
  type PublicationAlias,
  publicationAliasesToDrop,
  readersOfName,
} from '../../facts/publication-alias.ts';
import { ownershipOf } from '../rule.ts';
import * as steps from '../steps.ts';
import { stopSteps } from '../subscription/edge-steps.ts';

type Subscription = ResourceOf<'subscription'>;

/** Of a subscription that must be started again before a publication alias goes: the wait for its old reader to end. */
export const waitForOldReader = (desired: Subscription, context: PlanContext): StepDraft | null => {
  const live = have(context, 'subscription', desired.node, desired.name);
  const alias = publicationAliasesToDrop(context).find(
    ({ node, to }) => node === desired.spec.source && desired.spec.publications.includes(to),
  );
  const slot = live?.spec.slot ?? null;
  const { source } = desired.spec;
  if (live === undefined || alias === undefined || slot === null || source === null) return null;
  if (!desired.spec.enabled || willBeCreated(desired, context)) return null;
  return steps.waitForStop(
    {
      node: source,
      address: addressOf(source, 'slot', slot),
      why: `${desired.address} must be started again before ${alias.address} is dropped`,
      afterIfPlanned: stopSteps(desired),
    },
    { slot },
  );
};

/** Stops a subscription that nothing else stops, and starts it again. */
const restart = (desired: Subscription, wait: StepDraft): readonly StepDraft[] => {
  const { node, address, name: subscription } = desired;
  const why = 'it is started again, to read with the new name only';
  const owns = ownershipOf(desired);
  return [
    steps.disableSubscription({ node, address, why, owns }, { subscription }),
    wait,
    steps.enableSubscription({ node, address, why, owns, after: [wait.id] }, { subscription }),
  ];
};

const dropStep = (
  { node, name, address, to }: PublicationAlias,
  waits: readonly StepId[],
): StepDraft =>
  steps.dropPublication(
    {
      node,
      address,
      why: `${name} was the temporary publication for ${to}, and is no longer read`,
      afterIfPlanned: [...waits, steps.renamePublication.id(addressOf(node, 'publication', to))],
      forgets: [address],
    },
    { publication: name },
  );

/** The steps that end publication aliases, in addition to those that the rules have planned already. */
export const publicationAliasSteps = (
  planned: readonly StepDraft[],
  context: PlanContext,
): readonly StepDraft[] => {
  const ids = new Set(planned.map(({ id }) => id));
  const readers = [...context.want.values()].filter(isKind('subscription'));
  const ending = publicationAliasesToDrop(context).map((alias) => {
    const started = readers
      .filter(({ spec }) => spec.source === alias.node && spec.publications.includes(alias.to))
      .flatMap((sub) => {
        const wait = waitForOldReader(sub, context);
        return wait === null ? [] : [{ sub, wait }];
      });
    const waits = started.flatMap(({ sub, wait }) => [
      wait.id,
      steps.setPublications.id(sub.address),
    ]);
    const replaced = readersOfName(alias.node, alias.name, context).map(({ address }) =>
      steps.dropSubscription.id(address),
    );
    const restarts = started.flatMap(({ sub, wait }) =>
      ids.has(wait.id) ? [] : restart(sub, wait),
    );
    return [...restarts, dropStep(alias, [...waits, ...replaced])];
  });
  return [...new Map(ending.flat().map((step) => [step.id, step])).values()];
};
