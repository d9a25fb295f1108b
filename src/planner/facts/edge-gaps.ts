// What is noted of an edge, against what its ends have now: rows that are missing on the subscriber, or left there, while
// both servers call everything well.

import {
  type CopiedTableRecord,
  type EdgeGap,
  type EdgeRecord,
  type SlotRecord,
  slotWasReplaced,
} from '../../model/edge/edge-record.ts';
import { formatName } from '../../model/identifier.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { LiveState, NodeState } from '../../model/state/state.ts';
import type { Table } from '../../model/state/table.ts';
import { leftPartitions } from './records/left-partitions.ts';
import { movedSince, pausedAt } from './records/moved-positions.ts';
import { samePublisher, sentBy, unsentFrom, unsentThrough } from './unsent-tables.ts';

type Subscription = ResourceOf<'subscription'>;

interface Publisher {
  readonly state: NodeState;
  readonly byName: ReadonlyMap<string, Table>;
  /** Partitions by formatName of their parent. */
  readonly partitions: ReadonlyMap<string, readonly Table[]>;
}

const publisherOf = (state: NodeState): Publisher => ({
  state,
  byName: new Map(state.tables.map((table) => [formatName(table.name), table])),
  partitions: Map.groupBy(
    state.tables.filter(({ parent }) => parent !== null),
    ({ parent }) => (parent === null ? '' : formatName(parent)),
  ),
});

const leavesOf = (table: Table, publisher: Publisher): readonly Table[] =>
  (publisher.partitions.get(formatName(table.name)) ?? []).flatMap((child) =>
    child.partitioned ? leavesOf(child, publisher) : [child],
  );

/** From a partition up to a table, or to the first one: null. */
const linkOf = (from: Table, to: Table | null, { byName }: Pick<Publisher, 'byName'>): string => {
  const parent = from.parent === null ? undefined : byName.get(formatName(from.parent));
  if (from === to || parent === undefined) return '';
  return `${from.parentRow ?? ''} ${linkOf(parent, to, { byName })}`;
};

const linksOf = (
  table: Table,
  publications: readonly string[],
  publisher: Publisher,
): Readonly<Record<string, string>> => {
  const alone = { name: table.name, parent: null };
  const itself = sentBy(alone, publications, publisher.state, publisher.byName);
  const isThrough = table.parent !== null && Object.keys(itself).length === 0;
  return Object.fromEntries([
    ...leavesOf(table, publisher).map(
      (leaf) => [formatName(leaf.name), linkOf(leaf, table, publisher)] as const,
    ),
    ...(isThrough ? [[formatName(table.name), linkOf(table, null, publisher)] as const] : []),
  ]);
};

const tableRecord = (
  { spec, observed }: ResourceOf<'copy'>,
  publications: readonly string[],
  publisher: Publisher,
): readonly CopiedTableRecord[] => {
  const name = formatName(spec.table);
  const table = publisher.byName.get(name);
  const copy = observed?.row;
  if (spec.state !== 'ready' || table?.oid === undefined || copy === undefined) return [];
  const partitions = Object.fromEntries(
    leavesOf(table, publisher).flatMap((leaf) =>
      leaf.oid === undefined ? [] : [[formatName(leaf.name), leaf.oid] as const],
    ),
  );
  const sent = sentBy(table, publications, publisher.state, publisher.byName);
  const links = linksOf(table, publications, publisher);
  const { oid, schemaRow, parent } = table;
  const optional = {
    ...(schemaRow && { schemaRow }),
    ...(table.partitioned && { partitions }),
    ...(parent !== null && { parent: formatName(parent) }),
  };
  return [{ table: name, oid, copy, sentBy: sent, links, ...optional }];
};

/** A slot that is lost has another hazard; on 16 its statistics are dropped when it is invalidated. */
const slotRecord = (name: string | null, { resources }: NodeState): SlotRecord | null => {
  const found = resources.find((it) => it.kind === 'slot' && it.name === name);
  const { statistics, walStatus, invalidation } = (found?.kind === 'slot' && found.observed) || {};
  const usable = walStatus !== 'lost' && (invalidation ?? null) === null;
  return name === null || statistics == null || !usable ? null : { name, ...statistics };
};

/** The edge as it is now; null: one of its ends is not known. */
export const edgeAsIs = (sub: Subscription, live: LiveState): EdgeRecord | null => {
  const { source, slot, publications } = sub.spec;
  const state = source === null ? undefined : live.nodes[source];
  if (source === null || state === undefined || sub.observed === null) return null;
  const publisher = publisherOf(state);
  const paused = pausedAt(sub, state);
  const copies = (live.nodes[sub.node]?.resources ?? []).flatMap((it) =>
    it.kind === 'copy' && it.spec.subscription === sub.name ? [it] : [],
  );
  return {
    subscription: sub.observed.oid,
    source,
    publisher: state.server.systemIdentifier,
    slot: slotRecord(slot, state),
    ...(paused && { paused }),
    tables: copies.flatMap((copy) => tableRecord(copy, publications, publisher)),
  };
};

interface Pair {
  readonly noted: CopiedTableRecord;
  readonly now: CopiedTableRecord;
}

/** Tables that were not copied again since. */
const sameCopies = (noted: EdgeRecord, now: EdgeRecord): readonly Pair[] => {
  if (noted.subscription !== now.subscription || noted.source !== now.source) return [];
  const current = new Map(now.tables.map((it) => [it.table, it]));
  return noted.tables.flatMap((it) => {
    const found = current.get(it.table);
    return found?.copy === it.copy ? [{ noted: it, now: found }] : [];
  });
};

const without = (
  partitions: Readonly<Record<string, number>> = {},
  others: Readonly<Record<string, number>> = {},
): readonly string[] => {
  const known = new Set(Object.values(others));
  return Object.entries(partitions).flatMap(([name, oid]) => (known.has(oid) ? [] : [name]));
};

/** By formatName, of those that were there all the time. */
const reattached = ({ noted, now }: Pair): readonly string[] => {
  const oids = new Map(Object.entries(noted.partitions ?? {}));
  return Object.entries(now.links ?? {}).flatMap(([name, link]) => {
    const before = noted.links?.[name];
    const isSame = name === now.table || oids.get(name) === now.partitions?.[name];
    return isSame && before !== undefined && before !== link ? [name] : [];
  });
};

const sameTable = ({ noted, now }: Pair): boolean => noted.oid === now.oid;

/** By formatName: partitions that joined since, and that were tables of their own before. */
export const attachedSince = (
  noted: EdgeRecord,
  now: EdgeRecord,
  publisher: NodeState,
): readonly Table[] => {
  const joined = new Set(
    sameCopies(noted, now)
      .filter(sameTable)
      .flatMap((pair) => without(pair.now.partitions, pair.noted.partitions)),
  );
  return publisher.tables.filter(
    ({ name, traps }) => traps?.attached === true && joined.has(formatName(name)),
  );
};

/** Of the edge as a whole. */
const gapsOfPositions = (noted: EdgeRecord, now: EdgeRecord): readonly EdgeGap[] => {
  const [before, slot] = [noted.slot, now.slot];
  const replaced =
    noted.subscription === now.subscription &&
    before !== null &&
    slot !== null &&
    before.name === slot.name &&
    slotWasReplaced(before, slot);
  const moved = movedSince(noted, now);
  return [
    ...(replaced ? [{ kind: 'slot', slot: slot.name } as const] : []),
    ...(moved === undefined ? [] : [{ kind: 'moved', slot: slot?.name ?? '', ...moved } as const]),
  ];
};

/** `older`: by formatName, partitions with rows from before they were attached. */
export const edgeGaps = (
  noted: EdgeRecord,
  now: EdgeRecord,
  older: ReadonlySet<string>,
  live: LiveState,
  subscriber: NodeName,
): readonly EdgeGap[] => {
  const publisher = live.nodes[now.source];
  if (publisher === undefined) return [];
  const comparable = samePublisher(noted, now);
  const names = new Map(publisher.tables.map(({ name }) => [formatName(name), name]));
  const tables = sameCopies(noted, now).flatMap((pair): readonly EdgeGap[] => {
    const table = names.get(pair.now.table);
    if (table === undefined) return [];
    if (!sameTable(pair)) return [{ kind: 'table', table }];
    const publication = comparable
      ? (unsentThrough(pair.noted, pair.now, publisher) ?? unsentFrom(table, pair, publisher))
      : null;
    const left = without(pair.noted.partitions, pair.now.partitions);
    const joined = without(pair.now.partitions, pair.noted.partitions);
    const returned = comparable ? reattached(pair) : [];
    return [
      ...returned.map((partition) => ({ kind: 'reattached', table, partition }) as const),
      ...(publication === null ? [] : [{ kind: 'unsent', table, publication } as const]),
      ...joined
        .filter((name) => older.has(name))
        .map((partition) => ({ kind: 'attached', table, partition }) as const),
      ...left.map((partition) => ({ kind: 'detached', table, partition }) as const),
    ];
  });
  const left = leftPartitions(noted, now, publisher, live.nodes[subscriber]);
  return [...tables, ...left, ...gapsOfPositions(noted, now)];
};

/** Managed subscriptions that are there, with their node. */
export const managedSubscriptions = (live: LiveState): readonly Subscription[] =>
  Object.values(live.nodes).flatMap(({ resources }) =>
    resources.flatMap((it) => (it.kind === 'subscription' && it.owned ? [it] : [])),
  );

/** What is on record of an edge; undefined: nothing. */
export const recordOf = (
  { node, address }: Pick<Subscription, 'node' | 'address'>,
  live: LiveState,
): EdgeRecord | undefined => live.nodes[node as NodeName]?.edgeRecords?.[address];
