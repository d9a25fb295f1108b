// Whether the names by which COPY reads or stores rows mean the tables and the columns that they meant when the copy was
// prepared: two of them may swap their names, and swap them back, and no row tells of it.

import { type ColumnName, whyRenamed } from '../../model/copy/column-mark.ts';
import { lacksTypes, otherTypes } from '../../model/copy/table-mark.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { typeFacts } from '../../postgres/sql/type-facts.ts';

export interface NamedTable {
  readonly oid: number;
  readonly name: QualifiedName;
  /** Those that are copied. */
  readonly columns: readonly ColumnName[];
  /** What the values of its columns are made of; absent: not looked at. */
  readonly types?: readonly string[];
}

export interface OtherName {
  readonly name: QualifiedName;
  readonly why: string;
}

/**
 * The first table of which a name means something else now. Null: there is none. In a transaction that holds tables of
 * these names: while one has its name, no other can get it.
 */
export const findOtherName = async (
  session: Session,
  tables: readonly NamedTable[],
): Promise<OtherName | null> => {
  const now = await readNames(session, tables);
  for (const { oid, name, columns } of tables) {
    const found = now.get(oid);
    const isSame = found?.table === formatName(name);
    const why = isSame ? whyRenamed(columns, found.columns) : 'another table has its name';
    if (why !== null) return { name, why };
  }
  return null;
};

/** The first table whose columns got other types. Null: there is none. In a transaction as above, of READ COMMITTED. */
export const findOtherType = async (
  session: Session,
  tables: readonly NamedTable[],
): Promise<OtherName | null> => {
  const rows = await session.query<{ readonly oid: number; readonly types: readonly string[] }>(sql`
    SELECT t.oid, ${typeFacts(sql`t.oid::oid`, { exact: true })} AS types
      FROM pg_catalog.unnest(${tables.map(({ oid }) => oid)}::int8[]) AS t (oid)`);
  const now = new Map(rows.map(({ oid, types }) => [oid, types]));
  const other = tables.find(({ oid, types }) => lacksTypes(types, now.get(oid)));
  return other === undefined ? null : { name: other.name, why: otherTypes };
};

interface Names {
  /** By formatName. */
  readonly table: string;
  readonly columns: readonly ColumnName[];
}

/**
 * By OID, what the tables and the columns of these numbers are called. A query of pg_attribute would show what the
 * snapshot of the transaction does; this function knows what is so now.
 */
async function readNames(
  session: Session,
  tables: readonly NamedTable[],
): Promise<ReadonlyMap<number, Names>> {
  const asked = tables.flatMap(({ oid, columns }) =>
    [0, ...columns.map(({ number }) => number)].map((number) => ({ oid, number })),
  );
  const rows = await session.query<NameRow>(sql`
    SELECT n.oid, n.number, i.object_names AS names
      FROM ROWS FROM (pg_catalog.unnest(${asked.map(({ oid }) => oid)}::int8[]),
                      pg_catalog.unnest(${asked.map(({ number }) => number)}::int4[])) AS n (oid, number)
     CROSS JOIN LATERAL pg_catalog.pg_identify_object_as_address(
             'pg_catalog.pg_class'::pg_catalog.regclass, n.oid::oid, n.number) AS i`);
  const byTable = Map.groupBy(rows, ({ oid }) => oid);
  return new Map([...byTable].map(([oid, found]) => [oid, namesOf(found)]));
}

interface NameRow {
  readonly oid: number;
  /** Of a column; 0: of the table. */
  readonly number: number;
  /** Schema, table and column. */
  readonly names: readonly string[] | null;
}

const namesOf = (rows: readonly NameRow[]): Names => {
  const [schema = '', name = ''] = rows.find(({ number }) => number === 0)?.names ?? [];
  const columns = rows.flatMap(({ number, names }) => {
    const column = names?.[2];
    return column === undefined ? [] : [{ number, name: column }];
  });
  return { table: formatName({ schema, name }), columns };
};
