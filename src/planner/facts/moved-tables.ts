// Tables that leave a publication while the same subscription gets the same rows by another one. The first publication may
// drop them once the subscription is known to read the second: until then both send them, and each row is sent once.

import canonicalize from 'canonicalize';
import { formatName } from '../../model/identifier.ts';
import type { PublicationSpec, PublishedTable, ResourceOf } from '../../model/state/resource.ts';
import type { Table } from '../../model/state/table.ts';
import { effectiveTables } from '../complete/published-tables.ts';
import { have, type PlanContext, subscribersOf, want } from '../context/context.ts';
import { liveCopies, willBeCreated } from './edges.ts';
import type { PublicationDifference } from './publication-difference.ts';

type Publication = ResourceOf<'publication'>;
type Subscription = ResourceOf<'subscription'>;

/** Desired subscriptions that read the publication now and stay what they are; of others there is no position to keep. */
const stayingReaders = ({ node, name }: Publication, context: PlanContext) =>
  subscribersOf(context, node, name).flatMap((live): readonly Subscription[] => {
    const desired = want(context, 'subscription', live.node, live.name);
    return desired === undefined || willBeCreated(desired, context) ? [] : [desired];
  });

const others = (
  { spec }: Subscription,
  { node, name }: Publication,
  context: PlanContext,
): readonly PublicationSpec[] =>
  spec.publications
    .filter((other) => other !== name)
    .flatMap((other) => want(context, 'publication', node, other)?.spec ?? []);

/** That of the root concerns partitioned tables and partitions alone. */
const settings = (spec: PublicationSpec, tree: Table | undefined): string => {
  const { publish, viaPartitionRoot, generatedColumns } = spec;
  const isAlone = tree !== undefined && !tree.partitioned && tree.parent === null;
  return (
    canonicalize({
      publish: publish.toSorted(),
      viaPartitionRoot: !isAlone && viaPartitionRoot,
      generatedColumns,
    }) ?? ''
  );
};

const sendsAlike = (
  other: PublicationSpec,
  live: Publication,
  entry: PublishedTable,
  context: PlanContext,
): boolean => {
  const table = context.tables.get(live.node)?.get(formatName(entry.table));
  return (
    settings(other, table) === settings(live.spec, table) &&
    other.tables.some((it) => canonicalize(it) === canonicalize(entry))
  );
};

/** It runs until the end of the plan, and nothing else changes what it reads meanwhile. */
const canBeAsked = (sub: Subscription, context: PlanContext): boolean =>
  sub.spec.enabled &&
  sub.spec.source !== null &&
  sub.spec.slot !== null &&
  context.live.tooNew?.[sub.address] === undefined &&
  !context.reinits.some((reinit) => reinit.sub.address === sub.address) &&
  have(context, 'subscription', sub.node, sub.name)?.spec.slot === sub.spec.slot;

/** Who gets a table later by another publication. */
const laterReaders = (entry: PublishedTable, live: Publication, context: PlanContext) => {
  const tables = context.tables.get(live.node) ?? new Map();
  const lost = effectiveTables([{ ...live.spec, tables: [entry], schemas: [] }], tables);
  return stayingReaders(live, context).filter((sub) => {
    const later = effectiveTables(others(sub, live, context), tables);
    const names = new Set(later.map(({ table }) => formatName(table)));
    return lost.some(({ table }) => names.has(formatName(table)));
  });
};

export interface MovedTables {
  readonly tables: readonly PublishedTable[];
  /** Who must be known to read the other publications before the tables are dropped from this one. */
  readonly readers: readonly Subscription[];
}

const none: MovedTables = { tables: [], readers: [] };

/** Of the tables that a publication loses: those whose subscriptions all get exactly the same by another one. */
export const movedTables = (
  live: Publication,
  { removedTables, settings: changed }: Pick<PublicationDifference, 'removedTables' | 'settings'>,
  context: PlanContext,
): MovedTables => {
  if (Object.keys(changed).length > 0) return none;
  const found = removedTables.flatMap((entry) => {
    const readers = laterReaders(entry, live, context);
    const safe = readers.every(
      (sub) =>
        canBeAsked(sub, context) &&
        others(sub, live, context).some((other) => sendsAlike(other, live, entry, context)),
    );
    return readers.length > 0 && safe ? [{ entry, readers }] : [];
  });
  const byAddress = new Map(found.flatMap(({ readers }) => readers.map((it) => [it.address, it])));
  return { tables: found.map(({ entry }) => entry), readers: [...byAddress.values()] };
};

/**
 * Of the publications that a subscription keeps: those by which it gets a table that it knows and that one it gives up
 * sends, now or when this plan has changed it. They may have it only since this plan or an interrupted run of it, and WAL
 * from before that would be read without the table. Of a table that it does not know, it applies nothing yet.
 */
export const takingOver = (
  live: Subscription,
  desired: Subscription,
  context: PlanContext,
): readonly string[] => {
  const source = desired.spec.source ?? '';
  const tables = context.tables.get(source) ?? new Map();
  const namesOf = (spec: PublicationSpec | undefined): readonly string[] =>
    effectiveTables(spec === undefined ? [] : [spec], tables).map(({ table }) => formatName(table));
  const { publications: later } = desired.spec;
  const { publications: now } = live.spec;
  const known = new Set(liveCopies(live, context.live).map(({ spec }) => formatName(spec.table)));
  const lost = new Set(
    now
      .filter((name) => !later.includes(name))
      .flatMap((name) => [
        ...namesOf(have(context, 'publication', source, name)?.spec),
        ...namesOf(want(context, 'publication', source, name)?.spec),
      ])
      .filter((table) => known.has(table)),
  );
  return later
    .filter((name) => now.includes(name))
    .filter((name) =>
      namesOf(want(context, 'publication', source, name)?.spec).some((table) => lost.has(table)),
    );
};
