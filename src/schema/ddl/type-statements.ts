// Definition of a type → the statement that makes it. Pure; texts are those that a server deparsed.

import { formatName } from '../../model/identifier.ts';
import { typeText } from '../../model/schema/definition-text.ts';
import type { TypeDefinition } from '../../model/schema/table-definition.ts';
import { elementOf } from '../../model/schema/type-widening.ts';
import { ddl, ident, qualified, type Sql, verbatim } from '../../postgres/sql/sql.ts';

type DomainCheck = Extract<TypeDefinition, { readonly kind: 'domain' }>['checks'][number];

/** Null: nothing to make here, since it comes with another type or an extension, or is a collation. */
export const createType = (type: TypeDefinition): Sql | null => {
  switch (type.kind) {
    case 'domain':
      return ddl`CREATE DOMAIN ${qualified(type.name)} ${verbatim(typeText({ ...type, checks: type.checks.filter((it) => !isLater(it)) }))}`;
    case 'enum':
    case 'composite':
    case 'range':
      return ddl`CREATE TYPE ${qualified(type.name)} ${verbatim(typeText(type))}`;
    case 'collation':
    case 'multirange':
    case 'base':
      return null;
  }
};

const isLater = ({ definition }: DomainCheck): boolean => definition.endsWith(' NOT VALID');

/** CREATE DOMAIN takes no check that is not valid. */
export const laterChecks = (type: TypeDefinition): readonly Sql[] =>
  type.kind === 'domain'
    ? type.checks
        .filter(isLater)
        .map(
          ({ name, definition }) =>
            ddl`ALTER DOMAIN ${qualified(type.name)} ADD CONSTRAINT ${ident(name)} ${verbatim(definition)}`,
        )
    : [];

/** The types that it is made of, as `formatName` has them; built-in ones too. */
export const typesIn = (type: TypeDefinition): readonly string[] => {
  switch (type.kind) {
    case 'domain':
      return [elementOf(type.base)];
    case 'composite':
      return type.attributes.map((attribute) => elementOf(attribute.type));
    case 'range':
      return [elementOf(type.subtype)];
    case 'enum':
    case 'collation':
    case 'multirange':
    case 'base':
      return [];
  }
};

/** The multirange of a range comes with it: who uses the one needs the other. */
export const multirangesOf = (types: readonly TypeDefinition[]): ReadonlyMap<string, string> =>
  new Map(
    types.flatMap((type) =>
      type.kind === 'range' ? [[type.multirange, formatName(type.name)]] : [],
    ),
  );
