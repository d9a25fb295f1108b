// Definitions → the statements that make them on an empty database, each after what it needs. Pure.

import { formatName } from '../../model/identifier.ts';
import type { SequenceDefinition } from '../../model/schema/sequence-definition.ts';
import type { TableDefinition, TypeDefinition } from '../../model/schema/table-definition.ts';
import type { SnapshotDefinitions } from '../../model/snapshot/snapshot.ts';
import { ddl, ident, type Sql } from '../../postgres/sql/sql.ts';
import { createSequence, setOwner } from './sequence-statements.ts';
import {
  addConstraints,
  addForeignKeys,
  createIndexes,
  createTable,
  joinParents,
  replicaIdentityStatement,
} from './table-statements.ts';
import { createType, elementOf, multirangesOf, typesIn } from './type-statements.ts';

/** Schemas and extensions, sequences, types and tables, keys and indexes, partitions, foreign keys. */
export const createStatements = ({
  tables,
  sequences,
  extensions,
}: SnapshotDefinitions): readonly Sql[] => {
  const free = sequences.filter(({ identity }) => !identity);
  const identities = sequences.filter(({ identity }) => identity);
  return [
    ...schemasOf({ tables, sequences, extensions }).map(
      (name) => ddl`CREATE SCHEMA IF NOT EXISTS ${ident(name)}`,
    ),
    ...extensions.map(
      ({ name, schema }) =>
        ddl`CREATE EXTENSION IF NOT EXISTS ${ident(name)} WITH SCHEMA ${ident(schema)}`,
    ),
    ...free.map(createSequence),
    ...typesAndTables(tables, identities),
    ...free.flatMap(setOwner),
    ...tables.flatMap(addConstraints),
    ...tables.flatMap(createIndexes),
    ...tables.flatMap(replicaIdentityStatement),
    ...tables.flatMap(joinParents),
    ...tables.flatMap(addForeignKeys),
  ];
};

const schemasOf = ({ tables, sequences, extensions }: SnapshotDefinitions): readonly string[] => {
  const names = [
    ...[...tables, ...sequences, ...tables.flatMap(({ types }) => types)].map(
      ({ name }) => name.schema,
    ),
    ...extensions.map(({ schema }) => schema),
  ];
  return [...new Set(names)].filter((name) => name !== 'public' && name !== 'pg_catalog').sort();
};

interface Made {
  readonly name: string;
  readonly needs: readonly string[];
  readonly statement: Sql | null;
}

/** A table is a type too: a column may be of it. Each comes after what it is made of. */
const typesAndTables = (
  tables: readonly TableDefinition[],
  identities: readonly SequenceDefinition[],
): readonly Sql[] => {
  const types = distinctTypes(tables);
  const multiranges = multirangesOf(types);
  const needing = (needs: readonly string[]) =>
    needs.flatMap((name) => [
      name,
      ...(multiranges.has(name) ? [multiranges.get(name) ?? ''] : []),
    ]);
  const made = [
    ...types.map(
      (type): Made => ({
        name: formatName(type.name),
        needs: needing(typesIn(type)),
        statement: createType(type),
      }),
    ),
    ...tables.map(
      (table): Made => ({
        name: formatName(table.name),
        needs: needing(table.columns.map(({ type }) => elementOf(type))),
        statement: createTable(table, identities),
      }),
    ),
  ];
  return inOrder(made).flatMap(({ statement }) => (statement === null ? [] : [statement]));
};

/** Each type once, save for those that a table brings. */
const distinctTypes = (tables: readonly TableDefinition[]): readonly TypeDefinition[] => {
  const named = new Set(tables.map(({ name }) => formatName(name)));
  const types = new Map(
    tables.flatMap((table) => table.types.map((type) => [formatName(type.name), type])),
  );
  return [...types].filter(([name]) => !named.has(name)).map(([, type]) => type);
};

/** Depth first, in the order given otherwise. What is needed and not made is there already. */
const inOrder = (made: readonly Made[]): readonly Made[] => {
  const byName = new Map(made.map((item) => [item.name, item]));
  const done = new Set<string>();
  const ordered: Made[] = [];
  const visit = (item: Made): void => {
    if (done.has(item.name)) return;
    done.add(item.name);
    for (const name of item.needs) {
      const needed = byName.get(name);
      if (needed !== undefined) visit(needed);
    }
    ordered.push(item);
  };
  for (const item of made) visit(item);
  return ordered;
};
