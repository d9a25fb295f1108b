// Tables as TRUNCATE has to name them. Partitions that are emptied all are emptied through their root: where the root refers to
// another table, TRUNCATE of that one is refused unless the root itself is named too.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { Table } from '../../model/state/table.ts';
import type { TableIndex } from '../complete/published-tables.ts';
import type { PlanContext } from '../context/context.ts';

const rootOf = (name: QualifiedName, tables: TableIndex): QualifiedName => {
  const parent = tables.get(formatName(name))?.parent ?? null;
  return parent === null || tables.get(formatName(parent))?.partitioned !== true
    ? name
    : rootOf(parent, tables);
};

const leavesByRoot = (tables: TableIndex): ReadonlyMap<string, readonly QualifiedName[]> =>
  Map.groupBy(
    [...tables.values()].filter(({ partitioned }) => !partitioned).map(({ name }) => name),
    (name) => formatName(rootOf(name, tables)),
  );

/** On a node; in their order, a root where the first of its partitions was. */
export const emptiedTogether = (
  node: NodeName,
  names: readonly QualifiedName[],
  context: PlanContext,
): readonly QualifiedName[] => {
  const tables = context.tables.get(node) ?? new Map<string, Table>();
  const chosen = new Set(names.map(formatName));
  const leaves = leavesByRoot(tables);
  const found = names.map((name) => {
    const root = rootOf(name, tables);
    const all = leaves.get(formatName(root)) ?? [name];
    return all.every((leaf) => chosen.has(formatName(leaf))) ? root : name;
  });
  return [...new Map(found.map((name) => [formatName(name), name])).values()];
};
