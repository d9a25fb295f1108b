// Definition of a table → the statements that make it, apart by when they can run. Pure; texts are those that a server
// deparsed. A child is made by itself and then joins its parents, so that no statement merges with another.

import { formatName, quoteIdentifier } from '../../model/identifier.ts';
import { columnText } from '../../model/schema/definition-text.ts';
import type { SequenceDefinition } from '../../model/schema/sequence-definition.ts';
import type {
  ColumnDefinition,
  ConstraintDefinition,
  TableDefinition,
} from '../../model/schema/table-definition.ts';
import { ddl, ident, join, qualified, type Sql, verbatim } from '../../postgres/sql/sql.ts';
import { sequenceOptions } from './sequence-statements.ts';

/** The table itself. `sequences` are those of its identity columns. */
export const createTable = (
  table: TableDefinition,
  sequences: readonly SequenceDefinition[],
): Sql => {
  const columns = table.columns.map((column) => columnSql(table, column, sequences));
  const parts = [
    table.unlogged ? ddl`CREATE UNLOGGED TABLE` : ddl`CREATE TABLE`,
    ddl`${qualified(table.name)} (${join(columns)})`,
    ...(table.partitionKey === null ? [] : [ddl`PARTITION BY ${verbatim(table.partitionKey)}`]),
  ];
  return join(parts, ' ');
};

const columnSql = (
  table: TableDefinition,
  column: ColumnDefinition,
  sequences: readonly SequenceDefinition[],
): Sql => {
  const plain = namedNotNull(table).has(column.name) ? { ...column, notNull: false } : column;
  const sequence = sequences.find(
    ({ owner }) =>
      owner?.column === column.name && formatName(owner.table) === formatName(table.name),
  );
  if (column.identity === null || sequence === undefined) return verbatim(columnText(plain));
  const { identity, ...rest } = plain;
  const text = verbatim(columnText({ ...rest, identity: null }));
  const when = identity === 'always' ? ddl`ALWAYS` : ddl`BY DEFAULT`;
  return ddl`${text} GENERATED ${when} AS IDENTITY (SEQUENCE NAME ${qualified(sequence.name)} ${sequenceOptions(sequence)})`;
};

/** Columns whose NOT NULL is a constraint of its own, which is not what the column clause would make. */
const namedNotNull = ({ columns, constraints }: TableDefinition): ReadonlySet<string> => {
  const named = constraints.filter(({ kind }) => kind === 'not null');
  return new Set(
    columns
      .map(({ name }) => name)
      .filter((name) =>
        named.some(({ definition }) =>
          `${definition} `.startsWith(`NOT NULL ${quoteIdentifier(name)} `),
        ),
      ),
  );
};

/** All but the foreign keys, keys first: an index of another constraint may be what an identity names. */
export const addConstraints = (table: TableDefinition): readonly Sql[] =>
  table.constraints
    .filter(({ kind }) => kind !== 'foreign key')
    .toSorted((a, b) => Number(b.kind === 'primary key') - Number(a.kind === 'primary key'))
    .map((constraint) => addConstraint(table, constraint));

/** What needs other tables: last of all. */
export const addForeignKeys = (table: TableDefinition): readonly Sql[] =>
  table.constraints
    .filter(({ kind }) => kind === 'foreign key')
    .map((constraint) => addConstraint(table, constraint));

const addConstraint = (table: TableDefinition, { name, definition }: ConstraintDefinition): Sql =>
  ddl`ALTER TABLE ${qualified(table.name)} ADD CONSTRAINT ${ident(name)} ${verbatim(definition)}`;

/** Before partitions join: an index that is not ONLY the parent's comes to them by itself. */
export const createIndexes = (table: TableDefinition): readonly Sql[] =>
  table.indexes.filter(({ valid }) => valid).map(({ definition }) => verbatim(definition));

/** Nothing for what a table has anyway. */
export const replicaIdentityStatement = ({ name, identity }: TableDefinition): readonly Sql[] => {
  const alter = ddl`ALTER TABLE ${qualified(name)} REPLICA IDENTITY`;
  switch (identity.mode) {
    case 'default':
      return [];
    case 'full':
      return [ddl`${alter} FULL`];
    case 'nothing':
      return [ddl`${alter} NOTHING`];
    case 'index':
      return identity.index === null ? [] : [ddl`${alter} USING INDEX ${ident(identity.index)}`];
  }
};

/** After all parents are complete. */
export const joinParents = ({ name, parents, bound }: TableDefinition): readonly Sql[] =>
  parents.map((parent) =>
    bound === null
      ? ddl`ALTER TABLE ${qualified(name)} INHERIT ${qualified(parent)}`
      : ddl`ALTER TABLE ${qualified(parent)} ATTACH PARTITION ${qualified(name)} ${verbatim(bound)}`,
  );
