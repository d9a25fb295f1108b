// Which tables of which subscribers `schema_sync: auto` keeps in line, and with what.

import type { SentTable } from '../../model/schema/schema-change.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { DesiredState, DesiredSubscription, LiveState } from '../../model/state/state.ts';
import { complete } from '../complete/complete.ts';
import { effectiveTables } from '../complete/published-tables.ts';
import { withBasebackupFallback } from '../context/basebackup-fallback.ts';
import { indexTables, isKind } from '../context/context.ts';
import { awaitsInit } from '../facts/manual-init.ts';

/** What one source sends to a subscriber. */
export interface SentFrom {
  readonly subscription: string;
  readonly source: NodeName;
  readonly tables: readonly SentTable[];
}

/**
 * Where two nodes send to each other, neither is the model: each would be given what the other lacks, and lose
 * what the other has not. Of a pair the first node is.
 */
const isAligned = (sub: DesiredSubscription, { subscriptions }: DesiredState): boolean =>
  sub.schemaSync === 'auto' &&
  (sub.pair?.way === 'forth' ||
    !subscriptions.some(({ node, source }) => node === sub.source && source === sub.node));

/** By subscriber, in order of the sources; only of edges with both ends read. */
export const tablesToAlign = (
  asked: DesiredState,
  live: LiveState,
): Readonly<Record<NodeName, readonly SentFrom[]>> => {
  const desired = withBasebackupFallback(asked, live);
  const tables = indexTables(live);
  const publications = complete(desired, live, tables).resources.filter(isKind('publication'));
  const found: Record<NodeName, SentFrom[]> = {};
  for (const sub of desired.subscriptions) {
    const published = tables.get(sub.source);
    if (!isAligned(sub, desired) || published === undefined || !tables.has(sub.node)) continue;
    // The one who brings the rows may bring the tables too.
    if (awaitsInit(sub, live)) continue;
    const specs = publications
      .filter(({ node, name }) => node === sub.source && sub.publications.includes(name))
      .map(({ spec }) => spec);
    const sent = effectiveTables(specs, published).map(({ table, columns }) => ({
      table,
      columns,
    }));
    const part = { subscription: sub.name, source: sub.source, tables: sent };
    found[sub.node] = [...(found[sub.node] ?? []), part];
  }
  return found;
};
