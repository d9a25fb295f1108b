// Two enabled subscriptions of a database that bring the same new rows of one publisher into one table. A session may have
// created the second one, with copy_data = false.

import { compareText, formatName } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { LiveState } from '../../../model/state/state.ts';
import type { TableIndex } from '../../complete/published-tables.ts';
import { sentTables, withPartitions } from '../../complete/sent-tables.ts';
import { isKind, type PlanContext } from '../../context/context.ts';
import { hazard } from '../hazard.ts';
import { type SentToEdge, sentNow, sentTo } from '../schema/sent-to-edge.ts';
import { staying } from './origin-chain.ts';

type Subscription = ResourceOf<'subscription'>;
type Filters = ReadonlyMap<string, string | null>;

/** Whether a subscription has a table. */
type Knows = (sub: Subscription, table: string) => boolean;

/** The tables that get new rows, partitions too, by formatName, with the row filter. */
const insertedInto = (edge: SentToEdge, knows: Knows): Filters => {
  const specs = edge.specs.filter(({ publish }) => publish.includes('insert'));
  return new Map(
    sentTables(specs, edge.published)
      .filter(({ table }) => knows(edge.sub, formatName(table)))
      .flatMap((sent) =>
        withPartitions(sent, edge.own).map((name) => [formatName(name), sent.where] as const),
      ),
  );
};

/** Two different filters may share no row. */
const meet = (one: string | null, other: string | null): boolean =>
  one === null || other === null || one === other;

const sentence = (names: readonly string[], { sub, source }: SentToEdge, other: string): string =>
  `Subscription ${other} of node ${sub.node} brings new rows of ${listNames(names)} from node ${source} too, as ${sub.name} does: a table without a key has each row twice, without an error; with a key, apply of one of them fails.`;

/** Enabled subscriptions of one database to one publisher. */
const areBeside = (one: Subscription, other: Subscription): boolean =>
  one.node === other.node &&
  one.name !== other.name &&
  one.spec.source === other.spec.source &&
  one.spec.enabled &&
  other.spec.enabled;

const found = (
  edge: SentToEdge,
  subs: readonly Subscription[],
  read: (sub: Subscription) => SentToEdge | null,
  knows: Knows,
): readonly FoundHazard[] => {
  const others = subs.filter((it) => areBeside(edge.sub, it));
  if (others.length === 0) return [];
  const own = insertedInto(edge, knows);
  return others.flatMap((other): readonly FoundHazard[] => {
    const second = read(other);
    const sent = second === null ? [] : [...insertedInto(second, knows)];
    const names = sent.flatMap(([table, filter]) => {
      const first = own.get(table);
      return first !== undefined && meet(first, filter) ? [table] : [];
    });
    if (names.length === 0) return [];
    return [
      hazard(
        'danger',
        'TABLE_SENT_TWICE',
        edge.sub.address,
        sentence(names.toSorted(compareText), edge, other.name),
        'Disable or drop one of the two subscriptions, or take the tables out of the publications of one of them.',
      ),
    ];
  });
};

/** Of a subscription as it is; a disabled one brings nothing. */
export const sentTwiceNow = (
  edge: SentToEdge,
  live: LiveState,
  tables: ReadonlyMap<string, TableIndex>,
): readonly FoundHazard[] => {
  const resources = live.nodes[edge.sub.node]?.resources ?? [];
  const copies = resources.filter(isKind('copy'));
  const known = new Set(
    copies.map(({ spec }) => JSON.stringify([spec.subscription, formatName(spec.table)])),
  );
  return found(
    edge,
    resources.filter(isKind('subscription')),
    (it) => sentNow(it, live, tables),
    ({ name }, table) => known.has(JSON.stringify([name, table])),
  );
};

/** As the plan will have it, beside those that it leaves. */
export const sentTwice = (edge: SentToEdge, context: PlanContext): readonly FoundHazard[] =>
  found(
    edge,
    staying(context),
    (it) =>
      context.want.has(it.address)
        ? sentTo(it, context)
        : sentNow(it, context.live, context.tables),
    () => true,
  );
