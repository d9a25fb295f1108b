// What is to be noted of an edge: what its ends have now.

import type { CopiedTableRecord, EdgeRecord, SlotRecord } from '../../../model/edge/edge-record.ts';
import { formatName } from '../../../model/identifier.ts';
import type { PublishedTable, ResourceOf } from '../../../model/state/resource.ts';
import type { LiveState, NodeState } from '../../../model/state/state.ts';
import type { Table } from '../../../model/state/table.ts';
import { effectiveTables } from '../../complete/published-tables.ts';
import { liveCopies } from '../edges.ts';
import { sentBy } from '../unsent-tables.ts';
import { columnRecords } from './altered-columns.ts';
import { publicationRecords } from './altered-publications.ts';
import { pausedAt } from './moved-positions.ts';
import { leavesOf, linksOf, type Publisher, publisherOf } from './partition-links.ts';
import { filesOf } from './unlogged-tables.ts';

type Subscription = ResourceOf<'subscription'>;

interface Ends {
  readonly publications: readonly string[];
  readonly publisher: Publisher;
  /** What the publications send, by formatName. */
  readonly sent: ReadonlyMap<string, PublishedTable>;
  /** Of the subscriber, by formatName. */
  readonly targets: ReadonlyMap<string, Table>;
}

const endsOf = (
  { spec: { publications }, node }: Subscription,
  source: NodeState,
  live: LiveState,
): Ends => {
  const publisher = publisherOf(source);
  const specs = source.resources.flatMap((it) =>
    it.kind === 'publication' && publications.includes(it.name) ? [it.spec] : [],
  );
  const sent = effectiveTables(specs, publisher.byName);
  const targets = live.nodes[node]?.tables ?? [];
  return {
    publications,
    publisher,
    sent: new Map(sent.map((it) => [formatName(it.table), it])),
    targets: new Map(targets.map((table) => [formatName(table.name), table])),
  };
};

const tableRecord = (
  { spec, observed }: ResourceOf<'copy'>,
  { publications, publisher, sent, targets }: Ends,
): readonly CopiedTableRecord[] => {
  const name = formatName(spec.table);
  const table = publisher.byName.get(name);
  const copy = observed?.row;
  if (spec.state !== 'ready' || table?.oid === undefined || copy === undefined) return [];
  const leaves = leavesOf(table, publisher);
  const partitions = Object.fromEntries(
    leaves.flatMap((leaf) =>
      leaf.oid === undefined ? [] : [[formatName(leaf.name), leaf.oid] as const],
    ),
  );
  const { oid, schemaRow, parent } = table;
  const optional = {
    ...(schemaRow && { schemaRow }),
    ...(table.partitioned && { partitions }),
    ...(parent !== null && { parent: formatName(parent) }),
  };
  return [
    {
      table: name,
      oid,
      copy,
      sentBy: sentBy(table, publications, publisher.state, publisher.byName),
      links: linksOf(table, publications, publisher),
      files: filesOf([table, ...leaves]),
      columns: columnRecords(table, sent.get(name)?.columns ?? null, targets.get(name)),
      ...optional,
    },
  ];
};

/** A slot that is lost has another hazard; on 16 its statistics are dropped when it is invalidated. */
const slotRecord = (name: string | null, { resources }: NodeState): SlotRecord | null => {
  const found = resources.find((it) => it.kind === 'slot' && it.name === name);
  const { statistics, walStatus, invalidation } = (found?.kind === 'slot' && found.observed) || {};
  const usable = walStatus !== 'lost' && (invalidation ?? null) === null;
  return name === null || statistics == null || !usable ? null : { name, ...statistics };
};

/** Null: one of its ends is not known. */
export const edgeAsIs = (sub: Subscription, live: LiveState): EdgeRecord | null => {
  const { source, slot, publications } = sub.spec;
  const state = source === null ? undefined : live.nodes[source];
  if (source === null || state === undefined || sub.observed === null) return null;
  const ends = endsOf(sub, state, live);
  const paused = pausedAt(sub, state);
  const appliedBy = live.nodes[sub.node]?.applied.find(({ address }) => address === sub.address);
  return {
    subscription: sub.observed.oid,
    ...(appliedBy && { appliedBy: appliedBy.runId }),
    source,
    publisher: state.server.systemIdentifier,
    slot: slotRecord(slot, state),
    ...(paused && { paused }),
    publications: publicationRecords(publications, state),
    tables: liveCopies(sub, live).flatMap((copy) => tableRecord(copy, ends)),
  };
};
