// What the servers remember of a first copy by steep, in the simulation of steps.

import { type Address, type NodeName, parseAddress } from '../../src/model/address.ts';
import type { Applied, AppliedOf } from '../../src/model/applied.ts';
import { formatName, type QualifiedName } from '../../src/model/identifier.ts';
import type { ResourceOf } from '../../src/model/resource.ts';
import type { LiveState, NodeState, UnfinishedCopy } from '../../src/model/state.ts';
import type { OwnershipRecord, SnapshotReader, StepOf } from '../../src/model/step.ts';
import { isKind } from '../../src/planner/context.ts';
import { stateOf } from './live-edit.ts';

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

/** Noted when the slot is made. */
export const withAttempt = (live: LiveState, slot: string, reader: SnapshotReader): LiveState => {
  const { subscription, publicationsDigest } = reader;
  const attempt = { subscription, slot, publicationsDigest, finished: [], filled: [] };
  return withState(live, reader.node, (state) => ({
    unfinishedCopies: [...attemptsOf(state, subscription), attempt],
  }));
};

/** The ledger, when these tables are complete. */
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

/** A copy that is made again ends at another position. */
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
