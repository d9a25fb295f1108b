// What a rule may look at: both sides, indexed. Pure; built once per plan.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import { type Address, addressOf, type NodeName } from '../../model/state/address.ts';
import type { Resource, ResourceOf } from '../../model/state/resource.ts';
import type { ResourceKind } from '../../model/state/resource-kind.ts';
import type { ServerFacts } from '../../model/state/server.ts';
import type {
  DesiredState,
  DesiredSubscription,
  LiveState,
  Renaming,
} from '../../model/state/state.ts';
import type { Table } from '../../model/state/table.ts';
import type { Reinit, Whole } from './reinit-stage.ts';

export interface PlanContext {
  readonly desired: DesiredState;
  readonly live: LiveState;
  /** Drop what is no longer in steep.yaml. */
  readonly prune: boolean;
  /** Drop everything that steep owns, and its metadata. Then `prune` holds too. */
  readonly destroy: boolean;
  /** Empty what an initial copy fills. */
  readonly force: boolean;
  /** Copied rows are not proven. */
  readonly unchecked: boolean;
  /** Tables that are initialized again; in `have` they are as if they had never been copied. */
  readonly reinits: readonly Reinit[];
  /** Subscriptions whose initial copy is rolled back; then the plan does nothing else. */
  readonly cancel: readonly Address[];
  /** Subscriptions that are initialized again as a whole. */
  readonly whole: Whole;
  /** Names that this plan changes; `live` and `have` are as if it were done. */
  readonly renames: readonly Renaming[];
  /** Desired resources, complete; live resources, as read. */
  readonly want: ReadonlyMap<Address, Resource>;
  readonly have: ReadonlyMap<Address, Resource>;
  readonly tables: ReadonlyMap<NodeName, ReadonlyMap<string, Table>>;
}

export const indexByAddress = (resources: readonly Resource[]): ReadonlyMap<Address, Resource> =>
  new Map(resources.map((resource) => [resource.address, resource]));

export const indexTables = (live: LiveState): ReadonlyMap<NodeName, ReadonlyMap<string, Table>> =>
  new Map(
    Object.values(live.nodes).map((state) => [
      state.node,
      new Map(state.tables.map((table) => [formatName(table.name), table])),
    ]),
  );

export const isKind =
  <K extends ResourceKind>(kind: K) =>
  (resource: Resource): resource is Extract<Resource, { readonly kind: K }> =>
    resource.kind === kind;

const lookup = <K extends ResourceKind>(
  map: ReadonlyMap<Address, Resource>,
  kind: K,
  node: NodeName,
  name: string,
): ResourceOf<K> | undefined => {
  const resource = map.get(addressOf(node, kind, name));
  return resource?.kind === kind ? (resource as ResourceOf<K>) : undefined;
};

/** The live resource, if there is one. */
export const have = <K extends ResourceKind>(
  context: PlanContext,
  kind: K,
  node: NodeName,
  name: string,
): ResourceOf<K> | undefined => lookup(context.have, kind, node, name);

/** The desired resource, if the file asks for it. */
export const want = <K extends ResourceKind>(
  context: PlanContext,
  kind: K,
  node: NodeName,
  name: string,
): ResourceOf<K> | undefined => lookup(context.want, kind, node, name);

/** Facts of a node that could be read; rules only see resources of such nodes. */
export const serverOf = (context: PlanContext, node: NodeName): ServerFacts => {
  const state = context.live.nodes[node];
  if (state === undefined) throw new Error(`node ${node} was not read`);
  return state.server;
};

export const tableOf = (
  context: PlanContext,
  node: NodeName,
  table: QualifiedName,
): Table | undefined => context.tables.get(node)?.get(formatName(table));

/** Live subscriptions, managed or not, that read this publication. */
export const subscribersOf = (
  context: PlanContext,
  node: NodeName,
  publication: string,
): readonly ResourceOf<'subscription'>[] =>
  [...context.have.values()].filter(isKind('subscription')).filter(({ spec }) => {
    const names = [publication, ...formerNames(context, node, publication)];
    return spec.source === node && names.some((name) => spec.publications.includes(name));
  });

/** Names that a publication has had, and under which it may still be read. */
const formerNames = (
  { renames }: PlanContext,
  node: NodeName,
  publication: string,
): readonly string[] =>
  renames
    .filter((it) => it.kind === 'publication' && it.node === node && it.to === publication)
    .map(({ from }) => from);

/** The node that a live subscription reads from; an unrecognized source is assumed to be the intended one. */
export const sourceOf = (sub: ResourceOf<'subscription'>, context: PlanContext): NodeName | null =>
  sub.spec.source ?? want(context, 'subscription', sub.node, sub.name)?.spec.source ?? null;

export const desiredSubscription = (
  context: PlanContext,
  node: NodeName,
  name: string,
): DesiredSubscription | undefined =>
  context.desired.subscriptions.find((sub) => sub.node === node && sub.name === name);
