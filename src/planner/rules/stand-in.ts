// A stand-in: the publication that has the old name of one that was renamed, until its readers have moved.
// It is dropped once each of them was started anew: a reader that still runs with the old list would fail
// without it (14 to 17), or lose rows without a word (18).

import { type Address, addressOf, type NodeName } from '../../model/address.ts';
import type { ResourceOf } from '../../model/resource.ts';
import type { StepId } from '../../model/step.ts';
import { have, isKind, type PlanContext } from '../context.ts';
import { standsInFor } from '../renames.ts';
import { stopSteps, willBeCreated } from './edges.ts';
import { ownershipOf, type StepDraft } from './rule.ts';
import * as steps from './steps.ts';

type Subscription = ResourceOf<'subscription'>;

export interface StandIn {
  readonly node: NodeName;
  /** The old name. */
  readonly name: string;
  readonly address: Address;
  /** The publication that has the new one. */
  readonly to: string;
  /** Not there yet: this plan makes it. */
  readonly isNew: boolean;
}

/** Live subscriptions that read a publication under a name. */
export const readersOfName = (
  node: NodeName,
  name: string,
  context: PlanContext,
): readonly Subscription[] =>
  [...context.have.values()]
    .filter(isKind('subscription'))
    .filter(({ spec }) => spec.source === node && spec.publications.includes(name));

const standInsOf = (context: PlanContext): readonly StandIn[] => {
  const made = context.renames
    .filter(
      ({ kind, node, from }) =>
        kind === 'publication' && readersOfName(node, from, context).length > 0,
    )
    .map(({ node, from, fromAddress, to }) => ({
      node,
      name: from,
      address: fromAddress,
      to,
      isNew: true,
    }));
  const there = [...context.have.values()].flatMap((live) => {
    const to = standsInFor(context.live, live);
    if (to === null || context.want.has(live.address)) return [];
    const { node, name, address } = live;
    return [{ node, name, address, to, isNew: false }];
  });
  return [...made, ...there];
};

/** Its readers read on under the new name, by this plan: then it can go. */
const isOver = ({ node, name }: StandIn, context: PlanContext): boolean =>
  readersOfName(node, name, context).every((live) => {
    const desired = context.want.get(live.address);
    if (desired?.kind !== 'subscription') return false;
    const moves = desired.spec.source === node && !desired.spec.publications.includes(name);
    return moves && live.spec.enabled && !willBeCreated(desired, context);
  });

/** Stand-ins that this plan drops; the others stay, since somebody reads them. */
export const standInsToDrop = (context: PlanContext): readonly StandIn[] =>
  standInsOf(context).filter((standIn) => isOver(standIn, context));

/** Of a subscription that must be started anew before a stand-in goes: the wait for its old reader to end. */
export const waitForOldReader = (desired: Subscription, context: PlanContext): StepDraft | null => {
  const live = have(context, 'subscription', desired.node, desired.name);
  const standIn = standInsToDrop(context).find(
    ({ node, to }) => node === desired.spec.source && desired.spec.publications.includes(to),
  );
  const slot = live?.spec.slot ?? null;
  const { source } = desired.spec;
  if (live === undefined || standIn === undefined || slot === null || source === null) return null;
  if (!desired.spec.enabled || willBeCreated(desired, context)) return null;
  return steps.waitForStop(
    {
      node: source,
      address: addressOf(source, 'slot', slot),
      why: `${desired.address} must be started anew before ${standIn.address} is dropped`,
      afterIfPlanned: stopSteps(desired),
    },
    { slot },
  );
};

/** Stops a subscription that nothing else stops, and starts it again. */
const restart = (desired: Subscription, wait: StepDraft): readonly StepDraft[] => {
  const { node, address, name: subscription } = desired;
  const why = 'it is started anew, to read by the new name only';
  const owns = ownershipOf(desired);
  return [
    steps.disableSubscription({ node, address, why, owns }, { subscription }),
    wait,
    steps.enableSubscription({ node, address, why, owns, after: [wait.id] }, { subscription }),
  ];
};

const dropStep = ({ node, name, address, to }: StandIn, waits: readonly StepId[]): StepDraft =>
  steps.dropPublication(
    {
      node,
      address,
      why: `${name} stood in for ${to}, and nobody reads it any more`,
      afterIfPlanned: [...waits, steps.renamePublication.id(addressOf(node, 'publication', to))],
      forgets: [address],
    },
    { publication: name },
  );

/** The steps that end stand-ins, besides those that the rules have planned already. */
export const standInSteps = (
  planned: readonly StepDraft[],
  context: PlanContext,
): readonly StepDraft[] => {
  const ids = new Set(planned.map(({ id }) => id));
  const readers = [...context.want.values()].filter(isKind('subscription'));
  const ending = standInsToDrop(context).map((standIn) => {
    const started = readers
      .filter(({ spec }) => spec.source === standIn.node && spec.publications.includes(standIn.to))
      .flatMap((sub) => {
        const wait = waitForOldReader(sub, context);
        return wait === null ? [] : [{ sub, wait }];
      });
    const waits = started.flatMap(({ sub, wait }) => [
      wait.id,
      steps.setPublications.id(sub.address),
    ]);
    const restarts = started.flatMap(({ sub, wait }) =>
      ids.has(wait.id) ? [] : restart(sub, wait),
    );
    return [...restarts, dropStep(standIn, waits)];
  });
  return [...new Map(ending.flat().map((step) => [step.id, step])).values()];
};
