// Tables that are copied again while the others of their subscription continue. The shared publication is never
// touched: the subscription reads a copy of it without the tables, forgets them, and takes them back empty.

import { type Address, addressOf } from '../../../model/state/address.ts';
import type { OwnershipRecord, StepId } from '../../../model/step/step.ts';
import { isKind, type PlanContext, serverOf, tableOf } from '../../context/context.ts';
import type { Reinit } from '../../context/reinit-stage.ts';
import { combine, nothing, type RuleResult, type StepDraft } from '../../draft.ts';
import { truncated } from '../../facts/emptied-together.ts';
import {
  awaitedHazard,
  emptyingHazards,
  reinitHazards,
  wholeHazards,
} from '../../hazards/copy/reinit-hazards.ts';
import { ownershipOf } from '../rule.ts';
import * as steps from '../steps.ts';
import { publicationSteps } from '../subscription/edge-steps.ts';
import { reinitDetails } from './reinit-details.ts';
import { type Temporary, temporariesFor } from './reinit-temporaries.ts';

const createSteps = (
  { sub, tables, temporaries }: Reinit,
  made: readonly Temporary[],
  context: PlanContext,
): readonly StepDraft[] =>
  made
    .filter(({ publication: { name } }) => !temporaries.includes(name))
    .map(({ of, publication }) => {
      const { node, address, name, spec } = publication;
      const applied = { ...spec, temporaryFor: sub.address, without: { publication: of, tables } };
      const { publishGeneratedColumns: withGeneratedColumns } = serverOf(context, node).features;
      return steps.createPublication(
        {
          node,
          address,
          why: `${sub.address} reads it in place of ${of} while its tables are copied again`,
          owns: { ...ownershipOf(publication), applied },
        },
        { publication: name, spec, withGeneratedColumns },
      );
    });

/** What the subscription reads meanwhile. */
const meanwhile = ({ sub }: Reinit, made: readonly Temporary[]): readonly string[] =>
  sub.spec.publications.map((name) => made.find(({ of }) => of === name)?.publication.name ?? name);

const slotOf = ({ sub }: Reinit) => ({
  node: sub.spec.source ?? '',
  slot: sub.spec.slot ?? '',
  address: addressOf(sub.spec.source ?? '', 'slot', sub.spec.slot ?? ''),
});

const asideSteps = (
  reinit: Reinit,
  made: readonly Temporary[],
  context: PlanContext,
): readonly StepDraft[] => {
  const { node, address, name: subscription } = reinit.sub;
  const created = createSteps(reinit, made, context);
  const { node: source, slot, address: slotAddress } = slotOf(reinit);
  const wait = steps.waitForSlot(
    {
      node: source,
      address: slotAddress,
      why: `${address} must have applied everything older than what it reads next`,
      afterIfPlanned: made.map(({ publication }) =>
        steps.createPublication.id(publication.address),
      ),
    },
    { slot, untilSlot: null },
  );
  const publications = meanwhile(reinit, made);
  const set = steps.setPublications(
    {
      node,
      address,
      why: 'tables are copied again, and the others continue',
      afterIfPlanned: [wait.id],
      owns: {
        ...ownershipOf(reinit.sub),
        applied: { ...reinit.sub.spec, publications },
      },
    },
    { subscription, publications, aside: true },
  );
  return [...created, wait, set];
};

/** It knows the tables no more, and no reader that has known them is left. */
const stopSteps = (reinit: Reinit): readonly StepDraft[] => {
  const { node, address, name: subscription } = reinit.sub;
  const { node: source, slot, address: slotAddress } = slotOf(reinit);
  const forget = steps.refreshSubscription(
    {
      node,
      address,
      why: `${subscription} leaves out the tables that are copied again`,
      afterIfPlanned: [...publicationSteps(reinit.sub), steps.setPublications.id(address, 'aside')],
    },
    { subscription, copyData: false, aside: reinit.tables },
  );
  const stop = steps.disableSubscription(
    {
      node,
      address,
      why: 'workers that still know the tables must have stopped before they are emptied',
      afterIfPlanned: [forget.id],
    },
    { subscription },
  );
  const wait = steps.waitForStop(
    {
      node: source,
      address: slotAddress,
      why: `${address} must have stopped before its tables are emptied`,
      afterIfPlanned: [stop.id],
    },
    { slot },
  );
  const isStopped = reinit.stage === 'aside' && !reinit.live.spec.enabled;
  return [...(reinit.known ? [forget] : []), ...(isStopped ? [] : [stop]), wait];
};

/** Emptied already, in an interrupted run: nothing was written since. */
const areEmpty = ({ sub, tables, known }: Reinit, context: PlanContext): boolean =>
  !known && tables.every((name) => tableOf(context, sub.node, name)?.hasRows === false);

const emptySteps = (reinit: Reinit, context: PlanContext): readonly StepDraft[] => {
  const { node, address, name: subscription } = reinit.sub;
  if (areEmpty(reinit, context)) return [];
  return [
    steps.truncateTables(
      {
        node,
        address,
        why: 'the copy needs empty tables',
        afterIfPlanned: [steps.waitForStop.id(slotOf(reinit).address)],
        hazards: emptyingHazards(reinit.sub, reinit.tables, context),
      },
      { subscription, ...truncated(node, reinit.tables, context), forgotten: true },
    ),
  ];
};

/** Remembered until the temporary publications are gone: they are read no more. */
const broughtBack = ({ sub }: Reinit, names: readonly string[]): OwnershipRecord => ({
  ...ownershipOf(sub),
  applied: { ...sub.spec, broughtBack: names },
});

const backSteps = (reinit: Reinit, names: readonly string[]): readonly StepDraft[] => {
  const { node, address, name: subscription, spec } = reinit.sub;
  const owns = broughtBack(reinit, names);
  const set = steps.setPublications(
    {
      node,
      address,
      why: 'the tables are empty, and are added back',
      afterIfPlanned: [
        ...publicationSteps(reinit.sub),
        steps.waitForStop.id(slotOf(reinit).address),
        steps.truncateTables.id(address),
      ],
      owns,
    },
    { subscription, publications: spec.publications },
  );
  const isStopped = reinit.stage === 'back' && !reinit.live.spec.enabled;
  const start = steps.enableSubscription(
    {
      node,
      address,
      why: 'it was stopped while its tables were emptied',
      afterIfPlanned: [set.id],
      owns,
    },
    { subscription },
  );
  if (reinit.stage === 'back') return isStopped ? [start] : [];
  return [set, start];
};

const dropSteps = (
  { sub }: Reinit,
  names: readonly string[],
  afterIfPlanned: readonly StepId[],
): readonly StepDraft[] =>
  names.map((publication) => {
    const node = sub.spec.source ?? '';
    const address = addressOf(node, 'publication', publication);
    return steps.dropPublication(
      { node, address, why: `not read by ${sub.address}`, afterIfPlanned, forgets: [address] },
      { publication },
    );
  });

const planOne = (reinit: Reinit, context: PlanContext): RuleResult => {
  const { sub, stage, temporaries } = reinit;
  const hazards = reinitHazards(reinit, context);
  const made = stage === 'asked' ? temporariesFor(reinit, context) : [];
  const names = [
    ...new Set([...temporaries, ...made.map(({ publication }) => publication.name)]),
  ].toSorted();
  const planned = [
    ...(stage === 'asked' ? asideSteps(reinit, made, context) : []),
    ...(stage === 'back' ? [] : [...stopSteps(reinit), ...emptySteps(reinit, context)]),
    ...backSteps(reinit, names),
    ...dropSteps(reinit, names, [
      steps.waitForCopy.id(sub.address),
      steps.setPublications.id(sub.address),
      steps.enableSubscription.id(sub.address),
    ]),
  ];
  const summary = stage === 'asked' ? 'initialized again' : 'being copied again';
  return {
    changes: [
      {
        resource: sub,
        action: 'change',
        summary,
        details: reinitDetails(reinit),
      },
    ],
    steps: planned,
    hazards,
  };
};

/** Tables that are initialized again, and subscriptions whose initial copy is only awaited. */
export const planReinits = (context: PlanContext): RuleResult =>
  combine([
    ...context.reinits.map((reinit) => planOne(reinit, context)),
    ...[...context.whole.awaited].map((address) => awaitOne(address, context)),
    { ...nothing, hazards: wholeHazards(context) },
  ]);

/** The wait tells at its end that the copy is over; where tables are not ready, it is planned anyhow. */
const awaitOne = (address: Address, context: PlanContext): RuleResult => {
  const sub = context.want.get(address);
  if (sub?.kind !== 'subscription') return nothing;
  const { node, name: subscription } = sub;
  const isReady = [...context.have.values()]
    .filter(isKind('copy'))
    .filter((copy) => copy.node === node && copy.spec.subscription === subscription)
    .every(({ spec }) => spec.state === 'ready');
  const why = `the copy of ${subscription} is running`;
  const wait = steps.waitForCopy({ node, address, why }, { subscription });
  return { ...nothing, steps: isReady ? [wait] : [], hazards: [awaitedHazard(sub)] };
};
