// A definition as lines for people: close to SQL, one fact a line, so that a line diff of two says what differs.

import { formatName, quoteIdentifier } from '../identifier.ts';
import type {
  ColumnDefinition,
  IdentityDefinition,
  TableDefinition,
  TypeDefinition,
} from './table-definition.ts';

/** The whole table; a newline after each line. */
export const definitionText = (table: TableDefinition): string =>
  [
    `${table.unlogged ? 'UNLOGGED TABLE' : 'TABLE'} ${formatName(table.name)}`,
    ...table.columns.map((column) => `  ${columnText(column)}`),
    ...table.parents.map((parent) => `  ${parentWord(table)} ${formatName(parent)}`),
    ...(table.bound === null ? [] : [`  ${table.bound}`]),
    ...(table.partitionKey === null ? [] : [`  PARTITION BY ${table.partitionKey}`]),
    ...table.constraints.map((it) => `  CONSTRAINT ${quoteIdentifier(it.name)} ${it.definition}`),
    ...table.indexes.map((it) => `  ${it.definition}${it.valid ? '' : ' -- not valid'}`),
    `  REPLICA IDENTITY ${identityText(table.identity)}`,
    ...table.types.map(
      (type) =>
        `${type.kind === 'collation' ? 'COLLATION' : 'TYPE'} ${formatName(type.name)} ${typeText(type)}`,
    ),
  ]
    .map((line) => `${line}\n`)
    .join('');

const parentWord = ({ bound }: TableDefinition): string =>
  bound === null ? 'INHERITS' : 'PARTITION OF';

/** As CREATE TABLE takes it. */
export const columnText = (column: ColumnDefinition): string =>
  [
    quoteIdentifier(column.name),
    column.type,
    ...(column.collation === null ? [] : [`COLLATE ${column.collation}`]),
    ...fillText(column),
    ...(column.notNull ? ['NOT NULL'] : []),
  ].join(' ');

const fillText = ({ identity, generated, expression }: ColumnDefinition): readonly string[] => {
  if (identity !== null) return [`GENERATED ${identity.toUpperCase()} AS IDENTITY`];
  if (expression === null) return [];
  if (generated === null) return [`DEFAULT ${expression}`];
  return [`GENERATED ALWAYS AS (${expression}) ${generated.toUpperCase()}`];
};

/** As ALTER TABLE … REPLICA IDENTITY takes it, with the columns that it comes to. */
export const identityText = ({ mode, columns, index }: IdentityDefinition): string => {
  if (mode === 'full' || mode === 'nothing') return mode.toUpperCase();
  const word = mode === 'index' ? `USING INDEX ${quoteIdentifier(index ?? '')}` : 'DEFAULT';
  return columns === null ? word : `${word} (${columns.map(quoteIdentifier).join(', ')})`;
};

/** What a type is, in a line. */
export const typeText = (type: TypeDefinition): string => {
  switch (type.kind) {
    case 'enum':
      return `AS ENUM (${type.labels.map(quoted).join(', ')})`;
    case 'domain':
      return [
        `AS ${type.base}`,
        ...(type.collation === null ? [] : [`COLLATE ${type.collation}`]),
        ...(type.expression === null ? [] : [`DEFAULT ${type.expression}`]),
        ...(type.notNull ? ['NOT NULL'] : []),
        ...type.checks.map(
          ({ name, definition }) => `CONSTRAINT ${quoteIdentifier(name)} ${definition}`,
        ),
      ].join(' ');
    case 'composite':
      return `AS (${type.attributes.map(attributeText).join(', ')})`;
    case 'range':
      return `AS RANGE (${rangeOptions(type).join(', ')})`;
    case 'collation':
      return `(${collationOptions(type).join(', ')})`;
    case 'multirange':
      return 'AS MULTIRANGE';
    case 'base':
      return '';
  }
};

/** As CREATE TYPE takes it. */
const attributeText = ({
  name,
  type,
  collation,
}: {
  readonly name: string;
  readonly type: string;
  readonly collation: string | null;
}): string =>
  [quoteIdentifier(name), type, ...(collation === null ? [] : [`COLLATE ${collation}`])].join(' ');

/** As CREATE COLLATION takes it. */
const collationOptions = (
  type: TypeDefinition & { readonly kind: 'collation' },
): readonly string[] => {
  const { provider, locale, ctype, deterministic, rules } = type;
  const places = ctype === null ? { locale } : { lc_collate: locale, lc_ctype: ctype };
  return [
    `provider = ${provider}`,
    ...Object.entries(places).map(([option, value]) => `${option} = ${quoted(value)}`),
    ...(deterministic ? [] : ['deterministic = false']),
    ...(rules === null ? [] : [`rules = ${quoted(rules)}`]),
  ];
};

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const rangeOptions = (type: TypeDefinition & { readonly kind: 'range' }): readonly string[] =>
  Object.entries({
    subtype: type.subtype,
    subtype_opclass: type.operatorClass,
    collation: type.collation,
    canonical: functionName(type.canonical),
    subtype_diff: functionName(type.subtypeDiff),
    multirange_type_name: type.multirange,
  }).flatMap(([option, value]) => (value === null ? [] : [`${option} = ${value}`]));

/** Without its arguments, which CREATE TYPE does not take. */
const functionName = (signature: string | null): string | null =>
  signature?.replace(/\([^()]*\)$/, '') ?? null;
