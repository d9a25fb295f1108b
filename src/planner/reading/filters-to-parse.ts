// Row filters of the file that their publisher does not have as they are written.

import { formatName } from '../../model/identifier.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { WrittenFilter } from '../../model/state/filter-fault.ts';
import type { DesiredState, LiveState } from '../../model/state/state.ts';
import { isKind } from '../context/context.ts';

/** By node; of tables that exist there, on servers that know row filters (15+). */
export const filtersToParse = (
  { publications }: DesiredState,
  { nodes }: LiveState,
): Readonly<Record<NodeName, readonly WrittenFilter[]>> => {
  const filters = publications.flatMap(({ node, name, tables }) => {
    const state = nodes[node];
    if (state === undefined || !state.server.features.filtersAndSchemas) return [];
    const there = new Set(state.tables.map((table) => formatName(table.name)));
    const live = state.resources.filter(isKind('publication')).find((it) => it.name === name);
    const known = new Map(live?.spec.tables.map((it) => [formatName(it.table), it.where]));
    return tables.flatMap((selector) => {
      if (selector.kind !== 'table' || selector.where === null) return [];
      const { table, where } = selector;
      const isNew = there.has(formatName(table)) && known.get(formatName(table)) !== where;
      return isNew ? [{ node, publication: name, table, where }] : [];
    });
  });
  return Object.fromEntries(
    [...Map.groupBy(filters, ({ node }) => node)].map(([node, own]) => [
      node,
      own.map(({ publication, table, where }) => ({ publication, table, where })),
    ]),
  );
};
