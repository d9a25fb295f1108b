// Which definitions follow a set of published tables: the tables themselves with what they hold, and
// whatever those need. Rights, comments, triggers and policies stay each node's own business.

import {
  type DependencyEdge,
  encodeId,
  type FactBase,
  parseId,
  type StableId,
} from '@supabase/pg-delta';
import type { SentTable } from '../../model/schema/schema-change.ts';

/** Kinds of facts that a subscriber may need to hold the rows it is sent. */
const carried: ReadonlySet<string> = new Set([
  'schema',
  'extension',
  'table',
  'column',
  'default',
  'constraint',
  'index',
  'sequence',
  'domain',
  'type',
  'typeAttribute',
  'collation',
  'function',
  'aggregate',
]);

export const isCarried = (id: StableId): boolean => carried.has(id.kind);

/** The edges that say what must exist first; owners are each node's own. */
export const isNeed = (edge: DependencyEdge): boolean =>
  edge.kind !== 'owner' && isCarried(edge.from) && isCarried(edge.to);

export const tableId = ({ table }: SentTable): StableId => ({
  kind: 'table',
  schema: table.schema,
  name: table.name,
});

/** Columns that are not sent, and what is made of them. */
const unsent = (base: FactBase, sent: readonly SentTable[]): ReadonlySet<string> => {
  const left = new Set<string>();
  const leave = (id: StableId): void => {
    const key = encodeId(id);
    if (left.has(key)) return;
    left.add(key);
    for (const child of base.childrenOf(id)) leave(child.id);
    for (const edge of base.incomingEdges(id)) if (edge.kind === 'depends') leave(edge.from);
  };
  for (const { columns, table } of sent) {
    if (columns === null) continue;
    const listed = new Set(columns);
    for (const { id } of base.childrenOf(tableId({ table, columns }))) {
      if (id.kind === 'column' && !listed.has(id.name)) leave(id);
    }
  }
  return left;
};

/** The partitions below a table, which are tables of their own. */
const partitionsOf = (base: FactBase, id: StableId): readonly StableId[] =>
  base
    .incomingEdges(id)
    .map(({ from }) => from)
    .filter((from) => base.get(from)?.payload.partitionBound != null && from.kind === 'table');

export const isForeignKey = (base: FactBase, id: StableId): boolean =>
  id.kind === 'constraint' && base.get(id)?.payload.type === 'f';

/** A schema or an extension holds more than what is sent. */
const isWhole = (id: StableId): boolean => id.kind !== 'schema' && id.kind !== 'extension';

/** What comes with a definition: what it is in, what is in it, what it needs. */
const neighbours = (base: FactBase, id: StableId): readonly StableId[] => {
  const parent = base.get(id)?.parent;
  return [
    ...(parent === undefined ? [] : [parent]),
    ...(isWhole(id) ? base.childrenOf(id).map((child) => child.id) : []),
    ...(id.kind === 'table' ? partitionsOf(base, id) : []),
    ...base.outgoingEdges(id).flatMap((edge) => (isNeed(edge) ? [edge.to] : [])),
  ];
};

/** The encoded ids of everything that the sent tables hold and need. */
export const idsInScope = (base: FactBase, sent: readonly SentTable[]): ReadonlySet<string> => {
  const left = unsent(base, sent);
  const found = new Set<string>();
  const foreignKeys: StableId[] = [];
  const waiting: StableId[] = sent.map(tableId);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const key = encodeId(id);
    if (found.has(key) || left.has(key) || !isCarried(id) || !base.has(id)) continue;
    if (isForeignKey(base, id)) {
      foreignKeys.push(id);
      continue;
    }
    found.add(key);
    waiting.push(...neighbours(base, id));
  }
  // A table that is not sent does not follow the one that refers to it.
  for (const id of foreignKeys) {
    const needs = base.outgoingEdges(id).filter(isNeed);
    if (needs.every(({ to }) => found.has(encodeId(to)))) found.add(encodeId(id));
  }
  return found;
};

/** Constraints of domains and attributes of composite types that the publisher has no more, with which apply would stop. */
export const goneOfTypes = (
  target: FactBase,
  base: FactBase,
  sent: readonly SentTable[],
): readonly StableId[] =>
  [...idsInScope(base, sent)].flatMap((key) => {
    const id = parseId(key);
    if ((id.kind !== 'domain' && id.kind !== 'type') || !target.has(id)) return [];
    const parts = target.childrenOf(id).map((child) => child.id);
    return parts.filter(
      (part) => (part.kind === 'constraint' || part.kind === 'typeAttribute') && !base.has(part),
    );
  });
