// A chain with origin = none: what a node has got by replication it does not send on, so that the next one never has it.

import { formatName } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { NodeName } from '../../../model/state/address.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { isKind, type PlanContext } from '../../context/context.ts';
import type { StepDraft } from '../../draft.ts';
import { leaves } from '../../facts/removal-policy.ts';
import { hazard } from '../hazard.ts';

type Subscription = ResourceOf<'subscription'>;

/** Those of the file, and those that are there and that this plan leaves. */
export const staying = (context: PlanContext): readonly Subscription[] => [
  ...[...context.want.values()].filter(isKind('subscription')),
  ...[...context.have.values()]
    .filter(isKind('subscription'))
    .filter((sub) => !context.want.has(sub.address) && !leaves(sub, context)),
];

const tablesOf = (sub: Subscription, context: PlanContext): ReadonlySet<string> => {
  const side = context.want.has(sub.address) ? context.want : context.have;
  return new Set(
    [...side.values()]
      .filter(isKind('copy'))
      .filter(({ node, spec }) => node === sub.node && spec.subscription === sub.name)
      .map(({ spec }) => formatName(spec.table)),
  );
};

/** Tables that the node gets from there too, by another subscription. */
const gotDirectly = (
  node: NodeName,
  source: NodeName | null,
  subs: readonly Subscription[],
  context: PlanContext,
): ReadonlySet<string> =>
  new Set(
    subs
      .filter((sub) => sub.node === node && source !== null && sub.spec.source === source)
      .flatMap((sub) => [...tablesOf(sub, context)]),
  );

const chain = (
  sub: Subscription,
  upstream: Subscription,
  subs: readonly Subscription[],
  context: PlanContext,
): readonly FoundHazard[] => {
  const direct = gotDirectly(sub.node, upstream.spec.source, subs, context);
  const brought = tablesOf(upstream, context);
  const missing = [...tablesOf(sub, context)].filter((it) => brought.has(it) && !direct.has(it));
  if (missing.length === 0) return [];
  const source = sub.spec.source ?? '';
  const origin = upstream.spec.source ?? 'another server';
  return [
    hazard(
      'danger',
      'ORIGIN_CHAIN',
      sub.address,
      `${sub.name} has origin: none, and node ${source} gets ${listNames(missing)} from ${origin} itself (${upstream.name}): changes that come from there are not sent on, and never reach node ${sub.node}, without an error.`,
      `Set options: { origin: any } on ${sub.name}; or let node ${sub.node} replicate these tables from ${origin} too.`,
    ),
  ];
};

/** Of each desired edge with origin = none, where the plan touches it or the one before it. */
export const originChainHazards = (
  steps: readonly StepDraft[],
  context: PlanContext,
): readonly FoundHazard[] => {
  const touched = new Set(steps.map(({ address }) => address));
  const subs = staying(context);
  return [...context.want.values()]
    .filter(isKind('subscription'))
    .filter(({ spec }) => spec.options.origin === 'none')
    .flatMap((sub) =>
      subs
        .filter(({ node, spec }) => node === sub.spec.source && spec.source !== sub.node)
        .filter((upstream) => touched.has(sub.address) || touched.has(upstream.address))
        .flatMap((upstream) => chain(sub, upstream, subs, context)),
    );
};
