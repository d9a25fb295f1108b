// What ties a subscription to its slot and its publications on the other node.

import { addressOf } from '../../model/state/address.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { LiveState } from '../../model/state/state.ts';
import { have, isKind, type PlanContext, serverOf } from '../context/context.ts';

type Subscription = ResourceOf<'subscription'>;

/** Properties that a new slot has of its reader. Undefined: no reader is known. */
export const slotOptions = (
  sub: Subscription | undefined,
  context: PlanContext,
): { readonly failover?: true } => {
  const asked = sub?.spec.options.failover === 'true' && sub.spec.source !== null;
  return asked && serverOf(context, sub.spec.source).features.failoverSlots
    ? { failover: true }
    : {};
};

/** The address of the slot that a subscription reads; null: detached, or from an unknown node. */
export const slotAddress = (sub: Subscription): string | null =>
  sub.spec.source === null || sub.spec.slot === null
    ? null
    : addressOf(sub.spec.source, 'slot', sub.spec.slot);

/** Whether PostgreSQL's own workers store rows with the rights of the owner of each table. */
export const runsAsTableOwner = ({ node, spec }: Subscription, context: PlanContext): boolean =>
  spec.options.run_as_owner !== 'true' &&
  serverOf(context, node).features.subscriptionOptions.some(({ name }) => name === 'run_as_owner');

/** The desired subscriptions that read this slot. */
export const readersOf = (
  slot: ResourceOf<'slot'>,
  context: PlanContext,
): readonly Subscription[] =>
  [...context.want.values()]
    .filter(isKind('subscription'))
    .filter(({ spec }) => spec.source === slot.node && spec.slot === slot.name);

/** The tables that it knows, ready or not, as its node has them. Of a node that could not be read, none. */
export const liveCopies = (
  { node, name }: Pick<Subscription, 'node' | 'name'>,
  live: LiveState,
): readonly ResourceOf<'copy'>[] =>
  (live.nodes[node]?.resources ?? []).flatMap((it) =>
    it.kind === 'copy' && it.spec.subscription === name ? [it] : [],
  );

/** Options that differ and that this server can never ALTER. */
const frozenOptions = (
  live: Subscription,
  desired: Subscription,
  context: PlanContext,
): readonly string[] =>
  serverOf(context, desired.node)
    .features.subscriptionOptions.filter(({ name, alter }) => {
      const differs = live.spec.options[name] !== desired.spec.options[name];
      return alter === 'never' && differs;
    })
    .map(({ name }) => name);

/** Why ALTER cannot do it and the subscription must be replaced; null: it can. */
export const replaceReason = (
  live: Subscription,
  desired: Subscription,
  context: PlanContext,
): string | null => {
  if (context.whole.replaced.has(desired.address)) return 'it is copied again, as requested';
  if (live.spec.source !== null && live.spec.source !== desired.spec.source) {
    return `it reads from ${live.spec.source}, and a position there is not valid on ${desired.spec.source ?? '?'}`;
  }
  const frozen = frozenOptions(live, desired, context);
  if (frozen.length === 0) return null;
  const { version } = serverOf(context, desired.node);
  return `PostgreSQL ${version} has no ALTER for ${frozen.join(', ')}`;
};

/** No row of it is there yet: the subscription does not know the table, or waits to be enabled. */
export const copyIsNew = (copy: ResourceOf<'copy'>, context: PlanContext): boolean => {
  const live = have(context, 'copy', copy.node, copy.name);
  const sub = have(context, 'subscription', copy.node, copy.spec.subscription);
  return live === undefined || (live.observed?.syncState === 'i' && sub?.spec.enabled === false);
};

/** The subscription does not exist yet, or will be dropped and created again. */
export const willBeCreated = (desired: Subscription, context: PlanContext): boolean => {
  const live = have(context, 'subscription', desired.node, desired.name);
  return live === undefined || replaceReason(live, desired, context) !== null;
};
