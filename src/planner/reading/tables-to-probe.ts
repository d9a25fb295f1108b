// Which tables of a subscriber a copy would fill: whether they hold rows decides about COPY_INTO_NONEMPTY, and what code
// they and those of the source would run, about RUNS_FOREIGN_CODE.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import { type Address, addressOf, type NodeName } from '../../model/state/address.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { DesiredState, LiveState } from '../../model/state/state.ts';
import { complete } from '../complete/complete.ts';
import { indexByAddress, indexTables, isKind, tableOf, want } from '../context/context.ts';
import { withKeptSlots } from '../context/kept-slots.ts';
import { noWhole } from '../context/reinit-stage.ts';
import { asRenamed, renamesOf } from '../context/renames.ts';
import { copyIsNew, willBeCreated } from '../facts/edges.ts';
import { referringTo } from '../facts/emptied-together.ts';
import { copiesRows } from '../facts/manual-init.ts';

/** Of the options of a plan none decides what is probed. */
const nothingAsked = {
  prune: false,
  destroy: false,
  force: false,
  unchecked: false,
  reinits: [],
  whole: noWhole,
  cancel: [],
};

/** What a plan without options would begin with, and what it would create. */
export const beginningOf = (asked: DesiredState, read: LiveState) => {
  const renames = renamesOf(asked, read).pending;
  const live = asRenamed(read, renames);
  const desired = withKeptSlots(asked, live);
  const tables = indexTables(live);
  const want = indexByAddress(complete(desired, live, tables).resources);
  const have = indexByAddress(Object.values(live.nodes).flatMap(({ resources }) => resources));
  const context = { ...nothingAsked, desired, live, renames, want, have, tables };
  const subscriptions = [...want.values()].filter(isKind('subscription'));
  const created = new Set(
    subscriptions.filter((sub) => willBeCreated(sub, context)).map(({ address }) => address),
  );
  return { context, created };
};

/** By address; also those that are re-created because no ALTER can change them. */
export const subscriptionsToCreate = (asked: DesiredState, read: LiveState): ReadonlySet<Address> =>
  beginningOf(asked, read).created;

type Beginning = ReturnType<typeof beginningOf>;

/** Copies that a plan begins. */
export const copiesToBegin = ({ context, created }: Beginning): readonly ResourceOf<'copy'>[] => {
  const { desired, want, have } = context;
  const copying = new Set(
    desired.subscriptions
      .map((sub) => ({ sub, address: addressOf(sub.node, 'subscription', sub.name) }))
      .filter(({ sub, address }) => copiesRows(sub, created.has(address)))
      .map(({ address }) => address),
  );
  return [...want.values()].filter(isKind('copy')).filter((copy) => {
    const sub = `${copy.node}/subscription.${copy.spec.subscription}`;
    const isAdded = created.has(sub) || !have.has(copy.address);
    return isAdded ? copying.has(sub) : copyIsNew(copy, context);
  });
};

/** Tables of it are copied again by a run that was interrupted. */
const isReinitUnderWay = ({ nodes }: LiveState): boolean =>
  Object.values(nodes).some(({ applied }) =>
    applied.some((row) => row.kind === 'publication' && row.temporaryFor !== undefined),
  );

/** By node, what refers to tables that a plan may empty: TRUNCATE names it too. */
const tablesThatRefer = (
  beginning: Beginning,
  again: boolean,
): readonly (readonly [NodeName, QualifiedName])[] => {
  const { context } = beginning;
  const copies =
    again || isReinitUnderWay(context.live)
      ? [...context.want.values()].filter(isKind('copy'))
      : copiesToBegin(beginning);
  return [...Map.groupBy(copies, ({ node }) => node)].flatMap(([node, own]) => {
    const emptied = own.map(({ spec }) => spec.table);
    return referringTo(node, emptied, context).map((table) => [node, table] as const);
  });
};

/** By node; tables that do not exist there are left out. `again`: some are asked for again. */
export const tablesToProbe = (
  asked: DesiredState,
  read: LiveState,
  again: boolean,
): Readonly<Record<NodeName, readonly QualifiedName[]>> => {
  const beginning = beginningOf(asked, read);
  const { context } = beginning;
  const probes: Record<NodeName, Map<string, QualifiedName>> = {};
  const copied = copiesToBegin(beginning).map(({ node, spec }) => [node, spec.table] as const);
  for (const [node, table] of [...copied, ...tablesThatRefer(beginning, again)]) {
    if (tableOf(context, node, table) === undefined) continue;
    probes[node] ??= new Map();
    probes[node].set(formatName(table), table);
  }
  return listsOf(probes);
};

/**
 * By node, both ends of every copy that a plan may begin, resume or undo, and what `schema_sync: auto` alters; `again`:
 * tables that are copied already may be emptied and copied again.
 */
export const tablesToExamine = (
  asked: DesiredState,
  read: LiveState,
  again: boolean,
): Readonly<Record<NodeName, readonly QualifiedName[]>> => {
  const beginning = beginningOf(asked, read);
  const { context, created } = beginning;
  const found: Record<NodeName, Map<string, QualifiedName>> = {};
  const add = (node: NodeName, table: QualifiedName): void => {
    found[node] ??= new Map();
    found[node].set(formatName(table), table);
  };
  for (const { address, node, spec } of [...context.want.values()].filter(isKind('copy'))) {
    const { table, subscription } = spec;
    const sub = want(context, 'subscription', node, subscription);
    const unfinished = context.live.nodes[node]?.unfinishedCopies ?? [];
    const isBegun = unfinished.some((copy) => copy.subscription === subscription);
    const isNew = sub !== undefined && (created.has(sub.address) || !context.have.has(address));
    if (sub === undefined || !(again || isBegun || isNew)) continue;
    add(node, table);
    if (sub.spec.source !== null) add(sub.spec.source, table);
  }
  const others = [...altered(read), ...tablesThatRefer(beginning, again)];
  for (const [node, table] of others) add(node, table);
  return listsOf(found);
};

const listsOf = (
  tables: Readonly<Record<NodeName, ReadonlyMap<string, QualifiedName>>>,
): Readonly<Record<NodeName, readonly QualifiedName[]>> =>
  Object.fromEntries(Object.entries(tables).map(([node, found]) => [node, [...found.values()]]));

const altered = ({ alignments = {} }: LiveState): readonly (readonly [NodeName, QualifiedName])[] =>
  Object.entries(alignments).flatMap(([node, { statements }]) =>
    statements.flatMap(({ usesRowsOf }) => usesRowsOf.map((table) => [node, table] as const)),
  );
