// The one list of required rights: from planned steps, through their traits, to what the role on each node must be able
// to do. A right that no grant replaces is one of a superuser, and says so.

import type { QualifiedName } from '../../model/identifier.ts';
import type { NodeName } from '../../model/state/address.ts';
import { type StepRight, stepTraits } from '../../model/step/step-traits.ts';
import { desiredSubscription, type PlanContext, tableOf, want } from '../context/context.ts';
import type { StepDraft } from '../draft.ts';
import * as objects from './object-rights.ts';
import { eachOnce, type RequiredRight, type RoleOnNode } from './required-right.ts';
import { ownSequences, sequenceRights } from './sequence-rights.ts';
import * as server from './server-rights.ts';
import * as tables from './step-tables.ts';

/** The role that is to have the rights on a node. */
export type Grantee = (place: RoleOnNode['state']) => string;

const actingRole: Grantee = ({ server: { role } }) => role.name;

/** Of the steps of a plan, each once: in the order of the nodes, and of the kinds of rights. */
export const requiredRights = (
  steps: readonly StepDraft[],
  context: PlanContext,
  grantee: Grantee = actingRole,
): readonly RequiredRight[] => {
  const asking: Asking = {
    context,
    on: (node, find) => {
      const state = context.live.nodes[node];
      return state === undefined ? [] : find({ state, role: grantee(state) });
    },
  };
  return eachOnce(
    steps.flatMap((step) => [
      ...asking.on(step.node, (place) => [
        server.roleRight(place),
        ...(step.unrecorded === true ? [] : [server.metadataRight(place)]),
      ]),
      ...stepTraits[step.kind].rights.flatMap((right) => rightsOf[right](step, asking)),
    ]),
  );
};

interface Asking {
  readonly context: PlanContext;
  /** Nothing of a node that was not read. */
  readonly on: (
    node: NodeName,
    find: (place: RoleOnNode) => readonly RequiredRight[],
  ) => readonly RequiredRight[];
}

type RightsOf = (step: StepDraft, asking: Asking) => readonly RequiredRight[];

const tableFinder =
  (node: NodeName, { context }: Asking): objects.FindTable =>
  (name: QualifiedName) =>
    tableOf(context, node, name);

/** The name of the subscription that a step is about. */
const subscriptionOf = (step: StepDraft): string | null =>
  'subscription' in step && typeof step.subscription === 'string' ? step.subscription : null;

const creates: RightsOf = (step, { on }) =>
  on(step.node, (place) => {
    if (step.kind !== 'change-schema') {
      const what = step.kind.endsWith('subscription') ? 'subscriptions' : 'publications';
      return [server.createRight(place, what)];
    }
    const { kind } = step.object;
    return kind === 'schema' || kind === 'extension' ? [server.createRight(place, `${kind}s`)] : [];
  });

const publishes: RightsOf = (step, asking) =>
  asking.on(step.node, (place) => [
    ...objects.tableRights(
      place,
      tables.publishedBy(step),
      tableFinder(step.node, asking),
      objects.publishing,
    ),
    ...(tables.publishesSchemas(step) ? [server.publishSchemasRight(place)] : []),
  ]);

const ownsPublication: RightsOf = (step, { on }) =>
  on(step.node, (place) =>
    'publication' in step ? objects.ownPublication(place, step.publication) : [],
  );

const ownsSubscription: RightsOf = (step, { on }) => {
  const name = subscriptionOf(step);
  const node = step.kind === 'advance-slot' ? step.subscriber : step.node;
  return name === null ? [] : on(node, (place) => objects.ownSubscription(place, name));
};

const subscribes: RightsOf = (step, { context, on }) =>
  on(step.node, (place) => {
    if (step.kind !== 'create-subscription' && step.kind !== 'try-subscription') return [];
    const sub = desiredSubscription(context, step.node, step.subscription);
    return [
      ...server.subscribeRights(place, step.subscription, step.options),
      ...(sub === undefined || server.onlySuperusersSubscribe(place)
        ? []
        : [...server.loggingRights(place, sub), server.readOriginsRight(place, false)]),
    ];
  });

const receives: RightsOf = (step, asking) =>
  asking.on(step.node, (place) => {
    const subscription = subscriptionOf(step);
    if (subscription === null || server.onlySuperusersSubscribe(place)) return [];
    const received = tables.receivedBy(step.node, subscription, asking.context);
    return objects.tableRights(place, received, tableFinder(step.node, asking), objects.receiving);
  });

/** A subscription follows, for which the role is a superuser before 16. */
const fills: RightsOf = (step, asking) =>
  asking.on(step.node, (place) => {
    if (server.onlySuperusersSubscribe(place)) return [];
    const filled = tables.filledBy(step);
    const named = tables.onlyNamedBy(step);
    const find = tableFinder(step.node, asking);
    const stores = step.kind === 'copy-tables' || step.kind === 'load-snapshot';
    const isChecked = filled.some((it) => tables.isChecked(step.node, it, asking.context));
    return [
      ...objects.tableRights(place, filled, find, objects.filling),
      ...objects.allRowsRights(place, filled, find, { owned: true }),
      ...objects.tableRights(place, named, find, objects.truncating),
      ...objects.tableRights(place, named, find, objects.reading),
      ...objects.allRowsRights(place, named, find, { owned: false }),
      ...(stores ? server.replicaRight(place, isChecked) : []),
      ...objects.createInRights(
        place,
        filled.map(({ schema }) => schema),
        false,
      ),
    ];
  });

const reads: RightsOf = (step, asking) => {
  const { node } = tables.readBy(step);
  const read = tables.withParts(tables.readBy(step), asking.context);
  const find = tableFinder(node, asking);
  return asking.on(node, (place) => [
    ...objects.tableRights(place, read, find, objects.reading),
    ...objects.allRowsRights(place, read, find, { owned: false }),
  ]);
};

/** A copy by steep reads them at its end, and fills tables that are its own. Where PostgreSQL copies, they may stay behind. */
const sequences: RightsOf = (step, asking) => {
  const subscription = subscriptionOf(step);
  const source = want(asking.context, 'subscription', step.node, subscription ?? '')?.spec.source;
  if (subscription === null || source == null) return [];
  const needed = step.kind === 'copy-tables';
  const copied = tables.receivedBy(step.node, subscription, asking.context);
  const rightsOn = (node: NodeName, use: 'read' | 'set'): readonly RequiredRight[] =>
    asking.on(node, (place) =>
      use === 'set' && (needed || server.onlySuperusersSubscribe(place))
        ? []
        : sequenceRights(place, copied, tableFinder(node, asking), { use, needed }),
    );
  return [...rightsOn(source, 'read'), ...rightsOn(step.node, 'set')];
};

const locks: RightsOf = (step, asking) => {
  const { node, tables: locked } = tables.lockedBy(step);
  const find = tableFinder(node, asking);
  return asking.on(node, (place) => objects.tableRights(place, locked, find, objects.locking));
};

const alters: RightsOf = (step, asking) => {
  const altered = tables.alteredBy(step, asking.context);
  const find = tableFinder(step.node, asking);
  return asking.on(step.node, (place) => [
    ...objects.tableRights(place, altered, find, objects.altering),
    ...objects.createInRights(place, tables.createdIn(step, asking.context), true),
  ]);
};

/** On both nodes. */
const merges: RightsOf = (step, asking) => {
  if (step.kind !== 'merge-pair') return [];
  const merged = step.tables.map(({ table }) => table);
  return [step.first, step.node].flatMap((node) => {
    const find = tableFinder(node, asking);
    return asking.on(node, (place) => [
      server.replicationRight(place),
      ...server.replicaRight(place, true),
      server.readOriginsRight(place, true),
      server.setOriginsRight(place),
      server.tagOriginsRight(place),
      ...ownSequences(place, merged, find),
      ...objects.allRowsRights(place, merged, find, { owned: true }),
    ]);
  });
};

const rightsOf: { readonly [R in StepRight]: RightsOf } = {
  create: creates,
  publish: publishes,
  'own-publication': ownsPublication,
  'own-subscription': ownsSubscription,
  replication: ({ node }, { on }) =>
    on(node, (place) => [
      server.replicationRight(place),
      ...server.logSnapshotsRights(place),
      server.markSlotsRight(place),
    ]),
  subscribe: subscribes,
  receive: receives,
  fill: fills,
  read: reads,
  sequences,
  lock: locks,
  alter: alters,
  'read-origins': (step, { on }) =>
    step.kind === 'advance-slot'
      ? on(step.subscriber, (place) => [server.readOriginsRight(place, true)])
      : [],
  merge: merges,
  'set-origins': ({ node }, { on }) => on(node, (place) => [server.setOriginsRight(place)]),
};
