// `renamed`: which names are still to be changed, and the live state as if they had been. Everything else that
// is planned then sees one object under its new name, never a drop and a creation.

import type { FoundHazard } from '../../model/plan/hazard.ts';
import { type Address, addressOf } from '../../model/state/address.ts';
import type { Applied } from '../../model/state/applied.ts';
import type { Resource } from '../../model/state/resource.ts';
import type { DesiredState, LiveState, NodeState, Renaming } from '../../model/state/state.ts';
import { copyName } from '../complete/complete.ts';
import { hazard } from '../hazards/hazard.ts';

export interface Renames {
  /** To be executed by this plan. */
  readonly pending: readonly Renaming[];
  /** Why others cannot be. */
  readonly hazards: readonly FoundHazard[];
}

type Verdict = 'pending' | 'done' | FoundHazard;

const liveAt = (live: LiveState, { node }: Renaming, address: Address): Resource | undefined =>
  live.nodes[node]?.resources.find((resource) => resource.address === address);

/** Whether a publication was only made so that readers of an old name find it. */
export const aliasFor = (live: LiveState, resource: Resource): string | null => {
  if (resource.kind !== 'publication' || !resource.owned) return null;
  const rows = live.nodes[resource.node]?.applied ?? [];
  return rows.find(({ address }) => address === resource.address)?.aliasFor ?? null;
};

const judge = (renaming: Renaming, live: LiveState): Verdict => {
  const from = liveAt(live, renaming, renaming.fromAddress);
  const to = liveAt(live, renaming, renaming.toAddress);
  if (from === undefined) return 'done';
  const refuse = (code: string, why: string, remedy: string): FoundHazard =>
    hazard('block', code, renaming.toAddress, `${renaming.source}: ${why}`, remedy);
  if (to === undefined) {
    if (from.owned) return 'pending';
    const why = `${from.address} is not managed by steep, which therefore does not rename it.`;
    return refuse('NOT_OWNED', why, 'Rename it by hand: steep then manages it under its new name.');
  }
  // Another session may use the old name again.
  if (!from.owned || aliasFor(live, from) === to.name) return 'done';
  const why = `${from.address} and ${to.address} both exist, and steep manages the first: one cannot be renamed to the other.`;
  const remedy = `Remove the entry from renamed; to drop or keep ${from.address}, name it in removed.`;
  return refuse('RENAME_BLOCKED', why, remedy);
};

/** Of several former names, the first that is there gets the new one. */
export const renamesOf = (desired: DesiredState, live: LiveState): Renames => {
  const verdicts = desired.renamed.map((renaming) => [renaming, judge(renaming, live)] as const);
  const pending = verdicts.flatMap(([renaming, verdict]) =>
    verdict === 'pending' ? [renaming] : [],
  );
  return {
    pending: pending.filter(
      ({ toAddress }, index) =>
        pending.findIndex((other) => other.toAddress === toAddress) === index,
    ),
    hazards: verdicts.flatMap(([, verdict]) => (typeof verdict === 'string' ? [] : [verdict])),
  };
};

const renamed = <T extends Resource | Applied>(
  item: T,
  { node, kind, to, toAddress }: Renaming,
): T =>
  item.kind === kind && item.node === node ? { ...item, name: to, address: toAddress } : item;

/** The tables that a subscription fills are named after it. */
const copyRenamed = (resource: Resource, { kind, from, to }: Renaming): Resource => {
  if (kind !== 'subscription' || resource.kind !== 'copy' || resource.spec.subscription !== from) {
    return resource;
  }
  const name = copyName(to, resource.spec.table);
  const address = addressOf(resource.node, 'copy', name);
  return { ...resource, name, address, spec: { ...resource.spec, subscription: to } };
};

const withRename = (state: NodeState, renaming: Renaming): NodeState => {
  const { fromAddress, toAddress } = renaming;
  return {
    ...state,
    resources: state.resources.map((resource) =>
      resource.address === fromAddress
        ? renamed(resource, renaming)
        : copyRenamed(resource, renaming),
    ),
    // A row under the new name that has no object gives way.
    missing: state.missing.filter((address) => address !== toAddress),
    applied: state.applied
      .filter(({ address }) => address !== toAddress)
      .map((row) => (row.address === fromAddress ? renamed(row, renaming) : row)),
  };
};

/** What was read, under the names that it is going to have. */
export const asRenamed = (live: LiveState, pending: readonly Renaming[]): LiveState => ({
  ...live,
  nodes: Object.fromEntries(
    Object.entries(live.nodes).map(([name, state]) => [
      name,
      pending.filter(({ node }) => node === name).reduce(withRename, state),
    ]),
  ),
});
