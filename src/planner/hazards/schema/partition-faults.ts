// Whether every row that is sent to a partitioned table of the subscriber fits one of its partitions.

import { formatName, type QualifiedName } from '../../../model/identifier.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { Table } from '../../../model/state/table.ts';
import type { TableIndex } from '../../complete/published-tables.ts';
import type { PlanContext } from '../../context/context.ts';
import { type Bounded, takeEveryRow, takeRowsOf } from '../../facts/partition-bounds.ts';
import type { SentToEdge } from './sent-to-edge.ts';

type Subscription = ResourceOf<'subscription'>;
type Partition = Table & Bounded;
type Partitions = (table: Table) => readonly Partition[];

const isPartition = (table: Table): table is Partition => table.bound !== undefined;

const partitionsIn = (index: TableIndex): Partitions => {
  const byParent = Map.groupBy([...index.values()].filter(isPartition), ({ parent }) =>
    parent === null ? '' : formatName(parent),
  );
  return ({ name }) => byParent.get(formatName(name)) ?? [];
};

/** Of the only column of the partition key; null: there are several, or an expression. */
const keyType = ({ partitionKey = '', columns }: Table): string | null => {
  const [, key] = /^\w+ \(("?)([^"(),\s]+)\1\)$/.exec(partitionKey)?.slice(1) ?? [];
  return columns.find(({ name }) => name === key)?.type ?? null;
};

const takesAll = (table: Table, own: Partitions): boolean =>
  !table.partitioned ||
  (takeEveryRow(own(table)) && own(table).every((part) => takesAll(part, own)));

const phrase = (to: Table, from: Table): string =>
  `${formatName(to.name)} has no partition for every row of ${formatName(from.name)}${from.bound === undefined ? '' : ` (${from.bound})`}: the first row that fits none stops apply`;

/** A copy would store rows there, and apply refuses to. */
const foreignBelow = ({ name, traps }: Table): readonly string[] =>
  (traps?.foreignPartitions ?? []).map(
    (partition) =>
      `${formatName(name)} has the foreign table ${formatName(partition)} as a partition: the first row for it stops apply`,
  );

const faultsOf = (
  from: Table,
  to: Table,
  published: Partitions,
  own: Partitions,
): readonly string[] => {
  if (takesAll(to, own)) return [];
  if (!from.partitioned || from.partitionKey !== to.partitionKey) return [phrase(to, from)];
  const parts = own(to);
  return published(from).flatMap((part) => {
    const same = parts.find(({ bound }) => bound === part.bound);
    if (same !== undefined) return faultsOf(part, same, published, own);
    const fits = takeRowsOf(part, parts, keyType(to)) && parts.every((it) => takesAll(it, own));
    return fits ? [] : [phrase(to, part)];
  });
};

/** One phrase for each table or partition of the publisher whose rows may fit no partition of the subscriber. */
export const partitionFaults = ({ tables, published, own }: SentToEdge): readonly string[] => {
  const [publishedParts, ownParts] = [partitionsIn(published), partitionsIn(own)];
  return tables.flatMap(({ table }) => {
    const name = formatName(table);
    const [from, to] = [published.get(name), own.get(name)];
    if (from === undefined || to === undefined) return [];
    return [...foreignBelow(to), ...faultsOf(from, to, publishedParts, ownParts)];
  });
};

/** Rows that are sent to a partition by its own name must be within its bounds. */
export const isOtherPartition = (
  name: QualifiedName,
  { node, spec }: Subscription,
  { tables }: PlanContext,
): boolean => {
  const [from, to] = [spec.source ?? '', node].map((it) => tables.get(it)?.get(formatName(name)));
  return to?.bound !== undefined && to.bound !== from?.bound;
};
