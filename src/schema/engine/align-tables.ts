// The DDL that brings a subscriber's tables in line with its publishers: its own definitions with the
// published ones put in, compared by @supabase/pg-delta. No IO: both sides were read before.

import {
  buildFactBase,
  type DependencyEdge,
  encodeId,
  type Fact,
  type FactBase,
  parseId,
  type StableId,
} from '@supabase/pg-delta';
import { formatName, quoteIdentifier } from '../../model/identifier.ts';
import { noRenamings, type Renamings } from '../../model/schema/renaming.ts';
import type {
  RefusedStatement,
  SchemaProposal,
  SchemaStatement,
  SentTable,
} from '../../model/schema/schema-change.ts';
import { alignLabels, refusedLabels } from './align-enums.ts';
import type { EngineFacts } from './facts.ts';
import { mergedChildren } from './merged-children.ts';
import { keepingOwn, withoutSending } from './own-parts.ts';
import { withoutMixed } from './partitions.ts';
import { type Renamed, rename } from './rename.ts';
import { goneOfTypes, idsInScope, isCarried, isForeignKey, isNeed, tableId } from './scope.ts';
import { statementsBetween } from './statements-between.ts';

/** What one publisher sends. */
export interface SentByPublisher {
  readonly facts: EngineFacts;
  readonly tables: readonly SentTable[];
  /** What it has certainly renamed since its tables were recorded. */
  readonly renamings?: Renamings;
  /** The command that copies all again, where it is not certain. */
  readonly again?: string;
}

/** Where a subscriber has the object already, it stays as it is there. */
const kept: ReadonlySet<string> = new Set([
  'schema',
  'extension',
  'sequence',
  'function',
  'aggregate',
  'collation',
]);

/** Of a table that is there already, what apply and its lookups need; the rest is the subscriber's own. */
const aligned = (base: FactBase, { id, payload }: Fact): boolean =>
  id.kind === 'column' ||
  id.kind === 'default' ||
  (id.kind === 'constraint' &&
    (payload.type === 'p' || payload.type === 'u') &&
    !isForeignKey(base, id));

interface Desired {
  readonly facts: Map<string, Fact>;
  readonly edges: DependencyEdge[];
}

const tableOf = (base: FactBase, fact: Fact): StableId | null => {
  if (fact.id.kind === 'table') return fact.id;
  const parent = fact.parent === undefined ? undefined : base.get(fact.parent);
  return parent === undefined ? null : tableOf(base, parent);
};

/** What the publisher has no more: columns with what is made of them, and parts of types. */
const dropGone = (target: FactBase, published: SentByPublisher, desired: Desired): void => {
  const { facts, tables } = published;
  const { base } = facts;
  const drop = (id: StableId): void => {
    if (!desired.facts.delete(encodeId(id))) return;
    for (const child of target.childrenOf(id)) drop(child.id);
    for (const edge of target.incomingEdges(id)) if (edge.kind === 'depends') drop(edge.from);
  };
  for (const id of goneOfTypes(target, base, tables)) drop(id);
  for (const sent of tables) {
    const id = tableId(sent);
    if (sent.columns !== null || !base.has(id)) continue;
    for (const { id: column } of target.childrenOf(id)) {
      if (column.kind === 'column' && !base.has(column)) drop(column);
      for (const { id: part } of target.childrenOf(column)) {
        if (part.kind === 'default' && base.has(column) && !base.has(part)) drop(part);
      }
    }
  }
};

/** Virtual generated columns are told by name to a server that cannot have them. */
const impossible = ({ facts }: SentByPublisher, target: EngineFacts): ReadonlySet<string> =>
  target.canBeVirtual ? new Set() : facts.virtual;

/** The subscriber has it already, or it is a part of a table that the subscriber has for itself. */
const staysAsItIs = (fact: Fact, source: FactBase, target: FactBase): boolean => {
  const exists = target.has(fact.id);
  if (exists && (kept.has(fact.id.kind) || fact.id.kind === 'table')) return true;
  const table = tableOf(source, fact);
  const isNew = table === null || !target.has(table);
  return !isNew && fact.id.kind !== 'table' && !aligned(source, fact);
};

const putIn = (
  target: FactBase,
  published: SentByPublisher,
  desired: Desired,
  left: ReadonlySet<string>,
): readonly RefusedStatement[] => {
  const refused: RefusedStatement[] = [];
  const source = published.facts.base;
  const scope = idsInScope(source, published.tables);
  for (const fact of source.facts()) {
    const key = encodeId(fact.id);
    if (!scope.has(key) || left.has(key) || staysAsItIs(fact, source, target)) continue;
    const own = target.get(fact.id);
    const labels = enumOf(fact, own);
    if (labels !== null) {
      refused.push(...labels.refused);
      desired.facts.set(key, labels.fact);
      continue;
    }
    // A partition is only made with the table that it belongs to.
    const isTable = fact.id.kind === 'table';
    desired.facts.set(key, isTable ? withoutSending(fact, scope) : keepingOwn(fact, own));
  }
  desired.edges.push(...source.edges.filter(({ from }) => scope.has(encodeId(from))));
  return refused;
};

/** An enum that both have; null: it is anything else. */
const enumOf = ({ id, payload }: Fact, own: Fact | undefined) => {
  if (id.kind !== 'type' || payload.variant !== 'enum' || own?.payload.variant !== 'enum') {
    return null;
  }
  const aligned = alignLabels(labelsOf(own), labelsOf({ payload }));
  const refused = refusedLabels(id, aligned);
  const values = aligned === null || refused.length > 0 ? labelsOf(own) : aligned.labels;
  return { refused, fact: { ...own, payload: { ...own.payload, values: [...values] } } };
};

const labelsOf = ({ payload }: Pick<Fact, 'payload'>): readonly string[] =>
  Array.isArray(payload.values) ? payload.values.map(String) : [];

const onlyNeeds = (facts: ReadonlyMap<string, Fact>, edges: readonly DependencyEdge[]) =>
  edges.filter(
    (edge) => isNeed(edge) && facts.has(encodeId(edge.from)) && facts.has(encodeId(edge.to)),
  );

const baseOf = ({ facts, edges }: Desired): FactBase => {
  const whole = [...facts.values()].filter(
    ({ parent }) => parent === undefined || facts.has(encodeId(parent)),
  );
  return buildFactBase(whole, [...onlyNeeds(facts, edges)]);
};

const ownOf = (target: FactBase): Desired => ({
  facts: new Map(
    target
      .facts()
      .filter(({ id }) => isCarried(id))
      .map((fact) => [encodeId(fact.id), fact]),
  ),
  edges: [...target.edges],
});

const unsupported = (left: ReadonlySet<string>, wanted: FactBase): readonly string[] =>
  [...left].flatMap((key) => {
    const id = parseId(key);
    if (id.kind !== 'column' || !wanted.has({ ...id, kind: 'table', name: id.table })) return [];
    const table = formatName({ schema: id.schema, name: id.table });
    return [
      `${table}.${quoteIdentifier(id.name)} is a virtual generated column, which came with 18`,
    ];
  });

/** What `target` lacks of what is published to it. */
export const alignTables = (
  target: EngineFacts,
  asked: readonly SentByPublisher[],
): SchemaProposal => {
  const renamed = renameAll(target.base, asked);
  const own = renamed.at(-1)?.base ?? target.base;
  const divided = asked.map((part) => withoutMixed(own, part.facts.base, part.tables));
  const published = asked.map((part, index) => ({ ...part, ...divided[index] }));
  const left = new Set(published.flatMap((part) => [...impossible(part, target)]));
  const aligned = alignRenamed(own, published, left);
  return {
    ...aligned,
    statements: [
      ...renamed.flatMap((it) => it.statements),
      ...aligned.statements.map((it) => afterNames(it, renamed)),
    ],
    refused: [
      ...[...renamed, ...divided].flatMap((it) => it.refused),
      ...asked.flatMap(({ facts, tables }) => mergedChildren(own, facts, tables)),
      ...aligned.refused,
    ],
  };
};

const copyByName = 'steep apply --reinit NODE/subscription.NAME';

/** One publisher after the other, on what the renamings of those before it leave. */
const renameAll = (target: FactBase, published: readonly SentByPublisher[]): readonly Renamed[] => {
  const done: Renamed[] = [];
  for (const { facts, tables, renamings = noRenamings, again = copyByName } of published) {
    done.push(rename(done.at(-1)?.base ?? target, facts.base, tables, renamings, again));
  }
  return done;
};

const afterNames = (statement: SchemaStatement, renamed: readonly Renamed[]): SchemaStatement =>
  statement.phase === 'before' && renamed.some((it) => it.needsNames(statement))
    ? { ...statement, phase: 'renames' }
    : statement;

const alignRenamed = (
  own: FactBase,
  published: readonly SentByPublisher[],
  left: ReadonlySet<string>,
): SchemaProposal => {
  const desired = ownOf(own);
  const refused: RefusedStatement[] = [];
  for (const part of published) {
    refused.push(...putIn(own, part, desired, left));
    dropGone(own, part, desired);
  }
  const wanted = baseOf(desired);
  const virtual = new Set(published.flatMap(({ facts }) => [...facts.virtual]));
  const found = statementsBetween({ current: baseOf(ownOf(own)), wanted, virtual }, published);
  return {
    statements: found.statements,
    unsupported: unsupported(left, wanted),
    refused: [...refused, ...found.refused],
  };
};
