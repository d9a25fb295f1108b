// Subscriptions whose rows a user brings manually: nothing of them is planned until `steep init complete` says what was
// found, and nothing starts before it is known from where.

import { addressOf } from '../../model/state/address.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { DesiredState, DesiredSubscription, LiveState } from '../../model/state/state.ts';
import { initMethods } from '../init/methods/index.ts';

type Edge = Pick<DesiredSubscription, 'node' | 'name'>;

const addressOfEdge = ({ node, name }: Edge): string => addressOf(node, 'subscription', name);

/** Where a disabled subscription must start, which it has not been told yet; null: it knows, or is not there. */
export const awaitedOrigin = (edge: Edge, live: LiveState): string | null => {
  const rows = live.nodes[edge.node]?.applied ?? [];
  const row = rows.find(({ address }) => address === addressOfEdge(edge));
  return row?.kind === 'subscription' ? (row.awaitsOrigin ?? null) : null;
};

/** Whether a subscription is not there yet, or not ready to run, and is not being completed now. */
export const awaitsInit = (sub: DesiredSubscription, live: LiveState): boolean => {
  if (!initMethods[sub.init].awaitsUser || sub.restored !== undefined) return false;
  const resources = live.nodes[sub.node]?.resources;
  const exists = resources?.some(({ address }) => address === addressOfEdge(sub)) ?? false;
  return !exists || awaitedOrigin(sub, live) !== null;
};

/** The subscription for which this slot was made, and which does not read it yet. */
export const awaitingReader = (
  { node, name }: Pick<ResourceOf<'slot'>, 'node' | 'name'>,
  { subscriptions }: DesiredState,
  live: LiveState,
): DesiredSubscription | undefined =>
  subscriptions.find((sub) => sub.source === node && sub.slot === name && awaitsInit(sub, live));

/** Whether the rows of a table are copied; `created`: with the subscription, and not later. What is merged is there then. */
export const copiesRows = (
  sub: Pick<DesiredSubscription, 'init' | 'pair'> | undefined,
  created: boolean,
): boolean => {
  if (sub === undefined) return true;
  const { awaitsUser, leavesRows, merges } = initMethods[sub.init];
  // Later tables of its pair are copied to the second node alone, as of any pair.
  if (merges) return !created && sub.pair?.way === 'forth';
  return !leavesRows && !(awaitsUser && created);
};
