// Two enabled subscriptions of a database that bring the same new rows of one publisher into one table. A session may have
// created the second one, with copy_data = false.

import { formatName } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { LiveState } from '../../../model/state/state.ts';
import type { TableIndex } from '../../complete/published-tables.ts';
import { sentTables, withPartitions } from '../../complete/sent-tables.ts';
import { liveCopies } from '../../facts/edges.ts';
import { hazard } from '../hazard.ts';
import { type SentToEdge, sentNow } from '../schema/sent-to-edge.ts';

type Subscription = ResourceOf<'subscription'>;
type Filters = ReadonlyMap<string, string | null>;

/** The tables that get new rows, partitions too, by formatName, with the row filter. */
const insertedInto = (edge: SentToEdge, live: LiveState): Filters => {
  const known = new Set(liveCopies(edge.sub, live).map(({ spec }) => formatName(spec.table)));
  const specs = edge.specs.filter(({ publish }) => publish.includes('insert'));
  return new Map(
    sentTables(specs, edge.published)
      .filter(({ table }) => known.has(formatName(table)))
      .flatMap((sent) =>
        withPartitions(sent, edge.own).map((name) => [formatName(name), sent.where] as const),
      ),
  );
};

/** Two different filters may share no row. */
const meet = (one: string | null, other: string | null): boolean =>
  one === null || other === null || one === other;

const others = ({ sub }: SentToEdge, { nodes }: LiveState): readonly Subscription[] =>
  (nodes[sub.node]?.resources ?? []).flatMap((it) =>
    it.kind === 'subscription' &&
    it.name !== sub.name &&
    it.spec.enabled &&
    it.spec.source === sub.spec.source
      ? [it]
      : [],
  );

const sentence = (names: readonly string[], { sub, source }: SentToEdge, other: string): string =>
  `Subscription ${other} of node ${sub.node} brings new rows of ${listNames(names)} from node ${source} too, as ${sub.name} does: a table without a key has each row twice, without an error; with a key, apply of one of them fails.`;

/** Of a subscription as it is; a disabled one brings nothing. */
export const sentTwice = (
  edge: SentToEdge,
  live: LiveState,
  tables: ReadonlyMap<string, TableIndex>,
): readonly FoundHazard[] => {
  if (!edge.sub.spec.enabled) return [];
  const own = insertedInto(edge, live);
  return others(edge, live).flatMap((it): readonly FoundHazard[] => {
    const second = sentNow(it, live, tables);
    const same = second === null ? [] : [...insertedInto(second, live)];
    const names = same.flatMap(([name, filter]) => {
      const first = own.get(name);
      return first !== undefined && meet(first, filter) ? [name] : [];
    });
    if (names.length === 0) return [];
    return [
      hazard(
        'danger',
        'TABLE_SENT_TWICE',
        edge.sub.address,
        sentence(names, edge, it.name),
        'Disable or drop one of the two subscriptions, or take the tables out of the publications of one of them.',
      ),
    ];
  });
};
