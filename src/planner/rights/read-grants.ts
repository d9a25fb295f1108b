// The statements that let a role find and read tables.

import {
  compareText,
  formatName,
  type QualifiedName,
  quoteIdentifier,
} from '../../model/identifier.ts';

/** Without USAGE on its schema, no table is found, not even by its owner. */
export const schemaGrants = (tables: readonly QualifiedName[], role: string): readonly string[] => {
  const schemas = [...new Set(tables.map(({ schema }) => schema))].sort(compareText);
  return schemas.map(
    (schema) => `GRANT USAGE ON SCHEMA ${quoteIdentifier(schema)} TO ${quoteIdentifier(role)};`,
  );
};

/** `hidden`: those whose schema the role has no USAGE on. */
export const readGrants = (
  tables: readonly QualifiedName[],
  role: string,
  hidden: readonly QualifiedName[] = tables,
): readonly string[] => {
  const name = quoteIdentifier(role);
  return [
    ...schemaGrants(hidden, role),
    ...tables.map((table) => `GRANT SELECT ON ${formatName(table)} TO ${name};`),
  ];
};
