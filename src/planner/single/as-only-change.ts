// A plan of one change: what is desired is what is there, with that change. So the rules see one difference, and decide about
// it as they do for steep.yaml. Pure.

import { compareText } from '../../model/identifier.ts';
import { asRequested, type ChangeBy, type SingleChange } from '../../model/plan/single-change.ts';
import { type Address, addressOf, parseAddress } from '../../model/state/address.ts';
import type { Resource, ResourceOf } from '../../model/state/resource.ts';
import type { DesiredState, LiveState } from '../../model/state/state.ts';
import { copiesOf } from '../complete/complete.ts';
import { desiredResource } from '../complete/desired-resource.ts';
import { isKind, type PlanContext } from '../context/context.ts';
import { slotAddress } from '../facts/edges.ts';
import { withTables } from './published-with.ts';

type Subscription = ResourceOf<'subscription'>;

/** Of the desired state only what is created counts, and what is dropped is named. */
export const onlyDesired = (desired: DesiredState, change: SingleChange): DesiredState => ({
  ...desired,
  removed:
    change.verb === 'drop'
      ? [
          {
            address: change.address,
            action: change.keepSlot ? 'detach' : 'drop',
            source: asRequested,
          },
        ]
      : [],
  renamed: [],
});

/**
 * Whoever names an object by a command may drop it, as if steep managed it; a subscription goes with its slot. Connections
 * stay as they are, and what is on record without being there is not looked at.
 */
export const asNamed = (
  live: LiveState,
  desired: DesiredState,
  change: SingleChange,
): LiveState => {
  const dropped = droppedIn(live, desired, change);
  return {
    ...live,
    nodes: Object.fromEntries(
      Object.entries(live.nodes).map(([name, state]) => [
        name,
        { ...state, missing: [], resources: state.resources.map((it) => asItIs(it, dropped)) },
      ]),
    ),
  };
};

const dropping: ReadonlySet<SingleChange['verb']> = new Set(['drop', 'reset', 'cancel']);

/** Of an initial copy without a subscription yet, the slot is the one that was asked for. */
const droppedIn = (
  live: LiveState,
  { subscriptions }: DesiredState,
  { verb, address }: SingleChange,
): ReadonlySet<Address> => {
  if (!dropping.has(verb)) return new Set();
  const { node, name } = parseAddress(address);
  const named = live.nodes[node]?.resources.find((it) => it.address === address);
  const asked = subscriptions.filter((sub) => sub.node === node && sub.name === name);
  const slots =
    named?.kind === 'subscription'
      ? [slotAddress(named)]
      : asked.map((sub) => addressOf(sub.source, 'slot', sub.slot));
  return new Set([address, ...slots.filter((slot) => slot !== null)]);
};

const asItIs = (resource: Resource, dropped: ReadonlySet<Address>): Resource => {
  const owned = resource.owned || dropped.has(resource.address);
  return resource.kind === 'subscription'
    ? { ...resource, owned, spec: { ...resource.spec, connection: 'current' } }
    : { ...resource, owned };
};

/** What is wanted: everything that is there, with the change. */
export const asOnlyChange = (context: PlanContext, change: SingleChange): PlanContext => {
  const want = new Map(context.have);
  for (const address of removedBy(change, context)) want.delete(address);
  for (const resource of changedBy(change, context)) want.set(resource.address, resource);
  for (const address of ofDisabled(want)) want.delete(address);
  return { ...context, want };
};

/** A disabled subscription copies nothing. */
const ofDisabled = (want: ReadonlyMap<Address, Resource>): readonly Address[] =>
  [...want.values()]
    .filter(isKind('subscription'))
    .filter(({ spec }) => !spec.enabled)
    .flatMap((sub) => copiesIn(sub, want).map(({ address }) => address));

const removedBy = (change: SingleChange, context: PlanContext): readonly Address[] => {
  const live = context.have.get(change.address);
  if (live === undefined) return [];
  if (change.verb === 'refresh' && live.kind === 'subscription')
    return copyAddresses(live, context);
  if (change.verb !== 'drop') return [];
  if (live.kind !== 'subscription') return [live.address];
  const slot = slotAddress(live);
  return [live.address, ...copyAddresses(live, context), ...(slot === null ? [] : [slot])];
};

const copyAddresses = (sub: Subscription, { have }: PlanContext): readonly Address[] =>
  copiesIn(sub, have).map(({ address }) => address);

const copiesIn = (
  { node, name }: Subscription,
  have: PlanContext['have'],
): readonly ResourceOf<'copy'>[] =>
  [...have.values()]
    .filter(isKind('copy'))
    .filter((copy) => copy.node === node && copy.spec.subscription === name);

/** Those that it reads in the end: an interrupted reset of tables lets it read copies of them without these tables. */
const withItsPublications = (sub: Subscription, { live }: PlanContext): Subscription => {
  const applied = live.nodes[sub.spec.source ?? '']?.applied ?? [];
  const own = (name: string): string => {
    const row = applied.find((it) => it.kind === 'publication' && it.name === name);
    const isTemporary = row?.kind === 'publication' && row.temporaryFor === sub.address;
    return (isTemporary ? row.without?.publication : undefined) ?? name;
  };
  const publications = [...new Set(sub.spec.publications.map(own))].sort(compareText);
  return { ...sub, spec: { ...sub.spec, publications } };
};

type Changed<V extends SingleChange['verb']> = (
  change: ChangeBy<V>,
  live: Resource | undefined,
  context: PlanContext,
) => readonly Resource[];

const none = (): readonly Resource[] => [];

const whenNew: Changed<'create-publication' | 'create-subscription' | 'cancel'> = (
  change,
  live,
  context,
) => (live === undefined ? created(change.address, context) : []);

const whenThere: Changed<'add-tables' | 'remove-tables'> = (change, live) =>
  live?.kind === 'publication' ? [withTables(live, change)] : [];

const ofSubscription: Changed<'enable' | 'disable' | 'refresh'> = (change, live, context) =>
  live?.kind === 'subscription' ? switched(live, change, context) : [];

const changedResources: { readonly [V in SingleChange['verb']]: Changed<V> } = {
  'create-publication': whenNew,
  'create-subscription': whenNew,
  'create-slot': (change, live, context) =>
    live === undefined ? newSlot(change.address, change.plugin, context) : [],
  'create-origin': none,
  drop: none,
  'add-tables': whenThere,
  'remove-tables': whenThere,
  enable: ofSubscription,
  disable: ofSubscription,
  refresh: ofSubscription,
  reset: (_change, live, context) =>
    live?.kind === 'subscription' ? [withItsPublications(live, context)] : [],
  cancel: whenNew,
  advance: none,
  register: none,
};

const changedBy = (change: SingleChange, context: PlanContext): readonly Resource[] => {
  const changed = changedResources[change.verb] as Changed<SingleChange['verb']>;
  return changed(change, context.have.get(change.address), context);
};

/** As the desired state has it: a subscription with its slot and its copies, and no slot that is there already. */
const created = (address: Address, context: PlanContext): readonly Resource[] => {
  const { desired, want, have } = context;
  const asked = want.get(address);
  if (asked?.kind !== 'subscription') {
    return [...want.values()].filter(
      ({ kind, node }) =>
        (kind === 'publication' || kind === 'identity') && node === parseAddress(address).node,
    );
  }
  const slot = slotAddress(asked) ?? '';
  const added = [asked, want.get(slot)].filter((it) => it !== undefined && !have.has(it.address));
  const sub = desired.subscriptions.find((it) => it.node === asked.node && it.name === asked.name);
  const copies = sub === undefined ? [] : copiesOf(sub, livePublications(context), context.tables);
  return [...added.filter((it) => it !== undefined), ...copies];
};

const livePublications = ({ have }: PlanContext): readonly ResourceOf<'publication'>[] =>
  [...have.values()].filter(isKind('publication'));

const newSlot = (address: Address, plugin: string, { live }: PlanContext): readonly Resource[] => {
  const { node, name } = parseAddress(address);
  const database = live.nodes[node]?.server.database;
  return database === undefined ? [] : [desiredResource('slot', node, name, { plugin, database })];
};

const switched = (
  sub: Subscription,
  { verb }: SingleChange,
  context: PlanContext,
): readonly Resource[] => {
  if (verb === 'disable') return [{ ...sub, spec: { ...sub.spec, enabled: false } }];
  if (verb === 'refresh') return refreshed(sub, context);
  const copies = copiesIn(sub, context.have).map(
    (copy): Resource => ({ ...copy, spec: { ...copy.spec, state: 'ready' } }),
  );
  return [{ ...sub, spec: { ...sub.spec, enabled: true } }, ...copies];
};

/** The tables that its publications send now; those that it knows, where its publisher was not read. */
const refreshed = (sub: Subscription, context: PlanContext): readonly Resource[] => {
  const { source } = sub.spec;
  if (source === null || context.live.nodes[source] === undefined) {
    return copiesIn(sub, context.have);
  }
  const known = new Map(copiesIn(sub, context.have).map((copy) => [copy.address, copy]));
  const { node, name, spec } = sub;
  const { publications, enabled } = spec;
  return copiesOf(
    { node, name, source, publications, enabled },
    livePublications(context),
    context.tables,
  ).map((copy) => known.get(copy.address) ?? copy);
};
