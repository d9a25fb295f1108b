// By what a table is sent as part of another: its partitions with rows, and the rows of pg_inherits that tie them to it.

import { formatName } from '../../../model/identifier.ts';
import type { NodeState } from '../../../model/state/state.ts';
import type { Table } from '../../../model/state/table.ts';
import { sentBy } from '../unsent-tables.ts';

/** The tables of the node that sends, by name and by parent. */
export interface Publisher {
  readonly state: NodeState;
  readonly byName: ReadonlyMap<string, Table>;
  /** Partitions by formatName of their parent. */
  readonly partitions: ReadonlyMap<string, readonly Table[]>;
}

export const publisherOf = (state: NodeState): Publisher => ({
  state,
  byName: new Map(state.tables.map((table) => [formatName(table.name), table])),
  partitions: Map.groupBy(
    state.tables.filter(({ parent }) => parent !== null),
    ({ parent }) => (parent === null ? '' : formatName(parent)),
  ),
});

/** Partitions with rows, on all levels. */
export const leavesOf = (table: Table, publisher: Publisher): readonly Table[] =>
  (publisher.partitions.get(formatName(table.name)) ?? []).flatMap((child) =>
    child.partitioned ? leavesOf(child, publisher) : [child],
  );

/** From a partition up to a table, or to the first one: null. */
const linkOf = (from: Table, to: Table | null, { byName }: Pick<Publisher, 'byName'>): string => {
  const parent = from.parent === null ? undefined : byName.get(formatName(from.parent));
  if (from === to || parent === undefined) return '';
  return `${from.parentRow ?? ''} ${linkOf(parent, to, { byName })}`;
};

/** As CopiedTableRecord has them. */
export const linksOf = (
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
