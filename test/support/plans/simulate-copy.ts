// What the servers remember of an initial copy by steep, in the simulation of steps.

import { formatName, type QualifiedName } from '../../../src/model/identifier.ts';
import { checkpointsKeyOf } from '../../../src/model/snapshot/snapshot.ts';
import {
  type Address,
  addressOf,
  type NodeName,
  parseAddress,
} from '../../../src/model/state/address.ts';
import type { Applied, AppliedOf } from '../../../src/model/state/applied.ts';
import type { ResourceOf, SlotObserved } from '../../../src/model/state/resource.ts';
import type { SlotIdentity } from '../../../src/model/state/slot-identity.ts';
import type { LiveState, NodeState, UnfinishedCopy } from '../../../src/model/state/state.ts';
import type {
  CopiedSlot,
  OwnershipRecord,
  SnapshotReader,
  StepOf,
} from '../../../src/model/step/step.ts';
import { isKind } from '../../../src/planner/context/context.ts';
import { add, mustHave, stateOf } from '../worlds/live-edit.ts';
import { resource } from '../worlds/worlds.ts';

const withState = (
  live: LiveState,
  node: NodeName,
  next: (state: NodeState) => Partial<NodeState>,
): LiveState => {
  const state = stateOf(live, node);
  return { ...live, nodes: { ...live.nodes, [node]: { ...state, ...next(state) } } };
};

const attemptsOf = (state: NodeState, but: string): readonly UnfinishedCopy[] =>
  (state.unfinishedCopies ?? []).filter(({ subscription }) => subscription !== but);

/** create-slot. */
export const afterSlot = (live: LiveState, step: StepOf<'create-slot'>): LiveState => {
  const { node, slot, plugin, snapshotFor, copiedFrom } = step;
  const { database } = stateOf(live, node).server;
  const made = resource('slot', node, slot, { plugin, database }, { owned: false });
  if (copiedFrom !== undefined) return withCopiedSlot(live, made, copiedFrom);
  if (snapshotFor === null) return add(live, made);
  const observed = { ...unread, confirmedFlushLsn: '0/1', restartLsn: '0/1' };
  return withAttempt(add(live, { ...made, observed }), node, slot, snapshotFor);
};

/** Of a slot at its consistent point. */
export const unread: SlotObserved = {
  active: false,
  walStatus: 'reserved',
  catalogXmin: '700',
  confirmedFlushLsn: null,
  restartLsn: null,
  lagBytes: 0,
  retainedBytes: 0,
  safeWalSize: null,
  failover: false,
  twoPhase: false,
};

const identityOf = (live: LiveState, source: NodeName, slot: string): SlotIdentity => {
  const { systemIdentifier, timeline, database } = stateOf(live, source).server;
  const home = { systemIdentifier, timeline, database };
  const at = { consistentLsn: '0/1', restartLsn: '0/1', catalogXmin: '700' };
  return { ...home, slot, plugin: 'pgoutput', ...at };
};

/** Noted when the slot is made. */
const withAttempt = (
  live: LiveState,
  source: NodeName,
  slot: string,
  reader: SnapshotReader,
): LiveState => {
  const { subscription, publicationsDigest } = reader;
  const noted = { slot: identityOf(live, source, slot), publications: [], tables: [] };
  const attempt = { subscription, slot, publicationsDigest, noted, finished: [], filled: [] };
  return withState(live, reader.node, (state) => ({
    unfinishedCopies: [...attemptsOf(state, subscription), attempt],
  }));
};

/** The slot has the position of the slot of the snapshot, and is noted for whom it is. */
const withCopiedSlot = (
  live: LiveState,
  made: ResourceOf<'slot'>,
  { slot, snapshotId, node, subscription }: CopiedSlot,
): LiveState => {
  mustHave(live, made.node, addressOf(made.node, 'slot', slot));
  const anchor = stateOf(live, made.node).resources.find(
    (found) => found.kind === 'slot' && found.name === slot,
  );
  const observed = anchor?.kind === 'slot' ? anchor.observed : null;
  const checkpointsKey = checkpointsKeyOf(snapshotId);
  const noted = { checkpointsKey, publicationsDigest: checkpointsKey, finished: [], filled: [] };
  const attempt = { subscription, slot: made.name, ...noted };
  return withState(add(live, { ...made, observed }), node, (state) => ({
    unfinishedCopies: [...attemptsOf(state, subscription), attempt],
  }));
};

/** The copy checkpoints of a snapshot, when these tables are complete. */
export const withLoaded = (
  live: LiveState,
  node: NodeName,
  snapshotId: string,
  tables: readonly QualifiedName[],
): LiveState => {
  const checkpointsKey = checkpointsKeyOf(snapshotId);
  return withState(live, node, ({ loads = [] }) => ({
    loads: [
      ...loads.filter((load) => load.checkpointsKey !== checkpointsKey),
      ...(tables.length === 0 ? [] : [{ checkpointsKey, finished: tables, filled: tables }]),
    ],
  }));
};

/** The copy checkpoints, when these tables are complete. */
export const withFinished = (
  live: LiveState,
  node: NodeName,
  subscription: string,
  tables: readonly QualifiedName[],
): LiveState =>
  withState(live, node, (state) => ({
    unfinishedCopies: (state.unfinishedCopies ?? []).map((attempt) =>
      attempt.subscription === subscription
        ? { ...attempt, finished: tables, filled: tables }
        : attempt,
    ),
  }));

/** load-snapshot. */
export const afterLoad = (
  live: LiveState,
  { node, snapshotId, subscription, tables }: StepOf<'load-snapshot'>,
): LiveState => {
  const loaded = withLoaded(live, node, snapshotId, tables);
  if (subscription === null) return loaded;
  const { name, source, slot } = subscription;
  mustHave(live, source, addressOf(source, 'slot', slot));
  return withFinished(loaded, node, name, tables);
};

const withoutAttempt = (live: LiveState, node: NodeName, subscription: string): LiveState =>
  withState(live, node, (state) => ({ unfinishedCopies: attemptsOf(state, subscription) }));

/** The subscription follows a copy, of all tables or of those in the publication that it begins with. */
export const followAttempt = (
  live: LiveState,
  { node, subscription, copied, source }: StepOf<'create-subscription'>,
): { readonly known: LiveState; readonly rest: (table: string) => boolean } => {
  const known = withoutAttempt(live, node, subscription);
  if (copied === null) return { known, rest: () => true };
  const first = stateOf(live, source).resources.find(
    (found) => found.kind === 'publication' && found.name === copied,
  );
  if (first?.kind !== 'publication') throw new Error(`there is no publication ${copied}`);
  const names = new Set(first.spec.tables.map(({ table }) => formatName(table)));
  return { known, rest: (table) => names.has(table) };
};

/** Rows of ownership that tell whom a publication is only there for. */
export const rememberTemporary = (
  live: LiveState,
  node: NodeName,
  owns: OwnershipRecord | null,
  forgets: readonly Address[],
): LiveState =>
  withState(live, node, ({ applied }) => {
    const kept = applied.filter(({ address }) => !forgets.includes(address));
    if (owns === null) return { applied: kept };
    const { temporaryFor, without, broughtBack } = owns.applied as Partial<
      AppliedOf<'publication'>
    >;
    const others = kept.filter(({ address }) => address !== owns.address);
    if (temporaryFor === undefined && broughtBack === undefined) return { applied: others };
    const { address } = owns;
    const { kind, name } = parseAddress(address);
    const row = { address, kind, node, name, temporaryFor, without, broughtBack };
    return { applied: [...others, row as unknown as Applied] };
  });

/** A copy that is re-created ends at another position. */
export const ended = (copy: ResourceOf<'copy'>, live: LiveState): ResourceOf<'copy'> => ({
  ...copy,
  spec: { ...copy.spec, state: 'ready' },
  observed: { syncState: 'r', syncLsn: `0/${JSON.stringify(live).length.toString(16)}` },
});

/** TRUNCATE. */
export const withoutRows = (
  live: LiveState,
  node: NodeName,
  emptied: readonly QualifiedName[],
): LiveState => {
  const names = new Set(emptied.map(formatName));
  return withState(live, node, ({ tables }) => ({
    tables: tables.map((table) =>
      names.has(formatName(table.name)) ? { ...table, hasRows: false } : table,
    ),
  }));
};

/** The tables that a subscription knows. */
export const copiesOf = (live: LiveState, node: NodeName, name: string) =>
  stateOf(live, node)
    .resources.filter(isKind('copy'))
    .filter((copy) => copy.spec.subscription === name);
