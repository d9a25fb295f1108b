// Which tables a plan compares on both ends of an edge, and which part of them is sent.

import type { SentTable } from '../../model/schema/schema-change.ts';
import { type Address, addressOf, type NodeName } from '../../model/state/address.ts';
import type { DesiredState, LiveState } from '../../model/state/state.ts';
import { complete } from '../complete/complete.ts';
import { effectiveTables } from '../complete/published-tables.ts';
import { withBasebackupFallback } from '../context/basebackup-fallback.ts';
import { indexTables, isKind } from '../context/context.ts';
import { awaitsInit } from '../facts/manual-init.ts';

/** What one subscription gets. */
export interface SentToSubscription {
  readonly address: Address;
  readonly node: NodeName;
  readonly source: NodeName;
  readonly tables: readonly SentTable[];
  /** Stored generated columns are sent as others are. */
  readonly sendsGenerated: boolean;
}

/** Of each edge with both ends read; not where the one who brings the rows may bring the tables too. */
export const tablesToCompare = (
  asked: DesiredState,
  live: LiveState,
): readonly SentToSubscription[] => {
  const desired = withBasebackupFallback(asked, live);
  const tables = indexTables(live);
  const publications = complete(desired, live, tables).resources.filter(isKind('publication'));
  return desired.subscriptions.flatMap((sub) => {
    const published = tables.get(sub.source);
    if (published === undefined || !tables.has(sub.node) || awaitsInit(sub, live)) return [];
    const { node, name, source } = sub;
    const specs = publications
      .filter((it) => it.node === source && sub.publications.includes(it.name))
      .map(({ spec }) => spec);
    return [
      {
        address: addressOf(node, 'subscription', name),
        node,
        source,
        tables: effectiveTables(specs, published).map(({ table, columns }) => ({ table, columns })),
        sendsGenerated: specs.some((spec) => spec.generatedColumns === 'stored'),
      },
    ];
  });
};
