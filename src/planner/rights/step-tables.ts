// The tables that a step is about, by what it does with them, and the node where they are.

import { formatName, type QualifiedName, quoteIdentifier } from '../../model/identifier.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { PublicationSpec } from '../../model/state/resource.ts';
import { withPartitions } from '../complete/sent-tables.ts';
import { isKind, type PlanContext, tableOf } from '../context/context.ts';
import type { StepDraft } from '../draft.ts';

export interface TablesOfNode {
  readonly node: NodeName;
  readonly tables: readonly QualifiedName[];
}

const none: readonly QualifiedName[] = [];

/** The publication that it makes. */
const madeBy = (step: StepDraft): PublicationSpec | null => {
  if (step.kind === 'create-publication' || step.kind === 'replace-publication') return step.spec;
  return step.kind === 'rename-publication' ? step.alias : null;
};

/** What it adds to publications of its node, or gives a replica identity. */
export const publishedBy = (step: StepDraft): readonly QualifiedName[] => {
  if (step.kind === 'set-replica-identity') return [step.identity.table];
  const added = step.kind === 'alter-publication' ? step.addTables : madeBy(step)?.tables;
  return (added ?? []).map(({ table }) => table);
};

/** Whether it publishes TABLES IN SCHEMA. */
export const publishesSchemas = (step: StepDraft): boolean => {
  const added = step.kind === 'alter-publication' ? step.addSchemas : madeBy(step)?.schemas;
  return (added ?? []).length > 0;
};

/** What the workers of a subscription write to. */
export const receivedBy = (
  subscriber: NodeName,
  subscription: string,
  context: PlanContext,
): readonly QualifiedName[] =>
  [...context.want.values()]
    .filter(isKind('copy'))
    .filter(({ node, spec }) => node === subscriber && spec.subscription === subscription)
    .map(({ spec }) => spec.table);

/** What it fills or empties on its node. */
export const filledBy = (step: StepDraft): readonly QualifiedName[] => {
  if (step.kind === 'settle-copy') return [...step.finished, ...step.unfinished];
  if (step.kind === 'truncate-tables') {
    const named = new Set(onlyNamedBy(step).map(formatName));
    return step.tables.filter((table) => !named.has(formatName(table)));
  }
  return step.kind === 'copy-tables' || step.kind === 'load-snapshot' || step.kind === 'undo-copy'
    ? step.tables
    : none;
};

/** Empty tables that its TRUNCATE names since they refer to others. */
export const onlyNamedBy = (step: StepDraft): readonly QualifiedName[] =>
  (step.kind === 'truncate-tables' ? step.onlyIfEmpty : undefined) ?? none;

/** What steep's own role reads of other nodes, or of its own. */
export const readBy = (step: StepDraft): TablesOfNode => {
  if (step.kind === 'copy-tables') return { node: step.source, tables: step.tables };
  const tables = step.kind === 'verify-empty' ? step.tables : none;
  return { node: step.node, tables };
};

/** What it locks against writers. */
export const lockedBy = (step: StepDraft): TablesOfNode => {
  const { node } = step;
  if (step.kind === 'rename-publication' || step.kind === 'replace-publication') {
    return { node, tables: step.locks };
  }
  if (step.kind === 'refresh-while-empty') return { node: step.source, tables: step.tables };
  const added = step.kind === 'alter-publication' && step.lockAdded ? step.addTables : [];
  return { node, tables: added.map(({ table }) => table) };
};

/** The table that it alters. */
export const alteredBy = (step: StepDraft, context: PlanContext): readonly QualifiedName[] => {
  if (step.kind !== 'change-schema' || step.object.kind !== 'table') return none;
  const table = context.tables.get(step.node)?.get(step.object.name);
  return table === undefined ? none : [table.name];
};

/** The schema in which it makes a table as steep's own role. */
export const createdIn = (step: StepDraft, context: PlanContext): readonly string[] => {
  if (step.kind !== 'change-schema' || step.role !== undefined) return [];
  const { kind, name } = step.object;
  if (kind !== 'table' || context.tables.get(step.node)?.has(name) === true) return [];
  const { schemas = [] } = context.live.nodes[step.node]?.ownership ?? {};
  return schemas
    .map((schema) => schema.name)
    .filter((schema) => name.startsWith(`${quoteIdentifier(schema)}.`));
};

/** With their partitions: a copy reads each of them by itself. */
export const withParts = (
  { node, tables }: TablesOfNode,
  context: PlanContext,
): readonly QualifiedName[] =>
  tables.flatMap((table) => withPartitions({ table }, context.tables.get(node) ?? new Map()));

/** Whether triggers or foreign keys of a table, or of its partitions, would work on rows that are stored in it. */
export const isChecked = (node: NodeName, name: QualifiedName, context: PlanContext): boolean =>
  withParts({ node, tables: [name] }, context).some(
    (part) => tableOf(context, node, part)?.checked === true,
  );
