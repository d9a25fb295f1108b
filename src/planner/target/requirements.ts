// What cannot be changed without something else: the relation that --target follows and --exclude follows back.
// It is between addresses; a copy counts as its subscription.

import { type Address, addressOf, type NodeName, parseAddress } from '../../model/state/address.ts';
import { stepTraits } from '../../model/step/step-traits.ts';
import { isKind, type PlanContext, sourceOf } from '../context/context.ts';
import type { StepDraft } from '../draft.ts';
import { temporaryFor } from '../facts/copied-publication.ts';
import { allUnfinished } from '../facts/left-copies.ts';
import { initMethods } from '../init/methods/index.ts';

export interface Requirement {
  readonly address: Address;
  readonly needs: Address;
}

type Steps = readonly StepDraft[];

export const nodeAddress = (node: NodeName): Address => addressOf(node, 'node', node);

/**
 * The address that is kept or left out as one: a copy has no steps but those of its subscription, and a
 * publication that is there for one only goes with it.
 */
export const unitOf = (address: Address, context: PlanContext): Address => {
  const found = context.want.get(address) ?? context.have.get(address);
  if (found?.kind === 'copy') return addressOf(found.node, 'subscription', found.spec.subscription);
  const reader = found?.kind === 'publication' ? temporaryFor(found, context) : null;
  return reader ?? address;
};

/** A step comes after others: its resource needs theirs. */
const ofSteps = (steps: Steps): readonly Requirement[] => {
  const at = new Map(steps.map((step) => [step.id, step.address]));
  return steps.flatMap(({ address, needs }) =>
    needs.flatMap((id) => {
      const other = at.get(id);
      return other === undefined || other === address ? [] : [{ address, needs: other }];
    }),
  );
};

const bothWays = (a: Address, b: Address): readonly Requirement[] => [
  { address: a, needs: b },
  { address: b, needs: a },
];

/** Every subscription of the file, those included of which one end could not be read. */
const desiredEdges = ({ desired }: PlanContext): readonly Requirement[] =>
  desired.subscriptions.flatMap(({ node, name, source, slot }) =>
    bothWays(addressOf(node, 'subscription', name), addressOf(source, 'slot', slot)),
  );

/** A slot without its reader would keep WAL indefinitely, a reader without its slot would read nothing. */
const ofEdges = (context: PlanContext): readonly Requirement[] => {
  const live = [...context.have.values()].filter(isKind('subscription')).flatMap((sub) => {
    const source = sourceOf(sub, context);
    const { slot } = sub.spec;
    if (source === null || slot === null) return [];
    return bothWays(sub.address, addressOf(source, 'slot', slot));
  });
  return [...desiredEdges(context), ...live];
};

/** A publication that sends other tables needs the refresh of for every reader. */
const ofRefreshes = (steps: Steps): readonly Requirement[] => {
  const altered = new Map(
    steps
      .filter(({ kind }) => stepTraits[kind].flow === 'sends')
      .map(({ id, address }) => [id, address]),
  );
  return steps
    .filter(({ kind }) => kind === 'refresh-subscription')
    .flatMap(({ needs, address: reader }) =>
      needs.flatMap((id) => {
        const address = altered.get(id);
        return address === undefined ? [] : [{ address, needs: reader }];
      }),
    );
};

/** What a reader on a node that could not be read would need is unknown: the publication needs that node. */
const ofUnreadReaders = (steps: Steps, { desired, live }: PlanContext): readonly Requirement[] =>
  steps
    .filter(({ kind }) => stepTraits[kind].readByOthers)
    .flatMap(({ address, node, kind }) =>
      desired.subscriptions
        .filter((sub) => live.nodes[sub.node] === undefined && sub.source === node)
        // What could not be read before needs none of its readers; a node that is still to be filled may not exist.
        .filter(({ init }) => !initMethods[init].awaitsUser || kind !== 'create-publication')
        .filter((sub) =>
          sub.publications.some((name) => addressOf(node, 'publication', name) === address),
        )
        .map((sub) => ({ address, needs: addressOf(sub.node, 'subscription', sub.name) })),
    );

const hasReader = (slot: Address, context: PlanContext): boolean =>
  [...context.have.values()]
    .filter(isKind('subscription'))
    .some((sub) => addressOf(sourceOf(sub, context) ?? '', 'slot', sub.spec.slot ?? '') === slot);

/** Who else reads what is dropped, only the nodes that could not be read can tell. */
const ofUnknownReaders = (steps: Steps, context: PlanContext): readonly Requirement[] =>
  steps
    .filter(({ kind }) => stepTraits[kind].drops)
    .filter(({ kind, address }) => kind !== 'drop-slot' || !hasReader(address, context))
    .flatMap(({ address }) =>
      Object.keys(context.live.unreadable).map((node) => ({ address, needs: nodeAddress(node) })),
    );

/** A node where steep_repl is installed is registered in it. */
const ofMetadata = (steps: Steps): readonly Requirement[] =>
  steps
    .filter(({ kind }) => kind === 'install-metadata')
    .map(({ address, node }) => ({ address, needs: nodeAddress(node) }));

/** What must be changed together, or in the order of the steps. */
export const requirementsOf = (steps: Steps, context: PlanContext): readonly Requirement[] => [
  ...ofSteps(steps),
  ...ofEdges(context),
  ...ofRefreshes(steps),
  ...ofUnreadReaders(steps, context),
  ...ofUnknownReaders(steps, context),
  ...ofMetadata(steps),
];

/** What must be there, though nothing of it need be changed: the node of each resource, both nodes of an edge. */
export const footing = (
  addresses: Iterable<Address>,
  context: PlanContext,
): readonly Requirement[] => [
  ...[...addresses].map((address) => ({ address, needs: nodeAddress(parseAddress(address).node) })),
  ...context.desired.subscriptions.map(({ node, name, source }) => ({
    address: addressOf(node, 'subscription', name),
    needs: nodeAddress(source),
  })),
  ...[...context.have.values()].filter(isKind('subscription')).flatMap((sub) => {
    const source = sourceOf(sub, context);
    return source === null ? [] : [{ address: sub.address, needs: nodeAddress(source) }];
  }),
  // The slot of an interrupted copy is there.
  ...allUnfinished(context).flatMap(({ sub: { address, spec } }) =>
    spec.source === null ? [] : [{ address, needs: nodeAddress(spec.source) }],
  ),
];
