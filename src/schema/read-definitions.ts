// Reads what tables are: the documents that fingerprints are made of, as values.

import type { QualifiedName } from '../model/identifier.ts';
import type { CapturedTable } from '../model/schema/schema-fingerprint.ts';
import type {
  AttributeDefinition,
  CollationDefinition,
  ColumnDefinition,
  ConstraintKind,
  IdentityDefinition,
  RangeDefinition,
  TableDefinition,
  TypeDefinition,
} from '../model/schema/table-definition.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';
import { definitionsOf, type Scope } from './definition-query.ts';
import { readSettled } from './read-settled.ts';

/** By schema and name. */
export const readDefinitions = async (
  session: Session,
  scope: Scope,
): Promise<readonly TableDefinition[]> => {
  const read = () =>
    session.query<DefinitionRow>(sql`
    SELECT d.table_schema AS schema, d.table_name AS name, d.definition
      FROM (${definitionsOf(scope)}) AS d
     ORDER BY d.table_schema COLLATE "C", d.table_name COLLATE "C"`);
  const rows = await readSettled(read, ({ definition }) => isWholeDocument(definition));
  return rows.map(({ schema, name, definition }) => parseDefinition({ schema, name }, definition));
};

/** Of a table as it is put on record. */
export const definitionOf = ({ name, document }: CapturedTable): TableDefinition =>
  parseDefinition(name, JSON.parse(document) as DefinitionDocument);

/** Whether the server found every index and constraint when it spelled them. */
export const isWholeDocument = ({ constraints, indexes }: DefinitionDocument): boolean =>
  constraints.every(([, , definition]) => definition !== null) &&
  indexes.every(([, definition]) => definition !== null);

/** The document of one table, as steep_repl keeps it too. */
export const parseDefinition = (
  name: QualifiedName,
  document: DefinitionDocument,
): TableDefinition => ({
  name,
  columns: document.columns.map(toColumn),
  identity: toIdentity(document.identity),
  unlogged: document.unlogged,
  partitionKey: document.partition_key,
  parents: document.parents.map(toName),
  bound: document.bound,
  constraints: document.constraints.map(([constraint, kind, definition]) => ({
    name: constraint,
    kind: constraintKinds[kind],
    definition: definition ?? '',
  })),
  indexes: document.indexes.map(([index, definition, unique, valid]) => ({
    name: index,
    definition: definition ?? '',
    unique,
    valid,
  })),
  types: document.types.map(parseType),
});

const toName = ([schema, name]: NameTuple): QualifiedName => ({ schema, name });

const toColumn = (tuple: ColumnTuple): ColumnDefinition => {
  const [name, type, notNull, expression, identity, generated, collation] = tuple;
  return {
    name,
    type,
    notNull,
    expression,
    identity: identity === '' ? null : columnIdentities[identity],
    generated: generated === '' ? null : generations[generated],
    collation,
  };
};

const toIdentity = ([mode, columns, index]: IdentityTuple): IdentityDefinition => ({
  mode: identityModes[mode],
  columns,
  index,
});

/** A type, as the query describes it. */
export const parseType = ([schema, name, kind, detail]: TypeTuple): TypeDefinition => {
  const named = { name: { schema, name } };
  switch (kind) {
    case 'e':
      return { ...named, kind: 'enum', labels: detail ?? [] };
    case 'c':
      return { ...named, kind: 'composite', attributes: (detail ?? []).map(toAttribute) };
    case 'd': {
      const [base, notNull, expression, collation, checks] = detail;
      return {
        ...named,
        kind: 'domain',
        base,
        notNull,
        expression,
        collation,
        checks: (checks ?? []).map(toCheck),
      };
    }
    case 'r':
      return { ...named, kind: 'range', ...toRange(detail) };
    case 'l':
      return { ...named, kind: 'collation', ...toCollation(detail) };
    case 'm':
      return { ...named, kind: 'multirange' };
    case 'b':
    case 'p':
      return { ...named, kind: 'base' };
  }
};

const toRange = (tuple: RangeTuple): RangeDefinition => {
  const [subtype, operatorClass, collation, canonical, subtypeDiff, multirange] = tuple;
  return { subtype, operatorClass, collation, canonical, subtypeDiff, multirange };
};

const toCollation = (tuple: CollationTuple): CollationDefinition => {
  const [provider, locale, ctype, deterministic, rules] = tuple;
  return { provider, locale, ctype, deterministic, rules };
};

const toAttribute = ([name, type, collation]: AttributeTuple): AttributeDefinition => ({
  name,
  type,
  collation,
});

const toCheck = ([name, definition]: readonly [string, string]) => ({ name, definition });

const columnIdentities = { a: 'always', d: 'by default' } as const;
const generations = { s: 'stored', v: 'virtual' } as const;
const identityModes = { d: 'default', f: 'full', n: 'nothing', i: 'index' } as const;
const constraintKinds = {
  p: 'primary key',
  u: 'unique',
  x: 'exclusion',
  c: 'check',
  f: 'foreign key',
  n: 'not null',
} as const satisfies Readonly<Record<string, ConstraintKind>>;

interface DefinitionRow {
  readonly schema: string;
  readonly name: string;
  readonly definition: DefinitionDocument;
}

/** As the query builds it. A definition is null where the object was dropped before the server spelled it. */
export interface DefinitionDocument {
  readonly columns: readonly ColumnTuple[];
  readonly identity: IdentityTuple;
  readonly unlogged: boolean;
  readonly partition_key: string | null;
  readonly parents: readonly NameTuple[];
  readonly bound: string | null;
  readonly constraints: readonly (readonly [
    name: string,
    kind: keyof typeof constraintKinds,
    definition: string | null,
  ])[];
  readonly indexes: readonly (readonly [
    name: string,
    definition: string | null,
    unique: boolean,
    valid: boolean,
  ])[];
  readonly types: readonly TypeTuple[];
}

type NameTuple = readonly [schema: string, name: string];

type ColumnTuple = readonly [
  name: string,
  type: string,
  notNull: boolean,
  expression: string | null,
  identity: '' | keyof typeof columnIdentities,
  generated: '' | keyof typeof generations,
  collation: string | null,
];

type IdentityTuple = readonly [
  mode: keyof typeof identityModes,
  columns: readonly string[] | null,
  index: string | null,
];

type AttributeTuple = readonly [name: string, type: string, collation: string | null];

/** As the query builds it. */
export type TypeTuple =
  | readonly [schema: string, name: string, kind: 'e', labels: readonly string[] | null]
  | readonly [schema: string, name: string, kind: 'c', attributes: readonly AttributeTuple[] | null]
  | readonly [schema: string, name: string, kind: 'd', domain: DomainTuple]
  | readonly [schema: string, name: string, kind: 'r', range: RangeTuple]
  | readonly [schema: string, name: string, kind: 'l', collation: CollationTuple]
  | readonly [schema: string, name: string, kind: 'm' | 'b' | 'p', detail: null];

type DomainTuple = readonly [
  base: string,
  notNull: boolean,
  expression: string | null,
  collation: string | null,
  checks: readonly (readonly [name: string, definition: string])[] | null,
];

type CollationTuple = readonly [
  provider: CollationDefinition['provider'],
  locale: string,
  ctype: string | null,
  deterministic: boolean,
  rules: string | null,
];

type RangeTuple = readonly [
  subtype: string,
  operatorClass: string | null,
  collation: string | null,
  canonical: string | null,
  subtypeDiff: string | null,
  multirange: string,
];
