// What each step does to the servers, as a pure function of what was read from them: enough of PostgreSQL
// to see whether a plan leads where it should, with the refusals that a wrong order would run into.
// Whether PostgreSQL really does so is for the tests on servers to say.

import { formatName } from '../../../src/model/identifier.ts';
import { addressOf } from '../../../src/model/state/address.ts';
import type {
  PublicationSpec,
  Resource,
  SubscriptionSpec,
} from '../../../src/model/state/resource.ts';
import type { LiveState } from '../../../src/model/state/state.ts';
import type { AlterPublication } from '../../../src/model/step/publication-steps.ts';
import type { Step, StepKind, StepOf } from '../../../src/model/step/step.ts';
import {
  add,
  change,
  mustHave,
  put,
  remove,
  rename,
  stateOf,
  withResources,
} from '../worlds/live-edit.ts';
import { resource } from '../worlds/worlds.ts';
import {
  afterLoad,
  afterSlot,
  copiesOf,
  ended,
  followAttempt,
  rememberTemporary,
  withFinished,
  withoutRows,
} from './simulate-copy.ts';
import { refresh } from './simulate-refresh.ts';

/** The servers after a step, its ownership included. */
export const simulateStep = (live: LiveState, step: Step): LiveState =>
  remember(effectOf(step.kind, live, step), step);

export const simulateSteps = (live: LiveState, steps: readonly Step[]): LiveState =>
  steps.reduce(simulateStep, live);

type Effect<K extends StepKind> = (live: LiveState, step: StepOf<K>) => LiveState;

const untouched = (live: LiveState): LiveState => live;

const slotStays = (live: LiveState, { node, slot }: { node: string; slot: string }): LiveState => {
  mustHave(live, node, addressOf(node, 'slot', slot));
  return live;
};

const effects: { readonly [K in StepKind]: Effect<K> } = {
  'install-metadata': (live, { node, to }) =>
    put(live, resource('metadata', node, 'steep_repl', { version: to })),
  'register-node': (live, { node, priority }) =>
    put(live, resource('node', node, node, { priority })),
  'unregister-node': (live, { node }) => remove(live, node, addressOf(node, 'node', node)),
  'drop-metadata': (live, { node }) =>
    remove(live, node, addressOf(node, 'metadata', 'steep_repl')),
  'set-replica-identity': (live, { node, identity }) =>
    put(live, resource('identity', node, formatName(identity.table), identity)),
  'create-publication': (live, { node, publication, spec }) =>
    add(live, resource('publication', node, publication, spec, { owned: false })),
  'replace-publication': (live, { node, publication, spec }) =>
    change(live, 'publication', node, publication, () => spec),
  'alter-publication': (live, step) =>
    change(live, 'publication', step.node, step.publication, (spec) => altered(spec, step)),
  'rename-publication': (live, { node, publication, to, fromAddress, alias }) => {
    const renamed = rename(live, node, fromAddress, to);
    if (alias === null) return renamed;
    return add(renamed, resource('publication', node, publication, alias));
  },
  'rename-subscription': (live, { node, to, fromAddress }) => rename(live, node, fromAddress, to),
  'drop-publication': (live, { node, publication }) =>
    remove(live, node, addressOf(node, 'publication', publication)),
  'create-slot': afterSlot,
  'drop-slot': (live, { node, slot }) => remove(live, node, addressOf(node, 'slot', slot)),
  'move-slot': slotStays,
  'create-origin': untouched,
  'drop-origin': untouched,
  'move-origin': untouched,
  'create-subscription': (live, step) => {
    const { node, subscription: name, source, publications, slot, enabled, options } = step;
    const facts = live.nodes[node]?.server.features.subscriptionOptions ?? [];
    const defaults = Object.fromEntries(facts.map((fact) => [fact.name, fact.default]));
    const spec: SubscriptionSpec = {
      source,
      publications,
      slot,
      enabled,
      connection: 'current',
      options: {
        ...defaults,
        ...options,
      },
    };
    mustHave(live, source, addressOf(source, 'slot', slot));
    for (const publication of publications) {
      mustHave(live, source, addressOf(source, 'publication', publication));
    }
    const created = add(live, resource('subscription', node, name, spec, { owned: false }));
    const { known, rest } = followAttempt(created, step);
    return refresh(known, node, name, step.copyData, rest);
  },
  'try-subscription': untouched,
  'truncate-tables': (live, { node, tables }) => withoutRows(live, node, tables),
  'copy-tables': (live, { node, source, slot, subscription, tables }) => {
    mustHave(live, source, addressOf(source, 'slot', slot));
    return withFinished(live, node, subscription, tables);
  },
  'load-snapshot': afterLoad,
  'settle-copy': untouched,
  'advance-sequences': untouched,
  'undo-copy': (live, { node, subscription }) => withFinished(live, node, subscription, []),
  'alter-subscription': (live, { node, subscription, setConnection, options }) =>
    change(live, 'subscription', node, subscription, (spec) => ({
      ...spec,
      connection: setConnection ? 'current' : spec.connection,
      options: { ...spec.options, ...options },
    })),
  'set-subscription-option': (live, { node, subscription, option, value }) =>
    change(live, 'subscription', node, subscription, (spec) => ({
      ...stopped(spec),
      options: { ...spec.options, [option]: value },
    })),
  'set-publications': (live, { node, subscription, publications }) =>
    change(live, 'subscription', node, subscription, (spec) => ({ ...spec, publications })),
  'set-slot': (live, { node, subscription, slot }) =>
    change(live, 'subscription', node, subscription, (spec) => ({ ...stopped(spec), slot })),
  'advance-origin': (live, { node, subscription }) =>
    change(live, 'subscription', node, subscription, stopped),
  'merge-pair': untouched,
  'forget-former-nodes': untouched,
  'enable-subscription': (live, { node, subscription }) =>
    change(live, 'subscription', node, subscription, (spec) => ({ ...spec, enabled: true })),
  'disable-subscription': (live, { node, subscription }) =>
    change(live, 'subscription', node, subscription, (spec) => ({ ...spec, enabled: false })),
  'refresh-subscription': (live, { node, subscription, copyData }) =>
    refresh(
      change(live, 'subscription', node, subscription, running),
      node,
      subscription,
      copyData,
    ),
  'refresh-while-empty': (live, { node, subscription }) =>
    change(
      refresh(live, node, subscription, false),
      'subscription',
      node,
      subscription,
      (spec) => ({
        ...spec,
        enabled: false,
      }),
    ),
  'drop-subscription': (live, { node, subscription }) =>
    copiesOf(live, node, subscription).reduce(
      (left, { address }) => remove(left, node, address),
      remove(live, node, addressOf(node, 'subscription', subscription)),
    ),
  'verify-empty': slotStays,
  'wait-for-slot': (live, { node, slot, untilSlot }) => {
    for (const name of [slot, untilSlot ?? slot]) {
      mustHave(live, node, addressOf(node, 'slot', name));
    }
    return live;
  },
  'advance-slot': slotStays,
  'wait-for-stop': slotStays,
  'wait-for-copy': (live, { node, subscription }) =>
    copiesOf(live, node, subscription).reduce(
      (done, copy) => (copy.spec.state === 'ready' ? done : put(done, ended(copy, done))),
      live,
    ),
  'change-schema': untouched,
  'record-ownership': untouched,
};

function effectOf<K extends StepKind>(kind: K, live: LiveState, step: Step): LiveState {
  const effect: Effect<K> = effects[kind];
  return effect(live, step as StepOf<K>);
}

/** ALTER SUBSCRIPTION … SET (slot_name | failover | two_phase) refuses a running one, REFRESH a stopped one. */
const stopped = (spec: SubscriptionSpec): SubscriptionSpec => {
  if (spec.enabled) throw new Error('the subscription is still enabled');
  return spec;
};

const running = (spec: SubscriptionSpec): SubscriptionSpec => {
  if (spec.enabled) return spec;
  throw new Error('the subscription is disabled');
};

/** ALTER PUBLICATION in the order of its statements: what is dropped may be added again. */
function altered(spec: PublicationSpec, step: AlterPublication): PublicationSpec {
  const dropped = new Set(step.dropTables.map(formatName));
  const kept = spec.tables.filter((entry) => !dropped.has(formatName(entry.table)));
  const added = new Set(step.addTables.map(({ table }) => formatName(table)));
  if (kept.length + dropped.size !== spec.tables.length) throw new Error('no such table');
  if (kept.some(({ table }) => added.has(formatName(table)))) throw new Error('table twice');
  const schemas = spec.schemas.filter((schema) => !step.dropSchemas.includes(schema));
  return {
    ...spec,
    ...step.settings,
    tables: [...kept, ...step.addTables].toSorted(byTable),
    schemas: [...schemas, ...step.addSchemas].toSorted(),
  };
}

const byTable = (a: PublicationSpec['tables'][number], b: typeof a): number =>
  a.table.schema < b.table.schema ||
  (a.table.schema === b.table.schema && a.table.name < b.table.name)
    ? -1
    : 1;

/** Rows of steep_repl.objects: who owns a resource, and which node its connection string leads to. */
function remember(live: LiveState, { node, owns, forgets }: Step): LiveState {
  const resources = stateOf(live, node).resources.map((found): Resource => {
    if (forgets.includes(found.address)) return { ...found, owned: false, protect: false };
    if (owns?.address !== found.address) return found;
    const { protect } = owns;
    if (found.kind !== 'subscription') return { ...found, owned: true, protect };
    const { source } = owns.applied as SubscriptionSpec;
    return { ...found, owned: true, protect, spec: { ...found.spec, source } };
  });
  return rememberTemporary(withResources(live, node, resources), node, owns, forgets);
}
