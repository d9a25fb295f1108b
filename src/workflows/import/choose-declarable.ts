// Which of the live objects the file can declare: whole edges, and the publications that they read. Pure.

import { compareText } from '../../model/identifier.ts';
import { type Address, addressOf } from '../../model/state/address.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import { sameCluster } from '../../model/state/server.ts';
import type { NodeState } from '../../model/state/state.ts';
import { isKind } from '../../planner/context/context.ts';
import { snapshotOfSlot } from '../../planner/facts/snapshot/snapshot-slots.ts';
import { agreeingEdges } from '../plan/describe-connections.ts';
import type { Introspection } from '../plan/introspect-nodes.ts';
import { type Found, type LeftOut, partition } from '../plan/left-out.ts';
import { type DescribedEdge, findEdges } from './describe-edges.ts';
import { nameTaken, undeclarable, unread } from './describe-publications.ts';

export interface Chosen {
  readonly edges: readonly DescribedEdge[];
  readonly publications: readonly ResourceOf<'publication'>[];
  readonly leftOut: readonly LeftOut[];
}

/** What is left out is in the order of addresses. */
export const chooseDeclarable = (
  introspection: Introspection,
  refused: ReadonlyMap<Address, LeftOut>,
): Chosen => {
  const states = introspection.nodes.flatMap(({ name }) => introspection.live.nodes[name] ?? []);
  const readers = declarableEdges(introspection, states, refused);
  const all = states.flatMap((state) => state.resources.filter(isKind('publication')));
  const declarable = partition(all, (it) => refused.get(it.address) ?? undeclarable(it));
  const wanted = declarable.kept.filter((it) => it.owned || isRead(it, readers.kept));
  const named = partition(wanted, (it) => nameTaken(it, wanted));
  const whole = partition(readers.kept, (edge) => missesPublication(edge, named.kept));
  const own = new Map(introspection.nodes.map(({ name, conninfo }) => [name, conninfo]));
  const edges = agreeingEdges(whole.kept, own);
  const publications = named.kept.filter((it) => it.owned || isRead(it, edges.kept));
  const faults = [readers, declarable, named, whole, edges].flatMap(({ leftOut }) => leftOut);
  const spoken = new Set([...faults, ...publications].map(({ address }) => address));
  const leftOut = [
    ...faults,
    ...all.filter(({ address }) => !spoken.has(address)).map(unread),
    ...states.flatMap((state) => unreadSlots(state, edges.kept)),
    ...foreignSlots(states),
  ];
  return {
    edges: edges.kept,
    publications,
    leftOut: leftOut.toSorted((a, b) => compareText(a.address, b.address)),
  };
};

const declarableEdges = (
  introspection: Introspection,
  states: readonly NodeState[],
  refused: ReadonlyMap<Address, LeftOut>,
): Found<DescribedEdge> => {
  const found = findEdges(states, introspection.connections);
  const accepted = partition(found.kept, (it) => refused.get(it.subscription.address) ?? null);
  const subscriptions = accepted.kept.map(({ subscription }) => subscription);
  const named = partition(accepted.kept, (it) => nameTaken(it.subscription, subscriptions));
  return {
    kept: named.kept,
    leftOut: [...found.leftOut, ...accepted.leftOut, ...named.leftOut],
  };
};

const isRead = (
  { node, name }: ResourceOf<'publication'>,
  edges: readonly DescribedEdge[],
): boolean =>
  edges.some((it) => it.source === node && it.subscription.spec.publications.includes(name));

const missesPublication = (
  { subscription, source }: DescribedEdge,
  declared: readonly ResourceOf<'publication'>[],
): LeftOut | null => {
  const missing = subscription.spec.publications.filter(
    (name) => !declared.some((it) => it.node === source && it.name === name),
  );
  if (missing.length === 0) return null;
  const names = missing.map((name) => addressOf(source, 'publication', name)).join(', ');
  return {
    address: subscription.address,
    reason: `It reads ${names}, which is left out too.`,
    cure: null,
  };
};

const unreadSlots = (state: NodeState, edges: readonly DescribedEdge[]): readonly LeftOut[] =>
  state.resources
    .filter(isKind('slot'))
    .filter(({ name }) => !edges.some((it) => it.source === state.node && it.slot === name))
    .map((slot) => {
      const waitsFor = snapshotOfSlot(slot, { [state.node]: state });
      return waitsFor === undefined
        ? unread(slot)
        : {
            address: slot.address,
            reason: `It is kept for snapshot ${waitsFor.snapshotId}.`,
            cure: null,
          };
    });

/** A physical slot belongs to the cluster: it is named at the first of its nodes. */
const foreignSlots = (states: readonly NodeState[]): readonly LeftOut[] =>
  states.flatMap(({ node, server, foreignSlots: found }) => {
    const first = states.find((it) => sameCluster(it.server, server));
    return found
      .filter(({ database }) =>
        database === null ? first?.node === node : database === server.database,
      )
      .map(({ name, plugin }) => ({
        address: addressOf(node, 'slot', name),
        reason: plugin === null ? 'A physical slot.' : `A slot of the plugin ${plugin}.`,
        cure: null,
      }));
  });
