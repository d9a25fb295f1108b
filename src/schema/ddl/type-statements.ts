// Definition of a type → the statement that makes it. Pure; texts are those that a server deparsed.

import { formatName } from '../../model/identifier.ts';
import { typeText } from '../../model/schema/definition-text.ts';
import type { TypeDefinition } from '../../model/schema/table-definition.ts';
import { elementOf } from '../../model/schema/type-widening.ts';
import { ddl, qualified, type Sql, verbatim } from '../../postgres/sql/sql.ts';

/** Null: nothing to make here, since it comes with another type or an extension, or is a collation. */
export const createType = (type: TypeDefinition): Sql | null => {
  switch (type.kind) {
    case 'domain':
      return ddl`CREATE DOMAIN ${qualified(type.name)} ${verbatim(typeText(type))}`;
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
