// Subscriptions that a plan may fill from snapshots on storage: what these say decides about it.

import { addressOf } from '../../../model/state/address.ts';
import type { DesiredState, DesiredSubscription, LiveState } from '../../../model/state/state.ts';
import { matchesAddress } from '../../address-pattern.ts';
import { initMethods } from '../../init/methods/index.ts';
import { subscriptionsToCreate } from '../../reading/tables-to-probe.ts';

/** `again`: patterns of what is asked to be initialized again. */
export const awaitingSnapshots = (
  desired: DesiredState,
  live: LiveState,
  again: readonly string[],
): readonly DesiredSubscription[] => {
  const loaded = desired.subscriptions.filter(
    ({ init, snapshot }) => initMethods[init].readsSnapshot && snapshot !== undefined,
  );
  if (loaded.length === 0) return [];
  const created = subscriptionsToCreate(desired, live);
  return loaded.filter(({ node, name }) => {
    const address = addressOf(node, 'subscription', name);
    return created.has(address) || again.some((pattern) => matchesAddress(pattern, address));
  });
};
