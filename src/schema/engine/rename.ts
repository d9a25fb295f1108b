// What the publisher certainly renamed, done on the subscriber first: the engine compares what the subscriber is after that.

import {
  buildFactBase,
  type DependencyEdge,
  type Fact,
  type FactBase,
  type StableId,
} from '@supabase/pg-delta';
import { formatName, type QualifiedName, quoteIdentifier } from '../../model/identifier.ts';
import type { ColumnRenaming, Renamings } from '../../model/schema/renaming.ts';
import type {
  RefusedStatement,
  SchemaStatement,
  SentTable,
} from '../../model/schema/schema-change.ts';
import { replaceIn } from './names-in-text.ts';
import { type ColumnHere, distinct, inTurn, stateInChain } from './rename-chains.ts';
import { renameAttribute, renameLabel } from './rename-in-types.ts';
import { renamingStatement, type SchemaRenaming } from './renaming.ts';
import { isCarried, tableId } from './scope.ts';

export interface Renamed {
  readonly base: FactBase;
  readonly statements: readonly SchemaStatement[];
  readonly refused: readonly RefusedStatement[];
  /** A statement that can only run once the names are the new ones. */
  readonly needsNames: (statement: SchemaStatement) => boolean;
}

/** What the subscriber `target` will be, and how. `again`: the command that copies all of it again. */
export const rename = (
  target: FactBase,
  source: FactBase,
  sent: readonly SentTable[],
  { columns, labels, attributes }: Renamings,
  again: string,
): Renamed => {
  const wanted = columns.filter((it) => isSent(source, sent, it));
  const found = [
    ...columnsHere(target, source, wanted).map((it) => ofColumn(target, it, again)),
    ...labels.flatMap((it) => renameLabel(target, source, it)),
    ...attributes.flatMap((it) => renameAttribute(target, source, it)),
  ];
  const made = found.filter((it): it is SchemaRenaming => 'statement' in it);
  return {
    base: made.reduce(applied, target),
    statements: made.map(({ statement }) => statement),
    refused: found.filter((it): it is RefusedStatement => 'why' in it),
    needsNames: (statement) => made.some(({ isIn }) => isIn(statement)),
  };
};

const applied = (base: FactBase, { inFact, inId }: SchemaRenaming): FactBase => {
  const facts = base.facts().filter(({ id }) => isCarried(id));
  const edges = base.edges.filter(({ from, to }) => isCarried(from) && isCarried(to));
  return buildFactBase(
    facts.map((fact): Fact => {
      const { parent, ...rest } = inFact({ ...fact, id: inId(fact.id) });
      return parent === undefined ? rest : { ...rest, parent: inId(parent) };
    }),
    edges.map((edge): DependencyEdge => ({ ...edge, from: inId(edge.from), to: inId(edge.to) })),
  );
};

const columnId = ({ schema, name }: QualifiedName, column: string): StableId => ({
  kind: 'column',
  schema,
  table: name,
  name: column,
});

/** Of a table that is created from a parent, the parent has the column. */
const holderOf = (base: FactBase, table: QualifiedName, column: string): QualifiedName => {
  const parent = base.get(tableId({ table, columns: null }))?.payload.parentTable;
  if (base.has(columnId(table, column)) || !isName(parent)) return table;
  return holderOf(base, parent, column);
};

const isName = (value: unknown): value is { readonly schema: string; readonly name: string } =>
  typeof value === 'object' && value !== null && 'schema' in value && 'name' in value;

/** The subscriber gets the column by its new name. One that is computed may replace another one as it likes. */
const isSent = (
  source: FactBase,
  sent: readonly SentTable[],
  { table, from, to }: ColumnRenaming,
): boolean => {
  const columns = sent.find((it) => formatName(it.table) === formatName(table))?.columns;
  if (columns === undefined || columns?.includes(to) === false) return false;
  const computed = source.get(columnId(holderOf(source, table, to), to))?.payload.generatedExpr;
  return from !== to || typeof computed !== 'string';
};

const columnsHere = (
  target: FactBase,
  source: FactBase,
  columns: readonly ColumnRenaming[],
): readonly ColumnHere[] =>
  inTurn(
    distinct(
      columns.flatMap((it) => {
        const table = holderOf(target, it.table, it.from);
        const others = columns.filter((other) => formatName(other.table) === formatName(it.table));
        const state = stateInChain(it, others, {
          target: (name) => target.has(columnId(holderOf(target, it.table, name), name)),
          source: (name) => source.has(columnId(holderOf(source, it.table, name), name)),
        });
        return state === 'done' ? [] : [{ ...it, table, isTaken: state === 'taken' }];
      }),
    ),
  );

/** The table with those that are created from it. */
const familyOf = (base: FactBase, table: QualifiedName): ReadonlySet<string> => {
  const family = new Set([formatName(table)]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const { id, payload } of base.facts()) {
      if (id.kind !== 'table' || !isName(payload.parentTable)) continue;
      if (family.has(formatName(payload.parentTable))) family.add(formatName(id));
    }
  }
  return family;
};

const notCertain = ({ table, from, to }: ColumnHere, again: string): RefusedStatement => {
  const object = { kind: 'table', name: formatName(table) } as const;
  const [old, now] = [quoteIdentifier(from), quoteIdentifier(to)];
  const isOther = from === to;
  const action = isOther ? `DROP COLUMN ${old}` : `RENAME COLUMN ${old} TO ${now}`;
  const what = isOther
    ? `dropped column ${old}, and another one has its name`
    : `renamed ${old} to ${now}, and one of the two names is that of another column, here or there`;
  return {
    sql: `ALTER TABLE ${object.name} ${action};`,
    object,
    why: `The publisher ${what}: changes from before and after could be taken for each other.`,
    cure: `Copy the tables again, which also gives the subscription a new slot: ${again}\nWhere the subscriber was altered in the same way, between the same changes, record it: steep schema capture`,
  };
};

const ofColumn = (
  base: FactBase,
  { table, from, to, isTaken }: ColumnHere,
  again: string,
): SchemaRenaming | RefusedStatement => {
  const object = { kind: 'table', name: formatName(table) } as const;
  const [old, now] = [quoteIdentifier(from), quoteIdentifier(to)];
  const sql = `ALTER TABLE ${object.name} RENAME COLUMN ${old} TO ${now};`;
  if (isTaken) return notCertain({ table, from, to, isTaken }, again);
  const family = familyOf(base, table);
  const isOfFamily = (id: StableId): boolean =>
    'table' in id && family.has(formatName({ schema: id.schema, name: id.table }));
  const inText = (text: string): string => replaceIn(text, old, now);
  return {
    statement: {
      ...renamingStatement(object, sql, `column ${to}`),
      renames: `column ${from} to ${to}`,
    },
    inId: (id) =>
      (id.kind === 'column' || id.kind === 'default') && id.name === from && isOfFamily(id)
        ? { ...id, name: to }
        : id,
    inFact: (fact) => (isOfFamily(fact.id) ? withTexts(fact, inText) : fact),
    isIn: ({ sql: text, object: { name } }) =>
      [...family].some((it) => it === name || text.includes(it)) &&
      [old, now, `"${to}"`].some((it) => replaceIn(text, it, '') !== text),
  };
};

/** Where a definition names columns: of keys, and of generated columns. */
const withTexts = (fact: Fact, change: (text: string) => string): Fact => {
  const { id, payload } = fact;
  const key = id.kind === 'constraint' ? 'def' : 'generatedExpr';
  const text = payload[key];
  return typeof text === 'string'
    ? { ...fact, payload: { ...payload, [key]: change(text) } }
    : fact;
};
