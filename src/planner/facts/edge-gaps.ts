// What is noted of an edge, against what its ends have now: rows that are missing on the subscriber, or left there, while
// both servers call everything well.

import { type EdgeGap, type EdgeRecord, slotWasReplaced } from '../../model/edge/edge-record.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { LiveState, NodeState } from '../../model/state/state.ts';
import type { Table } from '../../model/state/table.ts';
import { type AlteredFile, alteredColumns, alteredFiles } from './records/altered-columns.ts';
import { unsentWhileAltered } from './records/altered-publications.ts';
import { leftPartitions } from './records/left-partitions.ts';
import { movedSince } from './records/moved-positions.ts';
import {
  type CopyPair,
  unloggedCopies,
  unloggedSince,
  withOtherFiles,
} from './records/unlogged-tables.ts';
import { samePublisher, unsentFrom, unsentThrough } from './unsent-tables.ts';

type Subscription = ResourceOf<'subscription'>;

/** Tables that were not copied again since. */
const sameCopies = (noted: EdgeRecord, now: EdgeRecord): readonly CopyPair[] => {
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
const reattached = ({ noted, now }: CopyPair): readonly string[] => {
  const oids = new Map(Object.entries(noted.partitions ?? {}));
  return Object.entries(now.links ?? {}).flatMap(([name, link]) => {
    const before = noted.links?.[name];
    const isSame = name === now.table || oids.get(name) === now.partitions?.[name];
    return isSame && before !== undefined && before !== link ? [name] : [];
  });
};

const sameTable = ({ noted, now }: CopyPair): boolean => noted.oid === now.oid;

/** Tables and partitions with other files than were noted. */
export const otherFilesSince = (
  noted: EdgeRecord,
  now: EdgeRecord,
  publisher: NodeState,
): readonly Table[] =>
  samePublisher(noted, now) ? withOtherFiles(sameCopies(noted, now), publisher) : [];

/** Of those whose columns were altered. */
export const alteredSince = (
  noted: EdgeRecord,
  now: EdgeRecord,
  publisher: NodeState,
): readonly AlteredFile[] =>
  samePublisher(noted, now)
    ? alteredFiles(sameCopies(noted, now).filter(sameTable), publisher.tables)
    : [];

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

/** Of tables that were copied by themselves. */
const gapsOfPartitions = (
  noted: EdgeRecord,
  now: EdgeRecord,
  publisher: NodeState,
  subscriber: NodeState | undefined,
): readonly EdgeGap[] => {
  const isSame = noted.subscription === now.subscription && noted.source === now.source;
  const unlogged = (isSame ? unloggedCopies(noted, publisher) : []).map(
    (table) => ({ kind: 'unlogged', table, partition: formatName(table) }) as const,
  );
  const unread = new Set(unlogged.map(({ partition }) => partition));
  const left = leftPartitions(noted, now, publisher, subscriber).filter(
    (gap) => !('partition' in gap && unread.has(gap.partition)),
  );
  return [...unlogged, ...left];
};

/** What the rows of some tables show; by formatName. */
export interface RowsRead {
  /** Partitions with rows from before they were attached. */
  readonly older: ReadonlySet<string>;
  /** Tables with rows that SET LOGGED has written. */
  readonly rewritten: ReadonlySet<string>;
  /** Tables with rows that an ALTER of their columns has written. */
  readonly altered: ReadonlySet<string>;
  /** Whether the subscriber is brought in line with the tables of the publisher. */
  readonly aligned: boolean;
}

const columnGap = (table: QualifiedName, columns: readonly string[]): readonly EdgeGap[] =>
  columns.length === 0 ? [] : [{ kind: 'altered', table, columns }];

export const edgeGaps = (
  noted: EdgeRecord,
  now: EdgeRecord,
  { older, rewritten, altered, aligned }: RowsRead,
  live: LiveState,
  subscriber: NodeName,
): readonly EdgeGap[] => {
  const publisher = live.nodes[now.source];
  if (publisher === undefined) return [];
  const comparable = samePublisher(noted, now);
  const found = new Map(publisher.tables.map((it) => [formatName(it.name), it]));
  const tables = sameCopies(noted, now).flatMap((pair): readonly EdgeGap[] => {
    const table = found.get(pair.now.table)?.name;
    if (table === undefined) return [];
    if (!sameTable(pair)) return [{ kind: 'table', table }];
    const publication = comparable
      ? (unsentThrough(pair.noted, pair.now, publisher) ??
        unsentFrom(table, pair, publisher) ??
        unsentWhileAltered(pair.noted, noted, now))
      : null;
    const unlogged = unloggedSince(pair, found.get(pair.now.table), rewritten);
    const left = without(pair.noted.partitions, pair.now.partitions).filter(
      (name) => !unlogged.includes(name),
    );
    const joined = without(pair.now.partitions, pair.noted.partitions);
    const returned = comparable ? reattached(pair) : [];
    return [
      ...unlogged.map((partition) => ({ kind: 'unlogged', table, partition }) as const),
      ...returned.map((partition) => ({ kind: 'reattached', table, partition }) as const),
      ...(publication === null ? [] : [{ kind: 'unsent', table, publication } as const]),
      ...(comparable ? columnGap(table, alteredColumns(pair, altered, aligned)) : []),
      ...joined
        .filter((name) => older.has(name))
        .map((partition) => ({ kind: 'attached', table, partition }) as const),
      ...left.map((partition) => ({ kind: 'detached', table, partition }) as const),
    ];
  });
  const others = gapsOfPartitions(noted, now, publisher, live.nodes[subscriber]);
  return [...tables, ...others, ...gapsOfPositions(noted, now)];
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
