// Definitions → the statements that make them on an empty database, each after what it needs. Pure.

import { formatName } from '../../model/identifier.ts';
import { neededKey } from '../../model/schema/needed-object.ts';
import type { TypeDefinition } from '../../model/schema/table-definition.ts';
import { elementOf } from '../../model/schema/type-widening.ts';
import type { SnapshotDefinitions } from '../../model/snapshot/snapshot.ts';
import { ddl, examinedStatement, ident, type Sql } from '../../postgres/sql/sql.ts';
import { createSequence, setOwner } from './sequence-statements.ts';
import {
  addConstraints,
  addForeignKeys,
  createIndexes,
  createTable,
  joinParents,
  replicaIdentityStatement,
} from './table-statements.ts';
import { createType, laterChecks, multirangesOf, typesIn } from './type-statements.ts';

/** Schemas and extensions, sequences, functions, types and tables, keys and indexes, partitions, foreign keys. */
export const createStatements = (definitions: SnapshotDefinitions): readonly Sql[] => {
  const { tables, sequences, extensions } = definitions;
  const free = sequences.filter(({ identity }) => !identity);
  return [
    ...schemasOf(definitions).map((name) => ddl`CREATE SCHEMA IF NOT EXISTS ${ident(name)}`),
    ...extensions.map(
      ({ name, schema }) =>
        ddl`CREATE EXTENSION IF NOT EXISTS ${ident(name)} WITH SCHEMA ${ident(schema)}`,
    ),
    ...free.map(createSequence),
    ...inOrder(madeOf(definitions)).flatMap(({ statement }) => statement ?? []),
    ...free.flatMap(setOwner),
    ...distinctTypes(definitions).flatMap(laterChecks),
    ...tables.flatMap(addConstraints),
    ...tables.flatMap(createIndexes),
    ...tables.flatMap(replicaIdentityStatement),
    ...tables.flatMap(joinParents),
    ...tables.flatMap(addForeignKeys),
  ];
};

const schemasOf = (definitions: SnapshotDefinitions): readonly string[] => {
  const { tables, sequences, extensions, objects = [] } = definitions;
  const names = [
    ...[...tables, ...sequences, ...distinctTypes(definitions)].map(({ name }) => name.schema),
    ...[...extensions, ...objects].map(({ schema }) => schema),
  ];
  return [...new Set(names)].filter((name) => name !== 'public' && name !== 'pg_catalog').sort();
};

interface Made {
  readonly name: string;
  readonly needs: readonly string[];
  readonly statement: Sql | null;
}

/** A table is a type too: a column may be of it. Each comes after what it is made of, and what it calls. */
const madeOf = (definitions: SnapshotDefinitions): readonly Made[] => {
  const { tables, sequences, objects = [], order = [] } = definitions;
  const types = distinctTypes(definitions);
  const multiranges = multirangesOf(types);
  const after = new Map(order.map((item) => [item.object, item.after]));
  const made = (name: string, uses: readonly string[], statement: Sql | null): Made => ({
    name,
    needs: [
      ...uses,
      ...uses.flatMap((it) => multiranges.get(it) ?? []),
      ...(after.get(name) ?? []),
    ],
    statement,
  });
  const identities = sequences.filter(({ identity }) => identity);
  return [
    ...objects.map((it) => made(neededKey(it), [], examinedStatement(it.definition))),
    ...types.map((type) => made(formatName(type.name), typesIn(type), createType(type))),
    ...tables.map((table) =>
      made(
        formatName(table.name),
        table.columns.map(({ type }) => elementOf(type)),
        createTable(table, identities),
      ),
    ),
  ];
};

/** Each type once, save for those that a table brings. */
const distinctTypes = ({
  tables,
  types = [],
}: Pick<SnapshotDefinitions, 'tables' | 'types'>): readonly TypeDefinition[] => {
  const named = new Set(tables.map(({ name }) => formatName(name)));
  const all = [...types, ...tables.flatMap((table) => table.types)].filter(
    ({ kind }) => kind !== 'collation',
  );
  const distinct = new Map(all.map((type) => [formatName(type.name), type]));
  return [...distinct].filter(([name]) => !named.has(name)).map(([, type]) => type);
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
