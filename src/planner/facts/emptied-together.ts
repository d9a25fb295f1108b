// Tables as TRUNCATE has to name them. Partitions that are emptied all are emptied through their root: where the root refers to
// another table, TRUNCATE of that one is refused unless the root itself is named too.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { Table } from '../../model/state/table.ts';
import type { TruncateTables } from '../../model/step/subscription-steps.ts';
import type { TableIndex } from '../complete/published-tables.ts';
import { type PlanContext, tableOf } from '../context/context.ts';

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
const emptiedTogether = (
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

/** Tables, and their roots where all of their partitions are among them. */
export const namesWithRoots = (
  node: NodeName,
  names: readonly QualifiedName[],
  context: PlanContext,
): ReadonlySet<string> =>
  new Set([...names, ...emptiedTogether(node, names, context)].map(formatName));

/** Tables that refer to these by foreign keys, and those that refer to them in turn. */
export const referringTo = (
  node: NodeName,
  names: readonly QualifiedName[],
  context: PlanContext,
  counts: (table: QualifiedName) => boolean = () => true,
): readonly QualifiedName[] => {
  const named = new Set(namesWithRoots(node, names, context));
  const found: QualifiedName[] = [];
  // What is added while it continues is visited too.
  for (const referred of named) {
    for (const { table, to } of context.live.nodes[node]?.references ?? []) {
      const isNew = formatName(to) === referred && !named.has(formatName(table));
      if (!isNew || !counts(table)) continue;
      named.add(formatName(table));
      found.push(table);
    }
  }
  return found;
};

/** Those of them that are empty: TRUNCATE wants them in the same statement, which deletes nothing of them. */
export const emptyReferring = (
  node: NodeName,
  names: readonly QualifiedName[],
  context: PlanContext,
): readonly QualifiedName[] =>
  referringTo(node, names, context, (it) => tableOf(context, node, it)?.hasRows === false);

/** What TRUNCATE names; `onlyIfEmpty`: those of them that are not filled again. */
export const truncated = (
  node: NodeName,
  names: readonly QualifiedName[],
  context: PlanContext,
): Pick<TruncateTables, 'tables' | 'onlyIfEmpty'> => {
  const onlyIfEmpty = emptyReferring(node, names, context);
  return {
    tables: [...emptiedTogether(node, names, context), ...onlyIfEmpty],
    ...(onlyIfEmpty.length > 0 && { onlyIfEmpty }),
  };
};
