// A table that is a partition on one end and a table by itself on the other. Rows come to it either way, but its columns belong
// to its parent there: no statement about the table itself could change them.

import type { FactBase, StableId } from '@supabase/pg-delta';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { RefusedStatement, SentTable } from '../../model/schema/schema-change.ts';
import { tableId } from './scope.ts';

/** Without them; refused where their columns differ. */
export const withoutMixed = (
  target: FactBase,
  source: FactBase,
  sent: readonly SentTable[],
): { readonly tables: readonly SentTable[]; readonly refused: readonly RefusedStatement[] } => {
  const isMixed = (it: SentTable): boolean =>
    target.has(tableId(it)) && isPartition(target, it) !== isPartition(source, it);
  return {
    tables: sent.filter((it) => !isMixed(it)),
    refused: sent
      .filter((it) => isMixed(it) && !holdsColumns(target, source, it))
      .map((it) => refusal(it, isPartition(target, it))),
  };
};

const isPartition = (base: FactBase, table: SentTable): boolean =>
  base.get(tableId(table))?.payload.partitionBound != null;

const parentOf = (base: FactBase, id: StableId): StableId | null => {
  const parent = base.get(id)?.payload.parentTable as QualifiedName | null | undefined;
  return parent == null ? null : { kind: 'table', schema: parent.schema, name: parent.name };
};

/** With those of its parents: `column type`. */
const columnsOf = (base: FactBase, id: StableId): ReadonlyMap<string, unknown> => {
  const parent = parentOf(base, id);
  const own = base
    .childrenOf(id)
    .flatMap(({ id: { kind, ...rest }, payload }) =>
      kind === 'column' && 'name' in rest ? [[String(rest.name), payload.type] as const] : [],
    );
  return new Map([...(parent === null ? [] : columnsOf(base, parent)), ...own]);
};

/** Every column that is sent, with its type. */
const holdsColumns = (target: FactBase, source: FactBase, sent: SentTable): boolean => {
  const own = columnsOf(target, tableId(sent));
  return [...columnsOf(source, tableId(sent))].every(
    ([name, type]) => sent.columns?.includes(name) === false || own.get(name) === type,
  );
};

const refusal = ({ table }: SentTable, here: boolean): RefusedStatement => {
  const name = formatName(table);
  const [subscriber, publisher] = here
    ? ['a partition', 'a table by itself']
    : ['a table by itself', 'a partition'];
  return {
    sql: `the columns of ${name}`,
    object: { kind: 'table', name },
    why: `It is ${publisher} on the publisher and ${subscriber} on the subscriber, and their columns differ.`,
    cure: `Give ${name} the columns of the publisher by hand on the subscriber, or make it ${publisher} there; then plan again.`,
  };
};
