// Edits of steep.yaml that were not applied yet, and changes of a server that steep.yaml asks for by now.
// Neither is drift.

import type { PendingEdit } from '../../model/report/drift.ts';
import type { Address } from '../../model/state/address.ts';
import { managedKinds } from '../../model/state/applied.ts';
import type { Resource } from '../../model/state/resource.ts';
import { isAsDesired } from './compared-state.ts';
import { driftDetails, isEdited } from './details.ts';
import type { DriftContext } from './drift-context.ts';

const isManagedKind = ({ kind }: Resource): boolean =>
  managedKinds.some((managed) => managed === kind);

/** In order of address. */
export const pendingEdits = (context: DriftContext): readonly PendingEdit[] => {
  const applied = new Set(context.applied.map(({ address }) => address));
  const former = renamedTo(context);
  const lost = new Set(context.lost.map(({ address }) => address));
  const added = [...context.want.values()]
    .filter(isManagedKind)
    .filter(({ address }) => !applied.has(address) && !lost.has(address))
    .filter(({ address }) => !former.has(address))
    .map(({ address }): PendingEdit => ({ address, edit: 'new' }));
  const others = context.applied.flatMap((row): readonly PendingEdit[] => {
    const { address } = row;
    const live = context.have.get(address);
    const desired = context.want.get(address);
    if (!context.named.has(address)) {
      return live === undefined ? [] : [{ address, edit: leavingEdit(address, context) }];
    }
    if (desired === undefined || !isEdited(row, desired, live)) return [];
    const isDone = isAsDesired(address, context) && row.protect === desired.protect;
    return isDone ? [] : [{ address, edit: 'changed' }];
  });
  return [...added, ...others].toSorted((a, b) => (a.address < b.address ? -1 : 1));
};

/** New addresses of what is there under an old one. */
const renamedTo = ({ desired, have }: DriftContext): ReadonlySet<Address> =>
  new Set(
    desired.renamed
      .filter(({ fromAddress, toAddress }) => have.has(fromAddress) && !have.has(toAddress))
      .map(({ toAddress }) => toAddress),
  );

const leavingEdit = (address: Address, context: DriftContext): PendingEdit['edit'] => {
  const { removed, renamed } = context.desired;
  if (removed.some((entry) => entry.address === address)) return 'removed';
  const to = renamed.find(({ fromAddress }) => fromAddress === address)?.toAddress;
  return to !== undefined && !context.have.has(to) ? 'renamed' : 'left';
};

/** Managed objects that are not as they were applied, and are as the file asks. */
export const adoptedChanges = (context: DriftContext): readonly Address[] =>
  context.applied
    .filter((row) => {
      if (!isAsDesired(row.address, context)) return false;
      const live = context.have.get(row.address);
      return live === undefined || driftDetails(row, live).length > 0;
    })
    .map(({ address }) => address);
